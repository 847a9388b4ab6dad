"""Measures work by what else the same thread does in that moment, so that a slow or busy machine changes nothing.

A yardstick is YARD turns of a loop, about 5 ms on a machine of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import thread_time
from typing import Final

YARD: Final = 100_000
TRIES: Final = 5


def effort(work: Callable[[], object], *, enough: float) -> float:
    """Return how many yardsticks of CPU `work` takes at the best of TRIES tries; the first within `enough` will do.

    Both are measured in turn, so that what slows the one slows the other.
    """
    best = math.inf
    for _ in range(TRIES):
        best = min(best, _ratio(work))
        if best <= enough:
            break
    return best


def _ratio(work: Callable[[], object]) -> float:
    before = _yardstick()
    begun = thread_time()
    work()
    took = thread_time() - begun
    return took / max(before, _yardstick())


def _yardstick() -> float:
    begun = thread_time()
    total = 0
    for number in range(YARD):
        total += number & 7
    return thread_time() - begun
