"""Quantities in a text: a number with its unit, how surely it is meant, and where it stands. It knows no facts.

"about three hundred thousand kilometres per second", 每秒约30万公里, "between 10 and 20 °C", "in 1902", "3 × 10^8 m/s".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from engines.words.figures import Figure, Power, figures, powers, runs
from engines.words.measuring import money_before, unit_at, unit_before, with_per
from engines.words.text import Place, fold, is_sign
from engines.words.units import TIMES, Unit, same_kind
from engines.words.vocabulary import Vocabulary

Sense: TypeAlias = Literal["is", "about", "over", "under"]

YEAR: Final = "year"  # the dimension of a year of the calendar
COUNT: Final = ""  # that of a number without a unit
FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 2100
BESIDE: Final = 3  # words before a number that may say how it is meant
SIGNS: Final = 6  # signs before one that may
WORDS: Final = 400

YEAR_SIGNS: Final = ("年", "년")
SENSES: Final[tuple[Sense, ...]] = ("over", "under", "about")

_RANGE: Final = re.compile(r"\s*[-–—~～至到]\s*")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number `low`..`high` (the same when it is one) as it is written, of `unit` (None: a count or a year).

    `start` and `end` are the characters of number and unit, `after` the words that follow a count; `digits` are the
    significant digits of the number as it is said.
    """

    low: float
    high: float
    unit: Unit | None
    dimension: str
    start: int
    end: int
    sense: Sense = "is"
    digits: int = 15
    after: tuple[str, ...] = ()

    @property
    def base(self) -> tuple[float, float]:
        """Return low and high in the first unit of the dimension."""
        if self.unit is None:
            return self.low, self.high
        return self.unit.base(self.low), self.unit.base(self.high)

    def comparable(self, other: Quantity) -> bool:
        """Say whether both measure the same; counts do when one counts what the other counts."""
        if self.dimension == other.dimension == COUNT:
            return bool(self.after and other.after) and _counts_alike(self.after, other.after)
        return same_kind(self.dimension, other.dimension)


def quantities(text: str, language: Vocabulary) -> list[Quantity]:
    """Find every quantity of a text, in order; WORDS words of it are read."""
    words = language.places(text, most=WORDS)
    found = [_power(text, words, each, language) for each in powers(text)]
    taken = [(each.start, each.end) for each in found]
    found += [
        _quantity(text, run, figure, language)
        for run in runs(text, words)
        for figure in figures(text, run, language)
        if not any(a < run[figure.last - 1].end and run[figure.first].start < b for a, b in taken)
        and not _is_label(text, run[figure.first].start)
    ]
    found.sort(key=lambda each: each.start)
    return _ranges(text, found, language)


def _is_label(text: str, start: int) -> bool:
    """Say whether figures belong to a name: L2, H2O."""
    return start > 0 and text[start].isdecimal() and text[start - 1].isascii() and text[start - 1].isalpha()


def _power(text: str, words: Sequence[Place], power: Power, language: Vocabulary) -> Quantity:
    after = next((i for i, word in enumerate(words) if word.start >= power.end), len(words))
    unit, end, past = unit_at(text, words, after, power.end)
    if unit is not None:
        unit, end, _ = with_per(text, words, unit, end, past, language)
    dimension = unit.dimension if unit else COUNT
    return Quantity(power.value, power.value, unit, dimension, power.start, end, digits=power.digits)


# ------------------------------------------------------------------------------------------------ what is meant


def _quantity(text: str, run: Sequence[Place], figure: Figure, language: Vocabulary) -> Quantity:
    value, first, last = figure.value, figure.first, figure.last
    start, end = run[first].start, run[last - 1].end
    sense, first_said = _sense(run, first, language)
    unit, end, past = unit_at(text, run, last)
    if unit is not None:
        unit, end, past = with_per(text, run, unit, end, past, language)
        by, begins = unit_before(run, first_said, language)
        if by is not None and by.dimension in TIMES and "/" not in unit.dimension:
            unit, start = unit.per(by), begins
    else:
        unit, begins = money_before(text, start)
        start = begins if unit else start
    begins = _minus(text, run, first, language)
    value, start = (-value, min(start, begins)) if begins >= 0 else (value, start)
    after = tuple(word.word for word in run[past : past + 4]) if unit is None else ()
    if sense == "is":
        sense = _sense_after(run, past, language)
    dimension = unit.dimension if unit else COUNT
    if unit is None and (figure.year or _is_year(text, run, value, first, last, language)):
        dimension = YEAR
        end = run[last].end if last < len(run) and run[last].word in YEAR_SIGNS else end
    return Quantity(value, value, unit, dimension, start, end, sense, figure.digits, after)


