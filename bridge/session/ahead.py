"""Speaks the first phrase before it is certain: a full stop ends a sentence only if what follows does not go on.

The token that decides costs a token's time, which the user would hear as silence. So the synthesizer begins at once,
and what it made is let go when the next token has come, or thrown away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from bridge.session.rereading import Rereading
from engines.api import Phrase, Speech, Stream


@dataclass(frozen=True, slots=True)
class Likely:
    """The first phrase of a reply as it will be, unless the next token belongs to it."""

    phrase: Phrase


Reading: TypeAlias = Rereading[Phrase | Likely]
Speak: TypeAlias = Callable[[Stream[Phrase]], Stream[Speech]]


async def certain(phrases: Reading) -> Stream[Phrase]:
    """Yield the phrases that are there without a doubt."""
    async with aclosing(phrases.items()) as items:
        async for item in items:
            if isinstance(item, Phrase):
                yield item


async def spoken_ahead(phrases: Reading, speak: Speak) -> Stream[Speech]:
    """Yield the speech of all phrases, begun with the one that is likely; nothing if it comes otherwise.

    To be called where the first item is a Likely. Raises what the dialogue and the synthesizer raise.
    """
    first = await phrases.item(0)
    assert isinstance(first, Likely)
    async with aclosing(speak(_from(first.phrase, phrases))) as speech:
        piece = asyncio.get_running_loop().create_task(anext(speech, None))
        try:
            if await phrases.item(1) != first.phrase:
                return
            sound = await piece
        finally:
            if not piece.done():
                piece.cancel()
                await asyncio.gather(piece, return_exceptions=True)
            elif not piece.cancelled():
                piece.exception()  # of a voice that failed at what is thrown away
        while sound is not None:
            yield sound
            sound = await anext(speech, None)


async def _from(likely: Phrase, phrases: Reading) -> Stream[Phrase]:
    """Yield the likely phrase at once, and when it has come true those behind it."""
    yield likely
    async with aclosing(certain(phrases)) as rest:
        if await anext(rest, None) != likely:
            return
        async for phrase in rest:
            yield phrase
