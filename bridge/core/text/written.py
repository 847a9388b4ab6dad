"""The reply as it is written, beside the reply as it is spoken: no character is lost between the two.

A voice tells which words it says and where in their phrase they begin. What is written between two of them (blanks, a
dash, an emoji) is the gap of the second. It knows no voice and no clock.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.api import Phrase, Word

LONGEST: Final = 64  # characters of a gap on the wire; what is written beyond that is a word of its own
BLANKS: Final = re.compile(r"[ \t]+")  # as much as one


@dataclass(slots=True)
class _Line:
    text: str  # the phrase with what stands before it
    offset: int  # where the phrase begins in it
    at: int = 0  # up to here it was given to words


class Written:
    """Gives the words of one reply their gaps; phrases and words come in their order."""

    def __init__(self) -> None:
        self._lines: deque[_Line] = deque()
        self._begun = False

    def add(self, phrase: Phrase) -> None:
        """This phrase comes next, said or not."""
        self._lines.append(_Line(phrase.gap + phrase.text, len(phrase.gap)))

    def words(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The same words with their gaps; a gap that is too long for one becomes a word without length before it."""
        found: list[Word] = []
        for word in words:
            before = self._before(word)
            if len(before) > LONGEST:
                found += self._apart(before, word.start)
                before = before[len(before.rstrip()) :][-LONGEST:]
            found.append(Word(word.text, word.start, word.end, word.at, before))
        return tuple(found)

    def rest(self, at: int) -> tuple[Word, ...]:
        """What no word has covered, at the end of a reply that had words, as a word without length at sample `at`."""
        left = "".join(line.text[line.at :] for line in self._lines)
        self._lines.clear()
        return tuple(self._apart(left, at)) if self._begun else ()

    def _before(self, word: Word) -> str:
        place = self._place(word)
        if place is None:  # the voice says what nobody wrote
            gap = " " if self._begun else ""
            self._begun = True
            return gap
        number, at = place
        before = ""
        for _ in range(number):
            line = self._lines.popleft()
            before += line.text[line.at :]
        line = self._lines[0]
        before += line.text[line.at : at]
        line.at = at + len(word.text)
        if not self._begun:
            before = before.lstrip()
        self._begun = True
        return BLANKS.sub(" ", before)

    def _place(self, word: Word) -> tuple[int, int] | None:
        """Which of the waiting lines has the word, and where in it."""
        for number, line in enumerate(self._lines):
            at = line.offset + word.at
            if at >= line.at and line.text.startswith(word.text, at):
                return number, at
        for number, line in enumerate(self._lines):
            at = line.text.find(word.text, line.at)
            if at >= 0:
                return number, at
        return None

    @staticmethod
    def _apart(text: str, at: int) -> list[Word]:
        text = BLANKS.sub(" ", text)
        solid = text.strip()
        if not solid:
            return []
        gap = text[: len(text) - len(text.lstrip())]
        return [Word(solid, at, at, 0, gap[-LONGEST:])]
