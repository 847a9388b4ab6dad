"""Says where garments end at the neck and at the arms, on the mesh at rest: positive is cloth."""

from __future__ import annotations

from typing import Final

import numpy as np

from studio.head.clothes.cloth import Line
from studio.head.stock import Points

SLOPE: Final = 0.42


def above_neck(places: Points) -> Points:
    """Return how far places are above the plane through the neck's root, metres."""
    return places[:, 1] - (0.590 - SLOPE * (places[:, 2] - 0.02))


def round_neck(lift: float = 0.0, scoop: float = 0.0) -> Line:
    """Cut around the neck, `lift` metres up it, and `scoop` metres deeper in front."""

    def line(places: Points) -> Points:
        front = np.clip((places[:, 2] - 0.02) / 0.06, 0, 1)
        middle = np.exp(-((places[:, 0] / 0.075) ** 2))
        return lift - scoop * front * middle - above_neck(places)

    return line


def wide_neck(width: float, depth: float) -> Line:
    """Cut an oval from shoulder to shoulder, `width` metres from the middle and `depth` deep in front."""

    def line(places: Points) -> Points:
        x, z = places[:, 0] / width, places[:, 2]
        front = np.clip((z - 0.0) / 0.05, 0, 1)
        level = 0.594 - (depth * front + 0.012 * (1 - front)) * (1 - np.clip(np.abs(x), 0, 1) ** 2)
        return np.where(
            np.abs(x) < 1,
            level - places[:, 1],
            np.minimum(np.abs(x) - 1, 0.5) * 0.1 + np.clip(level - places[:, 1], 0, 1),
        )

    return line


def open_front(bottom: float, top_width: float, lift: float = 0.0) -> Line:
    """Cut a V in front that ends at the height `bottom` and is `top_width` wide to each side at the neck."""
    around = round_neck(lift)

    def line(places: Points) -> Points:
        x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
        half = top_width * np.clip((y - bottom) / (0.570 - bottom), 0, None)
        opening = np.where(z > 0.03, x - half, 1.0)
        return np.minimum(around(places), opening)

    return line


def sleeveless(line: Line, reach: float = 0.128) -> Line:
    """End a garment before the arms."""

    def both(places: Points) -> Points:
        edge = reach + 0.25 * np.clip(0.50 - places[:, 1], 0, None)
        return np.minimum(line(places), edge - np.abs(places[:, 0]))

    return both


def bib(top: float, width: float) -> Line:
    """Keep a panel in front of the chest only."""

    def line(places: Points) -> Points:
        x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
        side = width + 0.9 * np.clip(top - 0.05 - y, 0, None)
        return np.minimum(np.minimum(top - y, side - x), (z - 0.02) * 2)

    return line
