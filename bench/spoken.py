"""Speaks sentences with several synthetic voices, and says when each word ends: sound for judges of endings.

flite (Debian's package, called as a program), eSpeak NG by the embedded engine, and Piper's voice of
`testkit.real.packages` where it can be fetched. What a voice lacks on a machine is left out and said.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engines.api import MIC_RATE, Phrase, Speech, Stream, Voice
from engines.jobs import Tts
from engines.sound.audio import resampled
from engines.voices.espeak.engine import EspeakTts
from testkit.real.packages import PIPER_JOE, Unavailable, folder

FLITE = ("slt", "rms", "awb")
ESPEAK = (("en-us", 0.9),)  # language and rate


@dataclass(frozen=True, slots=True)
class Take:
    """One sentence by one voice: mono samples -1..1 at MIC_RATE without silence around, and where each word ends."""

    voice: str
    text: str
    sound: np.ndarray[Any, np.dtype[np.float32]]
    ends: tuple[int, ...]


def takes(sentences: tuple[str, ...]) -> Iterator[Take]:
    """Speak every sentence with every voice that is here."""
    if shutil.which("flite"):
        for voice in FLITE:
            for text in sentences:
                yield by_flite(voice, text)
    for language, rate in ESPEAK:
        for text, sound, ends in asyncio.run(_by_engine(EspeakTts(), sentences, Voice(language, rate=rate))):
            yield _trimmed(f"espeak-ng {language}", text, sound, ends)
    try:
        from engines.voices.piper.engine import PiperTts

        model = next(folder(PIPER_JOE).glob("*.onnx"))
    except (Unavailable, ImportError) as error:
        print(f"without Piper: {error}")
        return
    for text, sound, ends in asyncio.run(_by_engine(PiperTts(model=str(model)), sentences, Voice("en-us"))):
        yield _trimmed("piper joe", text, sound, ends)


def by_flite(voice: str, text: str) -> Take:
    """Speak `text` by a voice of flite; FileNotFoundError where that is not installed."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "said.wav")
        said = _flite(voice, text, str(path))
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    phones = [(name, float(end)) for name, end in re.findall(r"(\S+?):([\d.]+)", said)]
    ends, at = [], 0
    for word in text.split():
        count = sum(name != "pau" for name, _ in re.findall(r"(\S+?):([\d.]+)", _flite(voice, word, "none")))
        for _ in range(count):
            while at < len(phones) and phones[at][0] == "pau":
                at += 1
            at += 1
        ends.append(round(phones[min(at, len(phones)) - 1][1] * MIC_RATE))
    plain = asyncio.run(_at_mic_rate([Speech(sound.tobytes(), rate)]))
    return _trimmed(f"flite {voice}", text, plain, ends)


def _flite(voice: str, text: str, out: str) -> str:
    done = subprocess.run(
        ["flite", "-voice", voice, "-psdur", "-t", text, "-o", out], capture_output=True, text=True, check=True
    )
    return done.stdout


async def _by_engine(tts: Tts, sentences: tuple[str, ...], voice: Voice) -> list[tuple[str, bytes, list[int]]]:
    await tts.start()
    said = []
    try:
        for text in sentences:
            async with aclosing(tts.speak(_once(text), voice)) as stream:
                pieces = [piece async for piece in stream]
            ends, before = [], 0
            for piece in pieces:
                ends += [round((before + word.end) * MIC_RATE / piece.rate) for word in piece.words]
                before += piece.samples
            said.append((text, await _at_mic_rate(pieces), ends))
    finally:
        await tts.close()
    return said


async def _once(text: str) -> Stream[Phrase]:
    yield Phrase(text)


async def _at_mic_rate(pieces: list[Speech]) -> bytes:
    async def every() -> Stream[Speech]:
        for piece in pieces:
            yield piece

    async with aclosing(resampled(every(), MIC_RATE)) as stream:
        return b"".join([piece.pcm async for piece in stream])


def _trimmed(voice: str, text: str, pcm: bytes, ends: list[int]) -> Take:
    sound = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
    loud = np.nonzero(np.abs(sound) > 0.02 * np.abs(sound).max())[0]
    first, last = int(loud[0]), int(loud[-1]) + 1
    inside = [min(last, max(first, end)) - first for end in ends]
    return Take(voice, text, sound[first:last], tuple(inside))
