"""`companion serve` with three real models, tiny ones: a spoken question in, a spoken answer with its face out."""

from __future__ import annotations

import asyncio
import importlib.util
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from talk import wav
from testkit.real.conversation import RATE, Heard, converse, served
from tests.engines.tiny import lm, voices, whisper

pytestmark = [pytest.mark.models, pytest.mark.realtime]

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
        "whisper.hints": "false",  # the tiny model has learnt nothing of them
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
        "turns.speech_stall_s": 60,
        "turns.transcript_wait_s": 60,
        "models.offline": "true",
        "log.format": "json",
    }
    return [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


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
        assert heard.mind == "transformers"
        assert heard.question.strip(" .?!").lower() == QUESTION.strip(".").lower()
        assert heard.reason == "complete"
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
