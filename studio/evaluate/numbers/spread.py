"""How evenly values are spread: entropy, chi-square against the even spread, coverage. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """How the values of one attribute are spread over `n` people.

    `values` are how many there were of `possible` ones (`possible` is 0 for free text), `entropy` is in bits, and
    `evenness` is that over the most it could be (1: all equally often). `chi_square` compares with the even spread,
    with `freedom` degrees, and `p` is how likely so much unevenness is by chance.
    """

    n: int
    values: int
    possible: int
    entropy: float
    evenness: float
    chi_square: float
    freedom: int
    p: float
    top: str
    top_share: float

    @property
    def coverage(self) -> float:
        """Return the share of the possible values that there were; of free text 1."""
        return self.values / self.possible if self.possible else 1.0


def spread(values: Iterable[str], possible: Sequence[str] = ()) -> Spread:
    """Describe the values; those that are not among `possible` count as further ones."""
    counts = Counter(values)
    n, kinds = counts.total(), max(len(possible), len(counts))
    every = [*counts.values(), *([0] * (kinds - len(counts)))]
    bits = entropy(counts.values())
    expected = n / kinds if kinds else 0.0
    statistic = sum((count - expected) ** 2 / expected for count in every) if expected else 0.0
    most = max(sorted(counts), key=lambda value: counts[value], default="")
    return Spread(
        n=n,
        values=len(counts),
        possible=len(possible),
        entropy=bits,
        evenness=bits / math.log2(kinds) if kinds > 1 else 1.0,
        chi_square=statistic,
        freedom=max(0, kinds - 1),
        p=chi_square_tail(statistic, kinds - 1),
        top=most,
        top_share=counts[most] / n if n else 0.0,
    )


def entropy(counts: Iterable[int]) -> float:
    """Return the entropy in bits of how often each value was there."""
    held = [count for count in counts if count > 0]
    n = sum(held)
    return sum(count / n * math.log2(n / count) for count in held)


def chi_square_tail(statistic: float, freedom: int) -> float:
    """Return the chance of a chi-square at least so large, by Wilson and Hilferty's cube root (1931)."""
    if freedom <= 0 or statistic <= 0:
        return 1.0
    scale = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - scale)) / math.sqrt(scale)
    return 0.5 * math.erfc(z / math.sqrt(2))


def quantile(values: Iterable[float], q: float) -> float:
    """Return the smallest value that at least the share `q` does not exceed (nearest rank); 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)] if ordered else 0.0


def numbered(values: Sequence[Hashable]) -> tuple[list[int], int]:
    """Return each value's number, in the order of their appearance, and how many different ones there are."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(value, len(numbers)) for value in values], len(numbers)
