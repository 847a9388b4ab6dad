"""A question that a sentence answers, and what grades an answer to it. It knows no language and no course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from engines.words.quantities import COUNT, YEAR, Quantity

Kind: TypeAlias = Literal["asked", "term", "number", "year", "name", "reason", "gap"]

# What a teacher would rather ask, of two questions that one sentence answers; "asked" was written by a model.
RANK: Final[dict[Kind, int]] = {"asked": 6, "term": 5, "name": 4, "number": 3, "year": 3, "reason": 2, "gap": 1}
MOST: Final = 260  # characters of a question, as it is spoken
SHARE: Final = 0.03  # of a measured number an answer may be off
ABOUT: Final = 0.1  # of one that the text itself calls rough


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by which sentence it is answered, and how an answer is graded.

    `accept` are phrases any of which is right; `low`..`high` is the right number in `unit` ("" for a count or a year).
    `term` is the word or name that is asked for, "" when it is none; `hints` help.
    """

    kind: Kind
    ask: str
    sentence: str
    accept: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: str = ""
    term: str = ""
    hints: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """Say how good a question of its kind is."""
        return RANK[self.kind]


def bounds(quantity: Quantity) -> tuple[float, float]:
    """Return within which numbers, in the quantity's own unit, an answer is right."""
    low, high = quantity.low, quantity.high
    if quantity.dimension == YEAR:
        return low, high
    rough = quantity.sense == "about"
    share = ABOUT if rough else 0.0 if quantity.dimension == COUNT else SHARE
    # A long number is said with fewer digits: 300 000 for 299 792.
    share = max(share, 0.05 if quantity.digits >= 4 and quantity.dimension != COUNT else 0.0)
    spread = share * max(abs(low), abs(high))
    return low - spread, high + spread


def asked_about(quantity: Quantity) -> bool:
    """Say whether anybody would ask for a number: not for the "one" of "one another"."""
    return not (quantity.low == quantity.high == 1 and (quantity.dimension == COUNT or quantity.digits == 1))


def around(quantity: Quantity) -> tuple[int, int] | None:
    """Return two whole numbers that the right one lies between, for a hint; None when that would tell it."""
    value = quantity.high
    if quantity.dimension == YEAR:
        return int(value // 50 * 50), int(value // 50 * 50 + 50)
    if value < 3 or value != int(value):
        return (0, int(value) + 2) if value >= 0 else None
    low, high = int(value * 0.5), int(value * 1.7) + 1
    step = 10 ** max(0, len(str(high)) - 2)
    return low // step * step, (high // step + 1) * step
