"""Says which way hair is combed, at places of the mesh at rest."""

from __future__ import annotations

from typing import Final

import numpy as np

from studio.head.hair.grow import Comb
from studio.head.stock import Points

WHORL: Final = np.array((0.006, 0.848, 0.008))


def natural(places: Points, share: Points) -> Points:
    """Return ways out of the whorl, as hair grows: over the forehead, down at the sides and the back."""
    ways = places - WHORL
    ways[:, 1] -= 0.035
    return ways


def parted(at: float, back: float = 0.25) -> Comb:
    """Comb away from a parting `at` metres left of the middle, `back` from the face, straight down behind."""

    def comb(places: Points, share: Points) -> Points:
        x, y, z = places.T
        side = np.tanh((x - at * np.clip((z - 0.0) / 0.06, 0, 1)) / 0.004)
        top = np.clip((y - 0.785) / 0.05, 0, 1)
        front = np.clip((z - 0.005) / 0.05, 0, 1)
        across = side * (0.12 + front * (0.25 + 1.1 * top))
        return np.stack([across, -0.30 - 0.75 * (1 - top * front), -0.35 * (1 - front) * top - back * front], axis=1)

    return comb


def fringed(at: float, width: float = 0.042) -> Comb:
    """As `parted`, with the hair over the forehead combed forwards and down."""
    rest = parted(at)

    def comb(places: Points, share: Points) -> Points:
        x, y, z = places.T
        ahead = (
            np.clip((z - 0.068) / 0.012, 0, 1)
            * np.clip((width - np.abs(x)) / 0.008, 0, 1)
            * np.clip((y - 0.74) / 0.02, 0, 1)
        )
        forward = np.stack([x * 1.2, np.full(len(x), -0.55), np.full(len(x), 0.75)], axis=1)
        return rest(places, share) * (1 - ahead[:, None]) + forward * ahead[:, None]

    return comb


def swept(up: float = 0.35, side: float = 0.0) -> Comb:
    """Comb back from the forehead, standing `up` in front; `side` turns it to the left."""

    def comb(places: Points, share: Points) -> Points:
        x, y, z = places.T
        top = np.clip((y - 0.775) / 0.03, 0, 1)
        front = np.clip((z - 0.085) / 0.04, 0, 1)
        rise = up * front * top * np.clip(1 - share * 1.4, 0, 1)
        across = side * top + 0.4 * x / 0.07 * (1 - top)
        back = -1.0 * top - 0.55 * (1 - top)
        return np.stack([across, rise - 0.85 * (1 - top) - 0.12, back], axis=1)

    return comb


def brushed(at: float) -> Comb:
    """Comb as a short side parting: over the top to one side, down at the sides."""

    def comb(places: Points, share: Points) -> Points:
        x, y, z = places.T
        top = np.clip((y - 0.79) / 0.03, 0, 1)
        way = -np.sign(at) if at else 1.0
        over = np.where((x - at) * way > 0, way, -0.7 * way)
        front = np.clip((z - 0.05) / 0.06, 0, 1)
        rise = 0.25 * front * top * np.clip(1 - share * 1.6, 0, 1)
        return np.stack(
            [over * top + 0.1 * x / 0.07, rise - 0.2 - 0.9 * (1 - top), 0.30 * front * top - 0.40 * (1 - top)], axis=1
        )

    return comb


def gathered(targets: Points, down: float = 0.1) -> Comb:
    """Comb towards the closest of `targets` (k, 3) on the same side."""

    def comb(places: Points, share: Points) -> Points:
        off = targets[None] - places[:, None]
        distance = np.linalg.norm(off, axis=2)
        if len(targets) > 1:
            distance = np.where(np.sign(targets[None, :, 0]) * np.sign(places[:, None, 0]) < 0, 9.0, distance)
        ways = off[np.arange(len(places)), distance.argmin(axis=1)]
        ways = ways / np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-6)
        ways[:, 1] -= down
        return ways

    return comb
