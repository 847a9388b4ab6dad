"""Has the embedded synthesizer say lines, one after another, and gives their sound back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing

import numpy as np

from engines.api import Phrase, Stream, Voice
from engines.voices.espeak.engine import EspeakTts
from studio.voice.loudness import Floats

RATE = 24_000  # samples per second


def said(line: str, voices: Sequence[Voice], *, told: Callable[[int], None] = lambda count: None) -> list[Floats]:
    """Return how each voice says the line, mono at RATE, full scale 1.0; EngineError when one cannot.

    `told` hears how many are done.
    """
    return asyncio.run(_said(line, voices, told))


async def _said(line: str, voices: Sequence[Voice], told: Callable[[int], None]) -> list[Floats]:
    engine = EspeakTts(rate=RATE)
    found: list[Floats] = []
    try:
        await engine.start()
        for voice in voices:
            async with aclosing(engine.speak(_once(line), voice)) as pieces:
                pcm = b"".join([piece.pcm async for piece in pieces])
            found.append(np.frombuffer(pcm, np.int16).astype(np.float64) / 32768)
            told(len(found))
    finally:
        await engine.close()
    return found


async def _once(line: str) -> Stream[Phrase]:
    yield Phrase(line)
