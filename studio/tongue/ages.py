"""Reads how old somebody is: years in figures or words, decades ("her late forties"), and words such as "elderly"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engines.identity.attributes import AGES
from engines.words.numerals import Number, find_numbers
from studio.tongue.said import Meaning, Phrases, Word
from studio.tongue.tables import Tongue

EXACT: Final = "exact"
DECADE: Final = (0, 9)
AND: Final = ("y", "et", "und")


@dataclass(frozen=True, slots=True)
class Age:
    """An age between `low` and `high` years, both included, said by the words `first` to `last`.

    `sure` tells a number of years from a word such as "young".
    """

    low: int
    high: int
    first: int
    last: int
    sure: bool


class AgeReader:
    """Finds ages in texts of one language."""

    def __init__(self, tongue: Tongue) -> None:
        table: Mapping[str, Any] = tongue.traits["age"]
        self._vocabulary = tongue.vocabulary
        forms = tongue.traits.get("inflections", ())
        self._after, self._before, self._words = (Phrases(tongue.vocabulary, inflections=forms) for _ in range(3))
        self._after.add(Meaning("age", EXACT), table["after"])
        self._after.add(Meaning("age", "decade"), table.get("decade_after", ()))
        self._before.add(Meaning("age", EXACT), table["before"])
        self._ranges: dict[str, tuple[int, int]] = {}
        for word, (low, high) in table["words"].items():
            self._ranges[word] = (low, high)
            self._words.add(Meaning("word", word), (word,))
        for word, start in table["decades"].items():
            self._ranges[f"{word}+"] = (start, start + 9)
            self._words.add(Meaning("decade", f"{word}+"), (word,))
        self._parts = {word: (low, high) for word, (low, high) in table["decade_parts"].items()}

    def read(self, said: Sequence[Word]) -> Iterator[Age]:
        """Yield the ages in a text; a number counts as one where a word beside it says so, or where it stands alone."""
        taken: set[int] = set()
        for age in (*self._numbers(said), *self._phrases(said)):
            if taken.isdisjoint(range(age.first, age.last)):
                taken |= {*range(age.first, age.last)}
                yield age

    def _numbers(self, said: Sequence[Word]) -> Iterator[Age]:
        words = [each.word for each in said]
        vocabulary = self._vocabulary
        after = {found.first: found for found in self._after.search(said)}
        before = {found.last: found for found in self._before.search(said)}
        for number in _joined(find_numbers(words, vocabulary.units, vocabulary.scales, vocabulary.point), words):
            years = int(number.value)
            if not AGES[0] <= number.value <= AGES[1] or number.value != years:
                continue
            follows, leads = after.get(number.end), before.get(number.start)
            first = leads.first if leads else number.start
            last = follows.last if follows else number.end
            if follows and follows.meaning("age") == "decade":
                low, high = self._part(said, first, last)
                yield Age(years + low, years + high, first, last, True)
            elif follows or (leads and years >= 10) or self._alone(said, number.start, number.end):
                yield Age(years, years, first, last, True)

    def _alone(self, said: Sequence[Word], first: int, last: int) -> bool:
        """Say whether a number is all that stands between two marks: "Maria, 45, nurse"."""
        piece = said[first].piece
        return not any(each.piece == piece for each in (*said[:first], *said[last:]))

    def _phrases(self, said: Sequence[Word]) -> Iterator[Age]:
        for found in self._words.search(said):
            if (decade := found.meaning("decade")) is not None:
                start = self._ranges[decade][0]
                low, high = self._part(said, found.first, found.last)
                yield Age(start + low, start + high, found.first, found.last, True)
            elif (word := found.meaning("word")) is not None:
                low, high = self._ranges[word]
                yield Age(low, high, found.first, found.last, False)

    def _part(self, said: Sequence[Word], first: int, last: int) -> tuple[int, int]:
        """Return which part of a decade is meant by the word beside it ("early", "late")."""
        near = [*said[max(0, first - 1) : first], *said[last : last + 1]]
        return next((self._parts[each.word] for each in near if each.word in self._parts), DECADE)


def _joined(numbers: Sequence[Number], words: Sequence[str]) -> Iterator[Number]:
    """Yield numbers, tens and units with an "and" between them as one: "cincuenta y dos"."""
    left = list(numbers)
    while left:
        first = left.pop(0)
        second = left[0] if left else None
        if (
            second is not None
            and second.start == first.end + 1
            and words[first.end] in AND
            and first.value % 10 == 0 < second.value < 10
        ):
            left.pop(0)
            first = Number(first.value + second.value, first.start, second.end)
        yield first