def _is_year(text: str, run: Sequence[Place], value: float, first: int, last: int, language: Vocabulary) -> bool:
    if value != int(value) or not FIRST_YEAR <= value <= LAST_YEAR:
        return False
    following = run[last].word if last < len(run) else ""
    if following in YEAR_SIGNS:
        return True
    if is_sign(following) or text[run[last - 1].end : run[last - 1].end + 1] in ("%", "°"):
        return False
    before = tuple(word.word for word in run[max(0, first - 2) : first])
    parts = language.figures.get("year", ())
    led = any(before[len(before) - len(words) :] == words for words in parts)
    apart = bool(following) and (
        following in language.stop or run[last].start > run[last - 1].end + 1 or text[run[last].start].isupper()
    )
    return (led and (not following or apart)) or (text[run[first].start - 1 : run[first].start] in ("(", "（"))


def _sense(run: Sequence[Place], first: int, language: Vocabulary) -> tuple[Sense, int]:
    """Say how a number is meant by the words before it, and at which word they begin."""
    before = [word.word for word in run[max(0, first - BESIDE) : first]]
    for sense in SENSES:
        for words in language.figures.get(sense, ()):
            if words and tuple(before[-len(words) :]) == words:
                return sense, first - len(words)
    if before and is_sign(before[-1]):  # other signs may come between: 约为每秒30万公里
        signs = "".join(word.word for word in run[max(0, first - SIGNS) : first])
        for sense in SENSES:
            if any("".join(words) in signs for words in language.figures.get(sense, ()) if words):
                return sense, first
    return "is", first


def _sense_after(run: Sequence[Place], past: int, language: Vocabulary) -> Sense:
    after = tuple(word.word for word in run[past : past + 2])
    if not after or not is_sign(after[0]):
        return "is"
    return next((sense for sense in SENSES if after in language.figures.get(sense, ())), "is")


def _minus(text: str, run: Sequence[Place], first: int, language: Vocabulary) -> int:
    """Return where the minus before a number begins, -1 without one."""
    at = run[first].start
    if text[at - 1 : at] in ("-", "−") and not text[at - 2 : at - 1].strip():
        return at - 1
    before = [word.word for word in run[max(0, first - 2) : first]]
    for words in language.figures.get("minus", ()):
        if words and tuple(before[-len(words) :]) == words:
            return run[first - len(words)].start
    return -1


def _ranges(text: str, found: Sequence[Quantity], language: Vocabulary) -> list[Quantity]:
    """Join "10 to 20 metres" and "10-20 m" to one quantity."""
    joined: list[Quantity] = []
    skip = False
    for one, other in pairwise([*found, None]):
        if skip or one is None:
            skip = False
            continue
        between = text[one.end : other.start] if other else ""
        parts = tuple(fold(between).split())
        range_ = bool(between) and (
            _RANGE.fullmatch(between)
            or parts in language.figures.get("upto", ())
            or (parts in language.figures.get("and", ()) and _is_between(text, one.start, language))
        )
        same = other is not None and (
            one.dimension == other.dimension or (one.unit is None and one.dimension in (COUNT, YEAR))
        )
        if other is not None and range_ and same and one.low < other.high:
            sense: Sense = "about" if "about" in (one.sense, other.sense) else "is"
            joined.append(replace(other, low=one.low, start=one.start, sense=sense))
            skip = True
        else:
            joined.append(one)
    return joined


def _is_between(text: str, start: int, language: Vocabulary) -> bool:
    """Say whether "between" stands before a number."""
    before = tuple(fold(text[max(0, start - 20) : start]).split()[-1:])
    return before in language.figures.get("between", ())


def _counts_alike(a: Sequence[str], b: Sequence[str]) -> bool:
    """Say whether the words after two counts name the same thing."""
    return bool(set(a[:3]) & set(b[:3]))
