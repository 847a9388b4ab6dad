"""A Whisper small enough to be made in the tests, taught a few sentences until it writes them down word for word.

`folder()` is a faster-whisper model with windows of five seconds; `spoken(sentence)` is what it understands: SENTENCES
in espeak-ng's American voice, from any word to any word, one after the other, in a little noise.
`tests.engines.tiny.whisper_lessons` taught it, and examines it in a process of its own; a machine keeps it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from engines.api import MIC_RATE, Phrase, Stream, Voice
from engines.voices.espeak.engine import EspeakTts
from testkit.kept import kept

SENTENCES = (
    "Hello there, how are you today?",
    "What is the speed of sound?",
    "Please turn on the blue light.",
    "Tell me about the rainbow.",
    "My name is Ada, and I like music.",
)
WINDOW = 5  # seconds
NEEDS = ("faster_whisper", "ctranslate2", "torch", "transformers", "tokenizers")
ROOT = Path(__file__).parent.parent.parent.parent

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Spoken:
    """A sentence in sound (-1..1, MIC_RATE) and its words with their times in seconds."""

    audio: Floats
    words: tuple[tuple[str, float, float], ...]


def folder() -> Path:
    """The model's folder; skips the test where a package is missing."""
    for package in NEEDS:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"a tiny Whisper is made with the package {package}, which is not installed")
    return _made()


@cache
def _made() -> Path:
    here = Path(__file__)
    files = [here, here.with_name("whisper_lessons.py"), *sorted(here.with_name("taught").iterdir())]
    return kept("whisper", _examined, files=files, packages=NEEDS)


def _examined(home: Path) -> None:
    environ = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "tests.engines.tiny.whisper_lessons", str(home)]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)


def spoken(*sentences: str, gap: float = 0.2, before: float = 0.3, after: float = 0.4) -> bytes:
    """The sentences one after the other as a microphone gives them, with silence around them (s)."""
    quiet = np.zeros(round(gap * MIC_RATE), np.float32)
    parts = [np.zeros(round(before * MIC_RATE), np.float32)]
    for number, sentence in enumerate(sentences):
        parts += [quiet] * bool(number) + [rendered()[sentence].audio]
    sound = np.concatenate([*parts, np.zeros(round(after * MIC_RATE), np.float32)])
    return (sound * 32767).astype("<i2").tobytes()


@cache
def rendered() -> dict[str, Spoken]:
    """The sentences as the embedded synthesizer speaks them."""
    with ThreadPoolExecutor(1) as aside:  # the test's own event loop may be running
        return aside.submit(lambda: asyncio.run(_render())).result()


async def _render() -> dict[str, Spoken]:
    async def phrase(text: str) -> Stream[Phrase]:
        yield Phrase(text)

    tts = EspeakTts()
    await tts.start()
    found: dict[str, Spoken] = {}
    for sentence in SENTENCES:
        pcm, words, at = b"", [], 0
        async with aclosing(tts.speak(phrase(sentence), Voice())) as pieces:
            async for piece in pieces:
                words += [(w.text, (at + w.start) / tts.rate, (at + w.end) / tts.rate) for w in piece.words]
                at += piece.samples
                pcm += piece.pcm
        audio = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        last = round((words[-1][2] + 0.1) * tts.rate)
        found[sentence] = Spoken(soxr.resample(audio[:last], tts.rate, MIC_RATE).astype(np.float32), tuple(words))
    await tts.close()
    return found
