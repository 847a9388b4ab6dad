"""Mutual information between two attributes of many people, beside what chance gives. Pure.

The plain estimate from counts is never below the truth by much and above it by about (r-1)(c-1) / (2 n ln 2) bits, so
alone it says nothing: shuffling one attribute over the people and estimating again gives the floor that it has to be
compared with.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.evaluate.numbers.spread import numbered

SHUFFLES: Final = 400
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shared:
    """What one attribute tells of another.

    `bits` is the plain estimate over `n` people, `floor` its mean and `high` its 95 % quantile when the two are
    shuffled apart. `excess` is what it is above the floor, and `p` the share of shuffles (and it itself) that reach it.
    """

    n: int
    bits: float
    floor: float
    high: float
    p: float

    @property
    def excess(self) -> float:
        """Return the bits above the floor; below it there is nothing."""
        return max(0.0, self.bits - self.floor)


def shared(a: Sequence[Hashable], b: Sequence[Hashable], *, seed: int, shuffles: int = SHUFFLES) -> Shared:
    """Estimate what `a` tells of `b`, of the same people in the same order."""
    first, rows = numbered(a)
    second, columns = numbered(b)
    if len(first) != len(second):
        raise ValueError("two attributes of the same people are as long as each other")
    if not first:
        return Shared(0, 0.0, 0.0, 0.0, 1.0)
    left, right = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    bits = _bits(left, right, rows, columns)
    chance = np.random.default_rng(seed)
    apart = np.array([_bits(left, chance.permutation(right), rows, columns) for _ in range(shuffles)])
    reached = int(np.count_nonzero(apart >= bits - 1e-12))
    return Shared(
        n=len(first),
        bits=bits,
        floor=float(apart.mean()) if shuffles else 0.0,
        high=float(np.quantile(apart, 0.95)) if shuffles else 0.0,
        p=(1 + reached) / (1 + shuffles),
    )


def _bits(left: Codes, right: Codes, rows: int, columns: int) -> float:
    table = np.bincount(left * columns + right, minlength=rows * columns).reshape(rows, columns) / len(left)
    even = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True)
    held = table > 0
    return max(0.0, float((table[held] * np.log2(table[held] / even[held])).sum()))
