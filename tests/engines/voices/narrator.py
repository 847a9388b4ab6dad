"""What the tests of the neural voices share: a started engine in a loop of its own, and ways to look at its speech."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import Coroutine
from contextlib import aclosing
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import pytest

from engines.api import EngineError, Phrase, Speech, Stream, Voice
from engines.jobs import Tts

T = TypeVar("T")


def needs(extra: str, *packages: str) -> None:
    """Skips a module of tests where a package of an extra is missing."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"the extra [{extra}] is not installed: there is no {package}", allow_module_level=True)


class Narrator:
    """A started synthesizer and the event loop it lives in."""

    def __init__(self, tts: Tts) -> None:
        self.runner = asyncio.Runner()
        self.tts: Any = tts
        try:
            self.run(tts.start())
        except BaseException:
            self.runner.close()
            raise

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def say(self, *phrases: str | Phrase, **voice: Any) -> list[Speech]:
        return self.run(said(self.tts, *phrases, voice=Voice(**voice)))

    def close(self) -> None:
        self.run(self.tts.close())
        self.runner.close()


async def stream(*phrases: str | Phrase) -> Stream[Phrase]:
    for phrase in phrases:
        yield phrase if isinstance(phrase, Phrase) else Phrase(phrase)


async def said(tts: Tts, *phrases: str | Phrase, voice: Voice) -> list[Speech]:
    async with aclosing(tts.speak(stream(*phrases), voice)) as pieces:
        return [piece async for piece in pieces]


async def side_by_side(tts: Any, stage: str, *work: Coroutine[Any, Any, T]) -> list[T]:
    """Runs all of it, the device held until a piece of each waits for `stage`."""
    loop, gate = tts.running.loop, threading.Event()
    held = asyncio.ensure_future(loop.call(gate.wait, code="tts_failed"))
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        # Other processes read the texts: there is no event.
        while loop._waiting.count(stage) < len(tasks) and not any(map(asyncio.Task.done, tasks)):  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    finally:
        gate.set()
    await held
    return await asyncio.gather(*tasks)


def refusal(tts: Tts) -> EngineError:
    """Why it does not start."""

    async def main() -> EngineError:
        try:
            await tts.start()
        except EngineError as error:
            return error
        finally:
            await tts.close()
        raise AssertionError("it started")

    return asyncio.run(main())


def ipa(pieces: list[Speech]) -> str:
    """All sounds, a pause as "_"; a sound that a seam cut counts once."""
    found = [phone.ipa or "_" for piece in pieces for phone in piece.phones]
    return "".join(found)


def texts(pieces: list[Speech]) -> list[str]:
    return [word.text for piece in pieces for word in piece.words]


def samples(pieces: list[Speech]) -> np.ndarray[Any, np.dtype[np.int16]]:
    return np.frombuffer(b"".join(piece.pcm for piece in pieces), "<i2")


def well_formed(pieces: list[Speech], rate: int) -> None:
    for piece in pieces:
        assert piece.rate == rate
        if piece.source == "audio" or not piece.samples:
            assert piece.phones == ()
            continue
        assert piece.phones[0].start == 0
        assert piece.phones[-1].end == piece.samples
        assert all(a.end == b.start for a, b in pairwise(piece.phones))
        assert all(phone.start < phone.end for phone in piece.phones)
        assert not any(mark in phone.ipa for phone in piece.phones for mark in "ˈˌ()")
        assert all(0 <= word.start <= word.end <= piece.samples for word in piece.words)
