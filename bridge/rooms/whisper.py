"""Answers one person in writing, through the chain that a spoken reply takes: the same gates, and no sound."""

from __future__ import annotations

import re
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from bridge.core.history import join
from bridge.core.timeline import SpokenWord
from bridge.session.companion import Companion
from bridge.session.patience import Limits
from bridge.session.reply import Excuses, Progress, reply
from engines.api import FaceStyle, Phrase, Request, Speech, Stream, Voice, Word

RATE: Final = 24_000
LONGEST: Final = 2000  # characters of an answer
_FACELESS: Final = FaceStyle("none", 60, 0, 0, "neutral", 0.0)


class Silent:
    """A voice that says nothing: what it is given is written and not heard."""

    name = "silent"
    rate = RATE

    async def start(self) -> None:
        """Do nothing: there is nothing to load."""

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Yield a moment of silence for each phrase."""
        async with aclosing(phrases):
            async for phrase in phrases:
                words = tuple(Word(found[0], 0, 0, found.start()) for found in re.finditer(r"\S+", phrase.text))
                yield Speech(bytes(2 * RATE // 50), RATE, words=words, source="audio")


async def written(companion: Companion, request: Request, limits: Limits) -> str:
    """Return the answer to `request`, without markup; EngineError where there is none."""
    engines = replace(companion.engines, tts=Silent(), face=None)
    stream = reply(
        engines,
        request,
        style=_FACELESS,
        rate=RATE,
        channels=0,
        emotions=companion.emotions,
        limits=limits,
        progress=Progress(),
        excuses=Excuses(companion.sorry, companion.away, companion.withheld),
    )
    words: list[SpokenWord] = []
    async with aclosing(stream):
        async for stamped in stream:
            words += [item for item in stamped if isinstance(item, SpokenWord)]
    return join(words)[:LONGEST]
