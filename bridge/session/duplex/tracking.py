"""Follows a phrase in a model's sound while that comes: its reading is laid over the beginning that is there.

What has gone out stays; each further piece is laid together with the sound before it, from a word on that is certain.
Pure: no clock, no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from engines.api import Phone, Speech, Word
from engines.sound.align import align

CONTEXT_S: Final = 0.5  # of sound before a piece, at least, with which it is laid


@dataclass(frozen=True, slots=True)
class Laid:
    """A piece of sound with what is said in it, in its samples; `words` in all of the phrase have gone out with it."""

    phones: tuple[Phone, ...]
    words: tuple[Word, ...]
    gone: int


class Tracker:
    """One phrase as `reading` reads it, in sound at `rate`."""

    def __init__(self, reading: Speech, rate: int) -> None:
        self._reading = reading
        self._rate = rate
        self._sound = b""  # since the anchor
        self._anchor = 0  # the word at which that begins
        self._gone = 0  # words

    def skip(self, pcm: bytes, words: int) -> None:
        """Take a piece that went out with so many words, reckoned."""
        self._sound += pcm
        self._gone += words

    def lay(self, pcm: bytes, tempo: float | None) -> Laid:
        """Lay the next piece; `tempo` is about what a second of the reading takes, None for the last piece."""
        at = len(self._sound) // 2
        self._sound += pcm
        length = len(self._sound) // 2
        phones, words = align(self._rest(), self._sound, self._rate, tempo)
        said = tuple(word for word in words if tempo is None or word.start < length)
        new = [_moved(word, at) for word in said[self._gone - self._anchor :]]
        self._gone = max(self._gone, self._anchor + len(said))
        self._move(said, length)
        return Laid(
            tuple(replace(p, start=max(0, p.start - at), end=p.end - at) for p in phones if p.end > at),
            tuple(new),
            self._gone,
        )

    def _rest(self) -> Speech:
        """Return the reading from the anchor on."""
        reading, first = self._reading, self._reading.words[self._anchor].start if self._anchor else 0
        if not first:
            return reading
        phones = [replace(p, start=max(0, p.start - first), end=p.end - first) for p in reading.phones if p.end > first]
        words = [replace(w, start=w.start - first, end=w.end - first) for w in reading.words[self._anchor :]]
        return replace(reading, pcm=reading.pcm[2 * first :], phones=tuple(phones), words=tuple(words))

    def _move(self, said: tuple[Word, ...], length: int) -> None:
        """Move the anchor to the last word before which there is sound enough."""
        latest = length - round(CONTEXT_S * self._rate)
        near = [(number, word.start) for number, word in enumerate(said) if 0 < word.start <= latest]
        if near:
            number, start = near[-1]
            self._anchor += number
            self._sound = self._sound[2 * start :]


def _moved(word: Word, by: int) -> Word:
    return replace(word, start=max(0, word.start - by), end=max(0, word.end - by))
