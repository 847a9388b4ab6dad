"""Shuts what must shut: lips at rest and against an opened jaw, lids on a blink, whatever the person's shape.

A target that shuts the mesh at rest leaves a slit in a face with fuller lips or wider eyes. Here the slit is measured
along the line of contact and taken up by the skin beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.head.frame import frame
from studio.head.stock import Numbers, Points, face_units, stock

CONTACT: Final = 0.66075  # metres: where the lips of the mesh at rest meet
CORNER: Final = 0.0255  # metres from the middle
BINS: Final = 25
PRESSED: Final = 0.0003  # metres that lips overlap when they are shut
UPPER_SHARE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Slit:
    """A line of contact: rim points above and below, where each lies along it (0..1), and how skin follows them.

    `upper`, `lower` are points of the stock, `upper_at`, `lower_at` their places, `skin` points beside the line with
    `side` (+1 above, -1 below), `at` and `follow` 0..1.
    """

    upper: Numbers
    upper_at: Points
    lower: Numbers
    lower_at: Points
    skin: Numbers
    side: Points
    at: Points
    follow: Points


@cache
def lips() -> Slit:
    """Return the slit between the lips."""
    rest = stock().points
    unit = face_units()["jawOpen"]
    drop = np.zeros(len(rest))
    drop[unit.at] = unit.by[:, 1]
    points = frame().points
    x, y, z = rest[points].T
    near = (np.abs(x) < CORNER) & (z > 0.128)
    rim_up = points[near & (y > CONTACT) & (y < 0.6632) & (drop[points] > -0.0095)]
    rim_low = points[near & (y < CONTACT) & (y > 0.6588) & (drop[points] < -0.0095)]
    beside = np.hypot(np.abs(x) * 0.25, np.hypot(y - CONTACT, (z - 0.152) * 0.5)) < 0.022
    beside &= z > 0.115
    skin = points[beside]
    above = np.where(y[beside] > CONTACT, 1.0, -1.0)
    reach = np.where(above > 0, 0.0065, 0.0085)
    follow = np.exp(-(((y[beside] - CONTACT) / reach) ** 2)) * np.exp(-(((z[beside] - 0.153) / 0.016) ** 2))
    follow *= np.clip((0.030 - np.abs(x[beside])) / 0.005, 0, 1)

    def place(at: Numbers) -> Points:
        return (rest[at, 0] + CORNER) / (2 * CORNER)

    return Slit(rim_up, place(rim_up), rim_low, place(rim_low), skin, above, place(skin), follow)


def gap(slit: Slit, points: Points) -> Points:
    """Return how far the rims of (n, 3) points are apart along the slit (BINS,), metres; overlaps are negative."""
    centres = (np.arange(BINS) + 0.5) / BINS
    upper = _along(slit.upper_at, points[slit.upper, 1], centres, np.min)
    lower = _along(slit.lower_at, points[slit.lower, 1], centres, np.max)
    return upper - lower


def shut(slit: Slit, points: Points, pressed: float = PRESSED) -> Points:
    """Return what to add to all points (n, 3) so that the rims meet."""
    apart = gap(slit, points) + pressed
    smooth = np.convolve(np.pad(apart, 1, mode="edge"), (0.25, 0.5, 0.25), mode="valid")
    centres = (np.arange(BINS) + 0.5) / BINS
    here = np.interp(slit.at, centres, np.maximum(smooth, 0.0))
    share = np.where(slit.side > 0, -UPPER_SHARE, 1 - UPPER_SHARE)
    moved = np.zeros_like(points)
    moved[slit.skin, 1] = share * here * slit.follow
    return moved


def _along(at: Points, heights: Points, centres: Points, pick: object) -> Points:
    """Return the rim's height at each bin: linear between the outermost of the points around it."""
    found = np.full(BINS, np.nan)
    for number, centre in enumerate(centres):
        near = np.abs(at - centre) < 0.75 / BINS
        if near.any():
            found[number] = pick(heights[near])  # type: ignore[operator]
    good = ~np.isnan(found)
    return np.interp(centres, centres[good], found[good])


__all__ = ["NDArray", "Slit", "gap", "lips", "shut"]
