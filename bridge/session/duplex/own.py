"""Has the companion's own voice speak beside a duplex model: in its stead, or unheard, for the times of its words."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from bridge.session.driven import driven
from engines.api import EngineError, Phrase, Speech, Stream, Word
from engines.jobs import Engines
from engines.sound.align import joined

log = logging.getLogger("bridge.session.duplex.own")

CHARACTER: Final = 1 / 14  # seconds, where nobody reads the words
RATE: Final = 1000  # of such a reading


async def said(engines: Engines, phrases: Sequence[Phrase]) -> Stream[Speech]:
    """Yield what the voice says of these phrases."""
    worded = [phrase for phrase in phrases if any(map(str.isalnum, phrase.text))]
    if not worded:
        return
    async with aclosing(driven("tts", lambda: engines.tts.speak(_stream(worded), engines.voice))) as pieces:
        async for speech in pieces:
            yield speech


async def rendering(engines: Engines, phrase: Phrase) -> Speech:
    """Return a phrase as it is read; where that cannot be, its words share the time that it may take."""
    try:
        async with aclosing(said(engines, [Phrase(phrase.text)])) as pieces:
            found = [piece async for piece in pieces]
        if any(piece.samples for piece in found):
            return joined(found)
    except EngineError as error:
        log.warning("nobody reads the words of a duplex model", extra={"reason": error.message})
    words = []
    for match in re.finditer(r"\S+", phrase.text):
        start, end = (round(at * CHARACTER * RATE) for at in match.span())
        words.append(Word(match.group(), start, end, match.start()))
    samples = words[-1].end if words else 0
    return Speech(bytes(2 * samples), RATE, (), tuple(words), (), "audio")


async def _stream(phrases: Sequence[Phrase]) -> Stream[Phrase]:
    for phrase in phrases:
        yield phrase
