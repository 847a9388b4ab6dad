"""Finds the numbers of a running text and where they stand, in digits, spelt, in groups, as powers of ten, as years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.words.measuring import STOP, unit_at
from engines.words.numerals import Number, find_numbers
from engines.words.text import Place
from engines.words.vocabulary import Vocabulary

POWER: Final = 60  # of ten, that is still read
GAPS: Final = (" ", "\u00a0", "\u2009", "\u202f")  # that part thousands
_SCIENCE: Final = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:[×·x*]\s*10\s*\^?\s*([-−⁻]?[\d⁰¹²³⁴-⁹]+)|[eE]([+-]?\d{1,3}))(?![\w^])"
)
_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its significant digits as it is written, and the words of its run, first and one past the last.

    `year`: it is said as only years are.
    """

    value: float
    digits: int
    first: int
    last: int
    year: bool = False


@dataclass(frozen=True, slots=True)
class Power:
    """A number written with a power of ten, and its characters."""

    value: float
    digits: int
    start: int
    end: int


def runs(text: str, words: Sequence[Place]) -> list[list[Place]]:
    """Part the words where a mark stands between them: no number goes on behind one."""
    found: list[list[Place]] = [[]]
    for word in words:
        before = found[-1][-1].end if found[-1] else word.start
        if before <= word.start and STOP.search(text, before, word.start):
            found.append([])
        found[-1].append(word)
    return [run for run in found if run]


def figures(text: str, run: Sequence[Place], language: Vocabulary) -> list[Figure]:
    """Return the numbers of a run of words."""
    said = [word.word for word in run]
    numbers = find_numbers(said, language.units, language.scales, language.point)
    found: list[Figure] = []
    i = 0
    while i < len(numbers):
        value, start, end = numbers[i].value, numbers[i].start, numbers[i].end
        if _counts_nothing(said, numbers[i], language):
            i += 1
            continue
        year = _spelt_year(said, numbers[i : i + 2], language)
        i += 1
        if year is not None:
            value, end = year
            i += 1
        while i < len(numbers) and _grouped(text, run, start, end, numbers[i].start):
            value, end = value * 1000 + numbers[i].value, numbers[i].end
            i += 1
        found.append(Figure(value, significant(value), start, end, year is not None))
    return found


def powers(text: str) -> list[Power]:
    """Return the numbers written with a power of ten: 3 × 10^8, 3e8."""
    found: list[Power] = []
    for match in _SCIENCE.finditer(text):
        power = int((match[2] or match[3]).translate(_RAISED) or "0")
        if abs(power) <= POWER:
            value = float(match[1])
            found.append(Power(value * 10.0**power, significant(value), match.start(), match.end()))
    return found


def significant(value: float) -> int:
    """Count the digits of a number without the noughts at its end."""
    written = f"{abs(value):.9f}".rstrip("0").rstrip(".").replace(".", "").lstrip("0")
    return max(1, len(written.rstrip("0")))


def _counts_nothing(said: Sequence[str], number: Number, language: Vocabulary) -> bool:
    """Say whether a number only gives a place in an order ("second", 第二), a decade, or is half of 零下."""
    words = tuple(said[number.start : number.end])
    after = tuple(said[number.end : number.end + 1])
    if words in language.figures.get("ordinals", ()) or (*words, *after) in language.figures.get("minus", ()):
        return True
    if number.value == int(number.value) and number.value % 10 == 0 and number.value > 1000 and after == ("s",):
        return True
    return tuple(said[max(0, number.start - 1) : number.start]) in language.figures.get("nth", ())


def _spelt_year(said: Sequence[str], pair: Sequence[Number], language: Vocabulary) -> tuple[float, int] | None:
    """Read "eighteen ninety seven" and "nineteen oh five" as years."""
    match pair:
        case [Number(value=a, start=s), Number(value=b, start=t, end=end)] if (
            language.code == "en" and a in range(10, 21) and not said[s][0].isdecimal() and not said[t][0].isdecimal()
        ):
            between = tuple(said[pair[0].end : t])
            if (not between and b in range(10, 100)) or (between in language.figures.get("oh", ()) and 0 < b < 10):
                return a * 100 + b, end
    return None


def _grouped(text: str, run: Sequence[Place], start: int, end: int, after: int) -> bool:
    """Say whether digits go on behind a space that parts thousands: 299 792 458."""
    if after != end or not (run[after].word.isdecimal() and len(run[after].word) == 3):
        return False
    first = run[start].word
    gap = text[run[end - 1].end : run[after].start]
    if not first.isdecimal() or len(first) > 3 or first[0] == "0" or gap not in GAPS:
        return False
    thin = gap != " " or end - start > 1
    more = after + 1 < len(run) and run[after + 1].word.isdecimal() and len(run[after + 1].word) == 3
    return thin or more or unit_at(text, run, after + 1)[0] is not None
