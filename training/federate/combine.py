"""Makes one update of many: the mean, and what a site that lies cannot carry off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from training.federate.ring import Vector

Way: TypeAlias = Literal["mean", "median", "trimmed"]


def clipped(update: NDArray[np.floating], most: float) -> Vector:
    """Return the update, shortened to the length `most` (Euclidean) when it is longer; 0 leaves it."""
    length = float(np.linalg.norm(update.astype(np.float64)))
    return (update if not most or length <= most else update * (most / length)).astype(np.float32)


def combined(updates: Sequence[Vector], weights: Sequence[float], way: Way, *, trim: float = 0.2) -> Vector:
    """Return one update for sites x numbers.

    `mean` weighs each site (McMahan et al. 2017). `median` and `trimmed` take each number by itself, give each site
    one voice, and do not follow a minority however far out (Yin et al. 2018); `trimmed` leaves out the share `trim` at
    each end, one site at least.
    """
    stack = np.stack(updates).astype(np.float64)
    match way:
        case "mean":
            total = np.average(stack, axis=0, weights=np.asarray(weights, np.float64))
        case "median":
            total = np.median(stack, axis=0)
        case "trimmed":
            off = trimmed_off(len(updates), trim)
            total = np.sort(stack, axis=0)[off : len(updates) - off].mean(axis=0)
    return np.asarray(total, np.float32)


def trimmed_off(sites: int, trim: float) -> int:
    """Return how many sites are left out at each end: one at least, and one stays in the middle."""
    return min(max(1, int(trim * sites)), (sites - 1) // 2)


def outlyingness(updates: Sequence[Vector]) -> list[float]:
    """Say for each update how far it lies from the median of all, in median distances; beyond about 4 look at it."""
    middle = np.median(np.stack(updates), axis=0)
    far = [float(np.linalg.norm(update - middle)) for update in updates]
    usual = float(np.median(far)) or 1.0
    return [distance / usual for distance in far]
