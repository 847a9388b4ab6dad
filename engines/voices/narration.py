"""From phrases to pieces of speech for any voice that says a stretch of text at a time: order, look-ahead, cues.

While one piece waits to be taken the next ones are being made, at most AHEAD of them, so that a voice works while it is
heard; leaving the stream cancels what is being made at once. It knows neither models nor alignment.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, TypeVar

from engines.api import Cue, Phrase, Speech, Stream, TimedCue, Voice
from engines.voices.reading.text import Stretch, stretches

T = TypeVar("T")

AHEAD: Final = 2  # pieces that are made before they are asked for
HALVES: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be said in one go: a stretch of a phrase's text, whose characters it knows.

    `text` is the phrase's own between `stretch.start` and `stretch.end`; `language` is a BCP-47 tag; `first` whether it
    begins an answer.
    """

    text: str
    stretch: Stretch
    language: str
    first: bool

    @property
    def worded(self) -> bool:
        """Whether it has anything that can be said."""
        return any(char.isalnum() for char in self.stretch.text)


def line(text: str, language: str, *, first: bool = True) -> Line:
    """Make a short text one line."""
    return Line(text, Stretch(text, tuple(range(len(text))), 0, len(text)), language, first)


Utter: TypeAlias = Callable[[Line, Voice], Stream[Speech]]


async def narrate(phrases: Stream[Phrase], voice: Voice, utter: Utter) -> Stream[Speech]:
    """Yield the pieces that `utter` makes of each line, with the phrase's cues where they belong.

    `utter` gives at least one piece for every line, with the words of its text, `at` counted in `Line.text`.
    """
    first = True
    async with aclosing(phrases):
        async for phrase in phrases:
            if not phrase.text.strip() and not phrase.cues:
                continue
            async with aclosing(ahead(_lines(phrase, voice, utter, first=first), AHEAD)) as pieces:
                waiting = sorted(phrase.cues, key=lambda cue: cue.at)
                last: Speech | None = None
                async for piece in pieces:
                    last = piece
                    yield replace(piece, cues=_due(waiting, piece))
            if waiting and last is not None:
                # What stands behind the last word is due when the last sound has ended.
                yield Speech(b"", last.rate, cues=tuple(TimedCue(cue, 0) for cue in waiting), source=last.source)
            first = False


async def unheard(pieces: Stream[Speech]) -> None:
    """Make all of it and drop it: a warm-up."""
    async with aclosing(pieces):
        async for _ in pieces:
            pass


async def _lines(phrase: Phrase, voice: Voice, utter: Utter, *, first: bool) -> Stream[Speech]:
    text = HALVES.sub(" ", phrase.text)
    for stretch in stretches(text, voice.language):
        part = Line(text[stretch.start : stretch.end], stretch, stretch.language or voice.language, first)
        first = False
        async with aclosing(utter(part, voice)) as pieces:
            async for piece in pieces:
                words = tuple(replace(word, at=word.at + stretch.start) for word in piece.words)
                yield replace(piece, words=words)


def _due(waiting: list[Cue], piece: Speech) -> tuple[TimedCue, ...]:
    """Take the cues that stand before or in a word of this piece, each with the time at which its word begins."""
    due: list[TimedCue] = []
    for word in piece.words:
        while waiting and waiting[0].at < word.at + len(word.text):
            due.append(TimedCue(waiting.pop(0), word.start))
    return tuple(due)


async def ahead(items: Stream[T], most: int) -> Stream[T]:
    """Yield the same items, making up to `most` of them ahead; closing it cancels the making."""
    room, news = asyncio.Semaphore(most), asyncio.Event()
    made: deque[T] = deque()

    async def make() -> None:
        async with aclosing(items):
            await room.acquire()
            async for item in items:
                made.append(item)
                news.set()
                await room.acquire()

    task = asyncio.create_task(make())
    task.add_done_callback(lambda _: news.set())
    try:
        while True:
            while not made and not task.done():
                news.clear()
                await news.wait()
            if not made:
                break
            room.release()
            yield made.popleft()
        await task
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that nobody complains: it was raised above, or nobody listens any more
