"""Lays what a duplex model writes over the sound in which it says it: which words are heard where, and what may go out.

Such a model tells its words and its sound, and not when it says which word. Each phrase is read by another voice, whose
rendering has exact times. Counted in seconds of speech, pauses left out, a phrase lasts as long as its rendering times
the model's tempo; it ends at a pause near that place, where there is one. The tempo is learned from the phrases before.

A phrase whose sound is there to its end goes out whole, so that its rendering can be laid over it sound by sound. When
there is no time for that its sound goes out as it comes, with words whose places are reckoned, for whoever lays it to
correct: `laid`. Sound of which nobody knows what it says waits until it is `free`. Pure: no clock, no I/O.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from engines.api import Phrase, Speech, Word
from engines.sound.speech import Spoken

NEAR: Final = (0.3, 0.12, 0.6)  # of a phrase's length, and seconds: so far from where it should end its pause may be
ENDS: Final = frozenset(".,;:!?…。，、；：！？")  # marks at which somebody pauses
SURE: Final = 0.85  # of a phrase's length: so much of its sound is surely its own
TEMPI: Final = (0.5, 2.0)  # that are believed
LEARNS: Final = 0.5  # weight of what the last phrase says of the tempo


@dataclass(frozen=True, slots=True)
class Line:
    """A phrase that the model says, with its rendering; one that is not `said` is not heard, and `own` is instead.

    After the `last` nothing that the model says is heard. One that is `torn` begins or ends in the middle of a phrase,
    since no more was written yet: where in the sound that is, is a guess.
    """

    phrase: Phrase
    rendering: Speech
    said: bool = True
    own: tuple[Phrase, ...] = ()
    last: bool = False
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound that may go out: from sample `start` of all that came. `line` is what it belongs to, None where unknown.

    `whole` says that the line's sound is there from its beginning to its end, `ends` that it ends with this piece.
    `tempo` is what a second of the rendering takes.
    """

    start: int
    pcm: bytes
    words: tuple[Word, ...] = ()
    line: Line | None = None
    whole: bool = False
    ends: bool = False
    tempo: float = 1.0


