"""Lets strands grow from their roots: combed over the skull, pulled down by gravity, held off the body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.head.hair.field import Surface
from studio.head.hair.roots import Roots
from studio.head.stock import Points

Comb = Callable[[Points, Points], Points]  # places at rest, share of the length (k,) -> the way to go (k, 3)

AXIS: Final = 0.045  # metres: the neck's axis along z, at rest
EAR: Final = 0.72  # metres: the height of the ears at rest


@dataclass(frozen=True, slots=True)
class Growth:
    """How strands grow: `lift` 0..1 off the skin at the root, `weight` 0..1 of gravity.

    `cling` 0..1 draws what is further off back to its height over the skull, `tuck` 0..1 pulls what hangs towards the
    neck, `steps` are points a strand has, `face` keeps the face free.
    """

    steps: int = 14
    lift: float = 0.35
    weight: float = 0.5
    cling: float = 0.5
    tuck: float = 0.5
    stiff: float = 0.45
    face: bool = True


def grow(body: Surface, roots: Roots, lengths: Points, comb: Comb, how: Growth, heights: Points) -> Points:
    """Return strands (k, steps, 3), metres; `heights` (k,) is how far over the skin each keeps."""
    count = len(roots.at)
    strands = np.zeros((count, how.steps, 3))
    place = roots.at - roots.normals * 0.001
    way = _unit(comb(roots.rest, np.zeros(count)))
    way = _unit(_along(way, roots.normals) + roots.normals * how.lift)
    strands[:, 0] = place
    step = lengths / (how.steps - 1)
    for number in range(1, how.steps):
        share = np.full(count, number / (how.steps - 1))
        rest = body.rest(place)
        height, normal = body.near(place)
        wanted = _unit(comb(rest, share))
        free = np.clip((height - 0.012) / 0.02, 0, 1)[:, None]
        hanging = np.clip((EAR - rest[:, 1]) / 0.05, 0, 1)[:, None]
        on_skin = _unit(_along(wanted, normal))
        wanted = on_skin * (1 - free) + wanted * free
        fall = how.weight * np.clip(free + hanging, 0, 1) * np.minimum(1.0, share[:, None] * 2)
        wanted = wanted * (1 - fall) + np.array((0, -1.0, 0)) * fall
        inward = np.stack([-rest[:, 0], np.zeros(count), AXIS - rest[:, 2]], axis=1)
        wanted += _unit(inward) * (how.tuck * hanging * np.clip((height[:, None] - 0.01) / 0.03, 0, 1))
        way = _unit(way * how.stiff + _unit(wanted) * (1 - how.stiff))
        place = place + way * step[:, None]
        place = _held(body, place, heights * _rise(share))
        over = body.rest(place)
        height, normal = body.near(place)
        loose = np.clip(height - heights, 0, 0.05) * how.cling * np.clip((over[:, 1] - EAR) / 0.03, 0, 1)
        place = place - normal * loose[:, None]
        if how.face:
            place = body.place(_off_face(body.rest(place)))
        strands[:, number] = place
        way = _unit(strands[:, number] - strands[:, number - 1])
    return strands


def settled(body: Surface, strands: Points, heights: Points, rounds: int = 3) -> Points:
    """Return the strands smoothed along their length and pushed out of the body again."""
    steps = strands.shape[1]
    share = np.arange(steps) / (steps - 1)
    for _ in range(rounds):
        inner = (strands[:, :-2] + 2 * strands[:, 1:-1] + strands[:, 2:]) / 4
        strands = np.concatenate([strands[:, :1], inner, strands[:, -1:]], axis=1)
        for number in range(1, steps):
            least = heights * _rise(np.full(len(strands), share[number]))
            strands[:, number] = _held(body, strands[:, number], least)
    return strands


def _off_face(rest: Points) -> Points:
    """Push places at rest that hang before the face to its sides."""
    x, y, z = rest.T
    wide = np.interp(y, [0.60, 0.63, 0.72, 0.75, 0.775, 0.80], [0.030, 0.055, 0.061, 0.054, 0.036, 0.0])
    depth = np.clip((z - 0.080) / 0.025, 0, 1)
    side = np.where(x >= 0, 1.0, -1.0)
    moved = rest.copy()
    moved[:, 0] = x + side * np.clip(wide - np.abs(x), 0, None) * depth
    return moved


def _held(body: Surface, place: Points, least: Points) -> Points:
    height, normal = body.near(place)
    # What is further away than a hand did not come out of this skin: the nearest point may face elsewhere.
    lacking = np.where(height > -0.06, np.maximum(least - height, 0), 0)
    return place + normal * lacking[:, None]


def _rise(share: NDArray[np.floating]) -> Points:
    """Return how much of its height over the skin a strand has at a share of its length."""
    return np.minimum(1.0, np.asarray(share, np.float64) * 5)


def _along(ways: Points, normals: Points) -> Points:
    return ways - normals * (ways * normals).sum(axis=1, keepdims=True)


def _unit(ways: Points) -> Points:
    return ways / np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-9)
