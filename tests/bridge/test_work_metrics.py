"""What engines measure of themselves stands in `/metrics`, once for each device and stage."""

from __future__ import annotations

import asyncio

from bridge.metrics import Metrics
from engines.api import Phrase, Speech, Voice
from engines.device.loop import Stage, open_device
from engines.jobs import Engines
from engines.measures.work import Work
from engines.voices.espeak.engine import EspeakTts
from testkit.scripted.engines import ScriptedDialogue, ScriptedTts
from tests.engines.voices.speaker import said


class MeasuredTts(ScriptedTts):
    """Works on a device."""

    def __init__(self, works: tuple[Work, ...]) -> None:
        super().__init__()
        self._works = works

    def work(self) -> tuple[Work, ...]:
        return self._works


class MeasuredDialogue(ScriptedDialogue):
    """Shares it."""

    def __init__(self, works: tuple[Work, ...]) -> None:
        super().__init__()
        self._works = works

    def work(self) -> tuple[Work, ...]:
        return self._works


def works() -> tuple[Work, ...]:
    """Those of a device that doubled two numbers, and lost a third."""

    async def main() -> tuple[Work, ...]:
        loop = open_device("cuda:7")

        def halve(items: list[int]) -> list[int]:
            loop.credit("halve", tokens=3, audio=0.5)
            return [10 // item for item in items]

        stage: Stage[int, int] = Stage("halve", halve, "tts_failed", max_batch=4)
        await loop.run(stage, 1)
        await loop.run(stage, 2)
        await asyncio.gather(loop.run(stage, 0), return_exceptions=True)
        found = loop.work()
        await loop.close()
        return found

    return asyncio.run(main())


def test_engines_that_measure_are_exposed_once_and_the_others_left_alone() -> None:
    found = works()
    metrics = Metrics()
    metrics.watch(Engines(None, None, MeasuredDialogue(found), MeasuredTts(found), None))
    lines = metrics.text().decode().splitlines()
    where = '{device="cuda:7",stage="halve"}'
    assert f"companion_work_items_total{where} 2.0" in lines
    assert f"companion_work_tokens_total{where} 9.0" in lines
    assert f"companion_work_batch_limit{where} 4.0" in lines
    assert 'companion_work_lost_total{device="cuda:7",kind="failed",stage="halve"} 1.0' in lines
    assert f"companion_work_queue_seconds_count{where} 3.0" in lines
    assert len([line for line in lines if line.startswith("companion_work_busy_seconds_total{")]) == 1
    assert sum('le="+Inf"' in line and "queue" in line for line in lines) == 1
    plain = Metrics()
    plain.watch(Engines(None, None, ScriptedDialogue(), ScriptedTts(), None))
    assert "companion_work_items_total{" not in plain.text().decode()


def test_a_voice_in_a_process_of_its_own_tells_how_fast_it_is() -> None:
    async def main() -> tuple[list[Speech], str]:
        voice = EspeakTts()
        metrics = Metrics()
        metrics.watch(Engines(None, None, ScriptedDialogue(), voice, None))
        await voice.start()
        try:
            return await said(voice, Phrase("One two three."), voice=Voice()), metrics.text().decode()
        finally:
            await voice.close()

    pieces, text = asyncio.run(main())
    where = '{device="process",stage="espeak-ng speak"}'
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if where in line)
    assert float(values[f"companion_work_items_total{where}"]) == 2  # the first warms it up
    assert float(values[f"companion_work_audio_seconds_total{where}"]) > sum(p.samples for p in pieces) / 24_000
    assert 0 < float(values[f"companion_work_real_time_factor{where}"]) < 100
    assert float(values[f"companion_work_queue_seconds_count{where}"]) == 2
    assert float(values[f"companion_work_restarts_total{where}"]) == 0
