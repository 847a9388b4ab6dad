"""Sounds for the tests of what listens: silence, noise, hum, and speech by the embedded synthesizer."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import soxr

from engines.api import MIC_RATE, Phrase, Stream, Voice
from engines.voices.espeak.engine import EspeakTts


def windows(sound: bytes, samples: int) -> list[bytes]:
    """The whole windows in a sound."""
    edges = range(0, len(sound) + 1, 2 * samples)
    return [sound[start:end] for start, end in pairwise(edges)]


def pcm(values: npt.ArrayLike) -> bytes:
    """S16le of samples at full scale 32768, clipped."""
    return bytes(np.clip(np.rint(values), -32768, 32767).astype("<i2").tobytes())


def silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * MIC_RATE))


def noise(seconds: float, decibels: float, seed: int = 0) -> bytes:
    """White noise of an RMS level relative to full scale."""
    values = np.random.default_rng(seed).normal(0.0, 32768 * 10 ** (decibels / 20), round(seconds * MIC_RATE))
    return pcm(values)


def hum(seconds: float, decibels: float) -> bytes:
    """Mains hum: 50 Hz and its third harmonic."""
    at = np.arange(round(seconds * MIC_RATE)) / MIC_RATE
    wave = np.sin(2 * np.pi * 50 * at) + 0.5 * np.sin(2 * np.pi * 150 * at)
    level = 32768 * 10 ** (decibels / 20) / np.sqrt(0.625)
    return pcm(wave * level)


def mixed(one: bytes, other: bytes) -> bytes:
    """The sum of two sounds of one length."""
    total = np.frombuffer(one, "<i2").astype(np.int32) + np.frombuffer(other, "<i2")
    return pcm(total)


async def _one(phrase: Phrase) -> Stream[Phrase]:
    yield phrase


async def _speak(text: str) -> tuple[bytes, int]:
    tts = EspeakTts()
    await tts.start()
    try:
        async with aclosing(tts.speak(_one(Phrase(text)), Voice())) as pieces:
            return b"".join([piece.pcm async for piece in pieces]), tts.rate
    finally:
        await tts.close()


@lru_cache
def speech(text: str, lead: float = 0.3, trail: float = 0.4) -> bytes:
    """A voice in a quiet room, with the room before and after it."""
    # In a thread of its own, so that a test may call it while its own loop runs.
    with ThreadPoolExecutor(1) as thread:
        made, rate = thread.submit(lambda: asyncio.run(_speak(text))).result()
    voice = soxr.resample(np.frombuffer(made, "<i2").astype(np.float32), rate, MIC_RATE)
    whole = silence(lead) + pcm(voice) + silence(trail)
    return mixed(whole, noise(len(whole) / 2 / MIC_RATE, -60))