class Laying:
    """One reply of a model, whose sound is s16le mono at `rate`."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._spoken = Spoken(rate)
        self._sound = bytearray()  # that has not gone out
        self._at = 0  # its first sample
        self._lines: deque[Line] = deque()
        self._from = 0  # where the first of the lines begins
        self._placed = 0  # words of it that have gone out
        self._tempo = 1.0
        self._finished = False

    @property
    def waiting(self) -> float:
        """Return the seconds of sound that have not gone out."""
        return len(self._sound) / 2 / self._rate

    @property
    def starved(self) -> bool:
        """Tell whether there is sound, and no line for it."""
        return bool(self._sound) and not self._lines

    @property
    def uncovered(self) -> float:
        """Return the seconds of speech for which there are no words yet."""
        needed = sum(_speaks(line.rendering) for line in self._lines) * self._tempo
        return self._spoken.seconds - self._spoken.before(self._from) - needed

    @property
    def over(self) -> bool:
        """Tell whether everything has gone out."""
        return self._finished and not self._sound and not self._lines

    def hear(self, pcm: bytes) -> None:
        """Take more sound."""
        self._sound += pcm
        self._spoken.push(pcm)

    def say(self, line: Line) -> None:
        """Take the next line."""
        if not self._lines:
            self._from, self._placed = max(self._from, self._at), 0
        self._lines.append(line)

    def speak_instead(self) -> None:
        """Have all lines said by the companion's own voice: there is no sound of them."""
        self._lines = deque(
            replace(line, said=False, own=(line.phrase,)) if line.said else line for line in self._lines
        )

    def finish(self) -> None:
        """Note that neither sound nor lines will come any more."""
        self._finished = True

    def laid(self, gone: int) -> None:
        """Take it that so many words of the first line have gone out."""
        self._placed = gone

    def take(self, *, hurry: bool, free: bool, strict: bool = True, most: float = inf) -> Piece | None:
        """Return what goes out next, None when something has to come first.

        In a `hurry` a line goes out that is not whole, `most` seconds of it; sound for which there is no line only when
        it is `free`. A `strict` one keeps back what might not be the line's.
        """
        if not self._lines:
            if self._sound and (self._finished or free):
                return self._cut(self._at + len(self._sound) // 2, (), None)
            return None
        line = self._lines[0]
        if line.last:
            self._lines.clear()
            self._sound.clear()
            self._finished = True
            return Piece(self._at, b"", (), line, whole=True)
        end = self._end(line)
        if end is not None:
            return self._ended(line, end)
        if not hurry or not line.said or not self._sound:
            return None
        share = SURE if strict and len(self._lines) == 1 else 1.0
        have = self._at + round(min(len(self._sound) / 2, most * self._rate))
        until = min(self._spoken.after(self._goal(line, share)), have)
        if until <= self._at:
            return None
        return self._cut(until, self._words(line, self._tempo, until), line)

    # ------------------------------------------------------------------------------------------------ inside

    def _ended(self, line: Line, end: int) -> Piece:
        """Let the rest of a line go out: it ends at sample `end`."""
        length = _speaks(line.rendering)
        lasted = self._spoken.before(end) - self._spoken.before(self._from)
        tempo = min(TEMPI[1], max(TEMPI[0], lasted / length)) if length else self._tempo
        whole = self._at == self._from and line.said
        words = () if not line.said else self._words(line, tempo if lasted else self._tempo, None)
        end = max(end, self._at)
        words = tuple(Word(w.text, min(w.start, end - self._at), min(w.end, end - self._at), w.at) for w in words)
        self._tempo += LEARNS * (tempo - self._tempo)
        self._lines.popleft()
        piece = self._cut(end, words, line, whole=whole, ends=True)
        self._from, self._placed = end, 0
        return piece

    def _end(self, line: Line) -> int | None:
        """Return where a line ends, None while that is not certain."""
        have = self._at + len(self._sound) // 2
        left = sum(_speaks(each.rendering) for each in self._lines)
        if self._finished:
            if len(self._lines) == 1:
                return have
            rest = self._spoken.seconds - self._spoken.before(self._from)
            length = rest * _speaks(line.rendering) / left if left else 0.0
        else:
            length = self._tempo * _speaks(line.rendering)
        begin = self._spoken.before(self._from)
        goal, near = begin + length, min(NEAR[2], max(NEAR[1], NEAR[0] * length))
        pausing = line.phrase.text.rstrip()[-1:] in ENDS
        frame = self._spoken.frame
        pauses = [
            (abs(self._spoken.before(first * frame) - goal), end * frame)
            for first, end in (self._spoken.pauses if pausing else ())
            if first * frame > self._from and abs(self._spoken.before(first * frame) - goal) <= near
        ]
        if pauses and (self._spoken.seconds >= goal + min(pauses)[0] or self._finished):
            return min(have, min(pauses)[1])
        if pauses and min(pauses)[0] <= near / 3:
            return min(have, min(pauses)[1])
        if self._spoken.seconds >= goal + (near if pausing else 0.0) or self._finished:
            return min(have, self._spoken.after(goal))
        return None

    def _goal(self, line: Line, share: float) -> float:
        return self._spoken.before(self._from) + share * self._tempo * _speaks(line.rendering)

    def _words(self, line: Line, tempo: float, until: int | None) -> tuple[Word, ...]:
        """Place the words of a line that have not gone out, up to sample `until`; in samples of the piece."""
        begin = self._spoken.before(self._from)
        found: list[Word] = []
        for word in line.rendering.words[self._placed :]:
            start = self._spoken.after(begin + tempo * _spoken_before(line.rendering, word.start))
            if until is not None and start >= until:
                break
            end = self._spoken.after(begin + tempo * _spoken_before(line.rendering, word.end))
            start = max(0, start - self._at)
            found.append(Word(word.text, start, max(start, end - self._at), word.at))
        self._placed += len(found)
        return tuple(found)

    def _cut(
        self, end: int, words: tuple[Word, ...], line: Line | None, *, whole: bool = False, ends: bool = False
    ) -> Piece:
        size = 2 * (end - self._at)
        start, pcm = self._at, bytes(self._sound[:size])
        del self._sound[:size]
        self._at = end
        return Piece(start, pcm, words, line, whole, ends, self._tempo)


def _speaks(rendering: Speech) -> float:
    """Return how many seconds of a rendering are speech."""
    return _spoken_before(rendering, rendering.samples)


def _spoken_before(rendering: Speech, sample: int) -> float:
    if not rendering.phones:
        return sample / rendering.rate
    inside = (min(phone.end, sample) - phone.start for phone in rendering.phones if phone.ipa and phone.start < sample)
    return sum(inside) / rendering.rate
