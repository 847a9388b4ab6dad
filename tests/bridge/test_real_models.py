"""`companion serve` with three real models, tiny ones: a spoken question in, a spoken answer with its face out."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from talk import wav
from talk.client import Companion
from tests.engines.tiny import lm, voices, whisper

RATE, FRAME = 16_000, 320
QUESTION = "Tell me about the rainbow."
PACKAGES = ("faster_whisper", "torch", "transformers", "TTS", "peft")


@pytest.fixture
def models() -> list[str]:
    """The settings that choose the models, built now unless this machine has them."""
    for package in PACKAGES:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"needs the package {package}, which is not installed")
    settings = {
        "engines.stt": "whisper",
        "whisper.model": whisper.folder(),
        "whisper.threads": 1,
        "engines.dialogue": "transformers",
        "transformers.model": lm.lm_folder(),
        "transformers.temperature": 0,
        "transformers.context": 1024,
        "transformers.max_tokens": 60,
        "transformers.threads": 1,
        "engines.tts": "coqui",
        "coqui.model": voices.vits(),
        "identity.path": lm.person().origin,
        "turns.stall_s": 60,
        "turns.transcript_wait_s": 60,
        "models.offline": "true",
        "log.format": "json",
    }
    return [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


@contextlib.asynccontextmanager
async def served(settings: list[str]) -> AsyncIterator[int]:
    """The port on which the command serves, until it has been told to end and has."""
    path = [str(Path(entry).absolute()) for entry in sys.path]  # noqa: ASYNC240 - before anything is served
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(path),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge", "serve", "--port", "0", *settings,
        stderr=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip
    assert process.stderr is not None
    told: list[str] = []
    try:
        while True:
            line = (await process.stderr.readline()).decode()
            assert line, f"the server did not start:\n{''.join(told)}"
            told.append(line)
            with contextlib.suppress(ValueError):
                record = json.loads(line)
                if isinstance(record, dict) and "port" in record:
                    port = int(record["port"])
                    break
        draining = asyncio.ensure_future(process.stderr.read())
        try:
            yield port
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await draining
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class Heard:
    """What the client got of one turn."""

    def __init__(self) -> None:
        self.question = ""
        self.answer = ""
        self.pcm = b""
        self.frames = 0
        self.open_mouth = 0
        self.gaps = 0


async def converse(port: int, sound: bytes) -> Heard:
    """Speaks `sound` at the speed of life and listens to the answer, as a client does."""
    heard = Heard()
    async with (
        Companion.connect(
            f"ws://127.0.0.1:{port}", user="Ada", audio={"aec": True}, face={"profile": "arkit52", "fps": 60}
        ) as companion,
        asyncio.TaskGroup() as group,
    ):
        speaking = group.create_task(speak(companion, sound))
        jaw = 0
        async for message in companion:
            match message["type"]:
                case "welcome":
                    assert message["engines"] == {**message["engines"], "dialogue": "transformers"}
                    jaw = message["face"]["names"].index("jawOpen")
                    width = len(message["face"]["names"])
                case "transcript" if message["final"]:
                    heard.question = message["text"]
                case "media" if message["turn"]:
                    heard.gaps += message["pts"] != len(heard.pcm)  # two bytes and two ticks a sample of 24 kHz
                    heard.pcm += message["pcm"]
                    face = message["face"]
                    heard.frames += len(face) // width
                    heard.open_mouth += sum(face[i + jaw] > 20 for i in range(0, len(face), width))
                    await companion.playhead(message["turn"], len(heard.pcm))
                case "error":
                    raise AssertionError(message)
                case "reply_end":
                    assert message["reason"] == "complete"
                    heard.answer = message["text"]
                    break
        speaking.cancel()
    return heard


async def speak(companion: Companion, sound: bytes) -> None:
    """The microphone: the sound, then silence until it is cancelled."""
    loop = asyncio.get_running_loop()
    begun, number = loop.time(), 0
    while True:
        frame = sound[number * 2 * FRAME :][: 2 * FRAME]
        await companion.mic(frame.ljust(2 * FRAME, b"\0"), pts=number * FRAME)
        number += 1
        await asyncio.sleep(begun + number * FRAME / RATE - loop.time())


def test_a_spoken_question_is_answered_by_voice_and_face(models: list[str], tmp_path: Path) -> None:
    wav.write(tmp_path / "question.wav", whisper.spoken(QUESTION, after=0.1), rate=RATE)

    async def main() -> tuple[list[Heard], str]:
        async with served(models) as port, asyncio.timeout(240):
            sound = wav.read(tmp_path / "question.wav", rate=RATE)
            heard = [await converse(port, sound)]
            heard += await asyncio.gather(*(converse(port, sound) for _ in range(2)))
            metrics = await asyncio.to_thread(read, f"http://127.0.0.1:{port}/metrics")
            return heard, metrics

    answers, metrics = asyncio.run(main())
    for heard in answers:
        assert heard.question.strip(" .?!").lower() == QUESTION.strip(".").lower()
        assert heard.answer == lm.DEFAULT  # which it has learnt to say to what it was never asked
        seconds = len(heard.pcm) / 2 / 24_000
        assert seconds > 0.5
        assert abs(heard.frames - seconds * 60) < 7
        assert heard.open_mouth > heard.frames // 20
        assert heard.gaps == 0
        wav.write(tmp_path / "answer.wav", heard.pcm, rate=24_000)
        assert any(wav.read(tmp_path / "answer.wav", rate=24_000))
    stages: Any = [line for line in metrics.splitlines() if line.startswith("companion_work_items_total{")]
    assert {line.split('stage="')[1].split('"')[0] for line in stages} >= {"llm"}
    assert len(stages) >= 3


def read(address: str) -> str:
    """What stands at an address of this machine."""
    with urllib.request.urlopen(address, timeout=60) as answer:
        text: str = answer.read().decode()
        return text
