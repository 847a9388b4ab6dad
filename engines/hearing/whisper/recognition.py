"""One utterance on its way through Whisper: when what is decoded, what is shown, what the final is made of.

Decodings are asked for at fixed amounts of sound and at pauses, never more than one of each kind at a time: what a busy
device cannot do in time is left out, not queued. At a pause the whole is decoded as if it were the end, so that at the
end nothing is left to do. The final is what the model writes about the whole window: it depends neither on partials nor
on how the sound was cut. Only where an utterance outgrows the window does it build on what was agreed before.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from engines.api import MIC_RATE, EngineError, Transcript, Word
from engines.hearing.whisper.agreement import Agreement, HeardWord, written
from engines.hearing.whisper.decoder import Decoded, Window
from engines.hearing.whisper.guards import Thresholds, believed
from engines.hearing.whisper.utterance import Utterance

SHORTEST: Final = MIC_RATE // 10  # samples; in less than that nobody says anything
CONTEXT: Final = 30  # words before the window that the model is told

Decode: TypeAlias = Callable[[Window, bool], Awaitable[Decoded]]  # the second says that somebody waits for it


@dataclass(frozen=True, slots=True)
class _Asked:
    """A decoding on its way, and the stretch that it is about."""

    start: int
    end: int
    task: asyncio.Task[Decoded]


class Recognition:
    """One utterance; to be closed. `every` samples a partial, `window` samples at once; `language` "" is detected."""

    def __init__(
        self,
        decode: Decode,
        tokens: Callable[[str], tuple[int, ...]],
        limits: Thresholds,
        *,
        language: str,
        every: int,
        window: int,
    ) -> None:
        self._decode = decode
        self._tokens = tokens
        self._limits = limits
        self._language = language
        self._every = every
        self._window = window
        self._utterance = Utterance()
        self._agreement = Agreement()
        self._partial: _Asked | None = None
        self._guess: _Asked | None = None  # what will be the final if no more is said
        self._next = every
        self._seen = 0  # the end of the latest stretch that is known
        self._shown = ""

    def hear(self, data: bytes) -> Transcript | None:
        """Take more sound, a tenth of a second or so; return a partial when one is ready that says something new."""
        self._utterance.push(data)
        self._gather()
        self._ask()
        text = written(self._agreement.words)
        if text in ("", self._shown):
            return None
        self._shown = text
        # What was heard up to a pause is what the final will be if no more is said.
        settled = self._guess is not None and self._guess.end == self._seen
        return Transcript(text, final=False, agreed=settled or self._agreement.certain == self._agreement.words)

    async def finish(self) -> Transcript:
        """Return the final; EngineError when it could not be decoded."""
        self._gather()
        end = self._utterance.end
        if self._utterance.silent or self._utterance.samples < SHORTEST:
            return Transcript("", final=True)
        while end - self._agreement.begin > self._window:
            await self._outgrow()
        asked = self._guess if self._guess and self._covers(self._guess, end) else None
        decoded = await asked.task if asked else await self._decode(self._stretch(end, final=True), True)
        return _final((*self._agreement.settled, *self._agreement.fresh(self._believed(decoded))))

    async def close(self) -> None:
        """Decode nothing more for it."""
        tasks = [asked.task for asked in (self._partial, self._guess) if asked]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------------------------------------ while it is said

    def _ask(self) -> None:
        """Ask for what is due."""
        utterance, begin = self._utterance, self._agreement.begin
        end = utterance.end
        if end - begin > self._window - self._every and self._agreement.trim():
            begin = self._agreement.begin
        if utterance.silent or not SHORTEST <= end - begin <= self._window:
            return
        if utterance.paused:
            if self._guess is None or not self._covers(self._guess, end):
                self._drop_guess()
                self._guess = self._begin(end, final=True)
        elif utterance.samples >= self._next and self._partial is None:
            self._partial = self._begin(utterance.samples, final=False)
        else:
            return
        # Amounts, not instants: what is asked for does not depend on how the sound came.
        self._next = utterance.samples - utterance.samples % self._every + self._every

    def _begin(self, end: int, *, final: bool) -> _Asked:
        work = self._decode(self._stretch(end, final=final), False)
        return _Asked(self._agreement.begin, end, asyncio.ensure_future(work))

    def _stretch(self, end: int, *, final: bool) -> Window:
        settled = written(self._agreement.settled[-CONTEXT:])
        return Window(
            audio=self._utterance.audio(self._agreement.begin, end),
            language=self._language,
            context=self._tokens(settled),
            final=final,
        )

    def _gather(self) -> None:
        """Take what has been decoded."""
        if self._partial and self._partial.task.done():
            asked, self._partial = self._partial, None
            self._learn(asked)
        if self._guess and self._guess.task.done():
            if _failed(self._guess.task):
                self._guess = None
            elif self._guess.end > self._seen:
                self._learn(self._guess)

    def _learn(self, asked: _Asked) -> None:
        if _failed(asked.task) or asked.start != self._agreement.begin:
            return  # a partial that fails is one partial less; whether the final fails is seen then
        decoded = asked.task.result()
        self._seen = asked.end
        self._agreement.push(self._believed(decoded))

    async def _outgrow(self) -> None:
        """Settle the words of a full window."""
        at = self._agreement.begin + self._window
        decoded = await self._decode(self._stretch(at, final=True), True)
        self._agreement.cut(self._believed(decoded), at)

    def _covers(self, asked: _Asked, end: int) -> bool:
        return (asked.start, asked.end) == (self._agreement.begin, end)

    def _drop_guess(self) -> None:
        if self._guess and not self._guess.task.done():
            self._guess.task.cancel()
        self._guess = None

    def _believed(self, decoded: Decoded) -> tuple[HeardWord, ...]:
        begin = self._agreement.begin
        words = tuple(HeardWord(w.text, begin + w.start, begin + w.end, w.probability) for w in decoded.words)
        said = believed(words, decoded.measures, self._limits, self._utterance.loudness)
        # The model's attention bridges pauses; the sound says where they are.
        return tuple(
            replace(word, start=a, end=b) for word in said for a, b in [self._utterance.tight(word.start, word.end)]
        )


def _failed(task: asyncio.Task[Decoded]) -> bool:
    if task.cancelled():
        return True
    with contextlib.suppress(EngineError):
        task.result()
        return False
    return True


def _final(words: tuple[HeardWord, ...]) -> Transcript:
    """Place the words in their text."""
    text, timed = written(words), []
    at = 0
    for word in words:
        plain = " ".join(word.text.split())
        found = text.find(plain, at)
        if plain and found >= 0:
            timed.append(Word(plain, word.start, word.end, found))
            at = found + len(plain)
    return Transcript(text, final=True, words=tuple(timed))
