"""What the tests of the embedded synthesizer share: a started one, and ways to look at what it said."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import aclosing
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from engines.api import Phrase, Speech, Stream, Voice
from engines.jobs import Tts
from engines.voices.espeak.engine import EspeakTts

T = TypeVar("T")
RATE = 24_000
AMERICAN = Voice()


class Speaker:
    """A started synthesizer and the event loop it lives in."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.tts = EspeakTts()
        self.run(self.tts.start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def say(self, *phrases: str | Phrase, language: str = "en-us", **voice: Any) -> list[Speech]:
        return self.run(said(self.tts, *phrases, voice=Voice(language, **voice)))


async def stream(*phrases: str | Phrase) -> Stream[Phrase]:
    for phrase in phrases:
        yield phrase if isinstance(phrase, Phrase) else Phrase(phrase)


async def said(tts: Tts, *phrases: str | Phrase, voice: Voice = AMERICAN) -> list[Speech]:
    async with aclosing(tts.speak(stream(*phrases), voice)) as pieces:
        return [piece async for piece in pieces]


def ipa(pieces: list[Speech]) -> list[str]:
    return [phone.ipa or "_" for piece in pieces for phone in piece.phones]


def texts(pieces: list[Speech]) -> list[str]:
    return [word.text for piece in pieces for word in piece.words]


def samples(piece: Speech) -> np.ndarray[Any, np.dtype[np.int16]]:
    return np.frombuffer(piece.pcm, "<i2")


def well_formed(piece: Speech) -> None:
    assert piece.rate == RATE
    assert piece.source == "exact"
    assert piece.samples > 0
    assert piece.phones[0].start == 0
    assert piece.phones[-1].end == piece.samples
    assert all(a.end == b.start for a, b in pairwise(piece.phones))
    assert all(phone.start < phone.end for phone in piece.phones)
    assert not any(mark in phone.ipa for phone in piece.phones for mark in "ˈˌ()")
    assert all(0 <= word.start <= word.end <= piece.samples for word in piece.words)
    assert all(a.end <= b.start and a.at < b.at for a, b in pairwise(piece.words))
