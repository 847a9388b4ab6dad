"""A model that is stuck says the same over and over: where that begins to be certain. Pure.

A loop is a text whose end is the same unit again and again. A unit with the weight of a clause makes one when it comes
for the third time; a shorter one ("no", "let it go") has to come more often, since people do say such things thrice.
"""

from __future__ import annotations

from typing import Final

CLAUSE: Final = 11  # letters of a unit that is a clause
WORDS: Final = 3  # words of it, where a script has words
TIMES: Final = 3  # a clause may not come so often
SHORT_TIMES: Final = 6  # nor a shorter unit so often, if that is
SHORT_LETTERS: Final = 40  # so many letters altogether
LONGEST: Final = 200  # words of a unit
KEPT: Final = LONGEST * (TIMES + 1)  # words that are remembered
ENDLESS: Final = 400  # letters of a word that does not end
DENSE: Final = 2.75  # letters that a character counts for where a word has one or two of them

# Scripts without spaces between words: each character is a word here.
_DENSE: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


class Loops:
    """Pass words on until they go round in circles; where the text is cut changes nothing."""

    def __init__(self) -> None:
        self.found = False  # the text is stuck, and nothing more is passed on
        self._word = ""  # the word that is being written
        self._words: list[str] = []
        self._first = 0  # the number of the first word that is kept
        self._seen: dict[tuple[str, str], int] = {}  # the last two words -> the number of the second
        self._period = 0  # words of the unit that the end of the text repeats
        self._run = 0  # words at the end that are the same as one period before

    def push(self, text: str) -> str:
        """Return the part of the text that is not stuck."""
        if self.found:
            return ""
        for at, character in enumerate(text):
            if _dense(character):
                if self._close():
                    return text[:at]
                self._word = character
                if self._close():
                    return text[: at + 1]
            elif character.isalnum() or (self._word and _joins(character)):
                self._word += character.casefold()
                if len(self._word) >= ENDLESS:
                    self.found = True
                    return text[: at + 1]
            else:
                if self._close():
                    return text[: at + 1]
        return text

    def _close(self) -> bool:
        """Count the word that has ended; say whether the text is stuck."""
        word, self._word = self._word, ""
        if not word:
            return False
        self._words.append(word)
        number = self._first + len(self._words) - 1
        if len(self._words) > 2 * KEPT:
            del self._words[:KEPT]
            self._first += KEPT
            self._seen = {pair: at for pair, at in self._seen.items() if at >= self._first}
        if self._period and number - self._period >= self._first and self._at(number - self._period) == word:
            self._run += 1
        else:
            self._begin(number)
        if number > self._first:
            self._seen[(self._at(number - 1), word)] = number
        if self._period:
            self._judge()
        return self.found

    def _begin(self, number: int) -> None:
        """Look for the unit that the last two words may repeat."""
        self._period = self._run = 0
        before = self._seen.get((self._at(number - 1), self._at(number))) if number > self._first else None
        if before is None or before <= self._first or number - before > LONGEST:
            return
        self._period = number - before
        while number - self._run - self._period >= self._first and self._run < TIMES * LONGEST:
            if self._at(number - self._run) != self._at(number - self._run - self._period):
                break
            self._run += 1

    def _judge(self) -> None:
        times = self._run // self._period + 1
        if times < TIMES or self._run % self._period:
            return
        unit = self._words[-self._period :]
        letters = sum(DENSE if _dense(word[0]) else len(word) for word in unit)
        clause = letters >= CLAUSE and (len(unit) >= WORDS or letters >= 2 * CLAUSE)
        self.found = clause or (times >= SHORT_TIMES and letters * times >= SHORT_LETTERS)

    def _at(self, number: int) -> str:
        return self._words[number - self._first]


def _dense(character: str) -> bool:
    code = ord(character)
    return code >= 0x0E00 and any(low <= code <= high for low, high in _DENSE)


def _joins(character: str) -> bool:
    """Say whether a character goes on with a word without being a letter: marks, apostrophes."""
    return character in "'’" or (ord(character) >= 0x300 and not character.isspace() and not _punctuation(character))


def _punctuation(character: str) -> bool:
    code = ord(character)
    return 0x2000 <= code <= 0x206F or 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFF0F or code in _STOPS


_STOPS: Final = frozenset(map(ord, "।॥؟،؛۔።、。！？：；…፣፤፥፦፧፨֊·᠃᠂"))
