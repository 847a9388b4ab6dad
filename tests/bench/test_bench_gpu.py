"""The bench of real architectures, run whole on a CPU with a tiny one."""

from __future__ import annotations

import asyncio
import json
import math
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the bench builds language models with torch")
pytest.importorskip("transformers", reason="the bench builds language models with transformers")

from bench.gpu import __main__ as gpu
from bench.gpu import race, voices
from bench.gpu.built import once
from bench.gpu.drive import Outcome
from bench.gpu.models import tokenizer
from bench.gpu.serve import stages
from engines.api import MIC_RATE, Phrase, Stream, Voice
from engines.jobs import Tts

pytestmark = pytest.mark.models


def test_every_token_of_the_made_up_vocabulary_can_be_said_and_none_is_lost() -> None:
    made = tokenizer(2000)
    assert len(made) == 2000
    assert made.decode(made.encode("Größe 你好")) == "Größe 你好"
    said = made.decode([1000, 1500, 1999])
    assert len(said.split()) == 3
    assert said.replace(" ", "").isalpha()


def test_stages_are_read_from_the_metrics() -> None:
    text = (
        'companion_turn_seconds_sum{stage="first_media"} 1.5\ncompanion_turn_seconds_count{stage="first_media"} 3.0\n'
    )
    assert stages(text) == {"first_media": 500.0}


def test_a_row_of_the_table_says_what_was_measured() -> None:
    work = {"stage": "llm", "tokens": 100, "busy": 2.0, "items": 60, "batches": 20, "audio": 0.0}
    voice = {"stage": "vits sound", "tokens": 0, "busy": 1.0, "items": 4, "batches": 4, "audio": 10.0}
    text = {**voice, "stage": "vits text", "audio": 0.0}
    ear = {**voice, "stage": "whisper", "busy": 0.5}
    outcome = Outcome(
        final_ms=[100.0], first_ms=[200.0, 300.0], late=1, gaps=1, gap_ms=20.0, media=50, turns=2, failed={"x": 1}
    )
    report = {"work": [work, voice, text, ear], "stall_ms": {"p99": 1.5}, "memory_mb": 0.0}
    row = gpu.row(2, outcome, report)
    assert row == [2, 2, 1, "1/50", 1, 20.0, 50.0, 3.0, 0.05, 0.2, 1.5, 0.0]
    assert len(row) == len(gpu.HEAD)
    final, token, first = gpu.latencies(2, outcome)
    assert final == [2, "final transcript", 1, 100.0, 100.0, 100.0]
    assert token[2] == 0
    assert first[2:] == [2, 200.0, 300.0, 300.0]
    assert len(first) == len(gpu.LATENCIES)


def test_silence_behind_the_words_is_not_speech() -> None:
    loud = b"\x00\x10" * 5
    assert gpu.trimmed(bytes(8) + loud + bytes(100)) == bytes(8) + loud
    assert gpu.trimmed(bytes(100)) == bytes(100)


def test_a_model_is_built_once_and_whole_or_not_at_all(tmp_path: Path) -> None:
    def half(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError

    with pytest.raises(OSError):
        once(tmp_path / "models", "lm", half)
    assert list((tmp_path / "models").iterdir()) == []
    built = once(tmp_path / "models", "lm", lambda folder: (folder / "whole").touch())
    assert once(tmp_path / "models", "lm", half) == built
    assert (built / "whole").exists()


async def said(tts: Tts) -> float:
    """Seconds of a sentence."""

    async def phrases() -> Stream[Phrase]:
        yield Phrase("Hello there, how are you?")

    await tts.start()
    try:
        return sum([piece.samples async for piece in tts.speak(phrases(), Voice())]) / tts.rate
    finally:
        await tts.close()


@pytest.mark.skipif(not find_spec("TTS"), reason="VITS and XTTS are Coqui's: coqui-tts is not installed")
def test_built_voices_speak_for_an_ordinary_time(tmp_path: Path) -> None:
    from engines.voices.coqui.engine import CoquiTts
    from engines.voices.coqui.xtts import XttsTts
    from tests.engines.tiny.voices import small_vocoder

    small_vocoder()
    codes = 20
    vits = once(tmp_path, "vits", lambda folder: voices.vits(folder, "tiny"))
    xtts = once(tmp_path, "xtts", lambda folder: voices.xtts(folder, "tiny", codes=codes))
    assert 1.0 < asyncio.run(said(CoquiTts(model=str(vits), device="cpu"))) < 4.0
    assert (
        codes * 0.04
        < asyncio.run(said(XttsTts(model=str(xtts), device="cpu", speaker=voices.SPEAKER)))
        < codes * 0.05 + 1
    )


def test_it_runs_whole_with_tiny_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for package in ("TTS", "faster_whisper", "ctranslate2"):
        if not find_spec(package):
            pytest.skip(f"the whole bench needs the package {package}, which is not installed")
    report = tmp_path / "gpu.json"
    arguments = ["--tiny", "--sessions", "2", "--turns", "1", "--tokens", "12", "--models", str(tmp_path)]
    assert gpu.main([*arguments, "--json", str(report)]) == 0
    assert "first token" in capsys.readouterr().out
    (run,) = json.loads(report.read_text())
    assert run["failed"] == {}
    for measured in ("final_ms", "token_ms", "first_ms"):
        assert len(run[measured]) == 2
        assert all(0 < ms < 60_000 for ms in run[measured])
    assert not math.isnan(run["stall_ms"]["p99"])
    works = {work["stage"]: work for work in run["work"]}
    assert works["llm"]["tokens"] >= 4
    assert works["whisper"]["audio"] > 0
    assert works["vits sound"]["audio"] > 0
    assert {"lm-tiny-float32", "vits-tiny", "whisper-tiny-float32"} <= {path.name for path in tmp_path.iterdir()}


def test_what_is_built_is_sure_of_its_sentence(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper", reason="Whisper runs by faster-whisper")
    import numpy as np

    from bench.gpu import whisper
    from engines.hearing.whisper.decoder import WhisperDecoder, Window
    from engines.hearing.whisper.guards import Thresholds
    from engines.hearing.whisper.model import ModelChoice

    folder = once(tmp_path, "whisper", lambda made: whisper.whisper(made, "tiny", half=False))
    decoder = WhisperDecoder(ModelChoice(str(folder), "cpu"), Thresholds())
    decoder.load()
    noise = np.random.default_rng(1).standard_normal(2 * MIC_RATE).astype(np.float32) * np.float32(0.1)
    (heard,) = decoder.decode([Window(noise, "en", final=True)])
    assert heard.measures.trusted(Thresholds())
    left_out = 2 if decoder.multilingual else 0
    assert "".join(word.text for word in heard.words) == "".join(whisper.SENTENCE[left_out:])
    assert len(heard.tokens) == len(whisper.SENTENCE) - left_out


def test_the_race_runs(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--lm", "tiny", "--conversations", "1,2", "--prompt", "20", "--tokens", "4", "--rounds", "1"]
    assert race.main(arguments) == 0
    assert "| 2             | 2    |" in capsys.readouterr().out
