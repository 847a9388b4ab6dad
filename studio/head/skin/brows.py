"""Draws eyebrows hair by hair on the sheet in front of the face; they move with the skin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.head.model import Floats
from studio.head.skin.plane import Plane, curve
from studio.head.skin.texels import Texels

HAIRS: Final = 620  # a side, at full fullness
# The middle line of the left brow, from the nose outwards.
LINE: Final = ((0.0128, 0.7448), (0.022, 0.7472), (0.034, 0.7496), (0.0445, 0.7488), (0.0530, 0.7444))


@dataclass(frozen=True, slots=True)
class Brows:
    """`thickness` in metres in the middle, `fullness` 0..1, `arch` in metres of the peak, `height` in metres."""

    thickness: float = 0.0066
    fullness: float = 0.8
    arch: float = 0.0
    height: float = 0.0
    bushy: float = 0.0


def brows(kind: Brows, table: Texels, seed: int) -> Floats:
    """Return how far each texel (k,) is covered by brow, 0..1."""
    plane, shade = Plane(), Plane()
    for side in (1, -1):
        _side(plane, shade, kind, side, np.random.default_rng((seed, 11, side + 1)))
    hairs, under = plane.seen(table, 0.00016), shade.seen(table, 0.0011)
    return np.clip(hairs * 0.95 + under * 0.5 * kind.fullness, 0, 1)


def _side(plane: Plane, shade: Plane, kind: Brows, side: int, random: np.random.Generator) -> None:
    points = np.array(LINE)
    points[:, 1] += kind.height
    points[2:4, 1] += kind.arch
    points[1, 1] += kind.arch * 0.35
    line = curve([(x, y) for x, y in points], 120)
    slope = np.gradient(line, axis=0)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    across = np.stack([-slope[:, 1], slope[:, 0]], axis=1)
    for _ in range(int(HAIRS * kind.fullness)):
        t = random.beta(1.12, 1.12)
        k = int(t * 119)
        half = kind.thickness / 2 * _profile(t)
        off = float(np.clip(random.normal(0, 0.46), -1, 1))
        root = line[k] + across[k] * half * off
        # Hairs stand up at the nose, lie along the brow further out, and lean towards its middle line.
        lean = np.interp(t, [0, 0.15, 0.45, 1], [1.05, 0.85, 0.42, 0.1]) - off * np.interp(
            t, [0, 0.3, 1], [0.1, 0.45, 0.3]
        )
        lean += random.normal(0, 0.13 + 0.2 * kind.bushy)
        way = slope[k] * np.cos(lean) + across[k] * np.sin(lean)
        length = (
            random.uniform(0.0042, 0.0082) * (1 + 0.45 * kind.bushy) * np.interp(t, [0, 0.1, 0.7, 1], [0.7, 1, 1, 0.6])
        )
        bend = slope[k] * length * 0.18
        tip = root + way * length
        path = curve([tuple(root), tuple((root + tip) / 2 + bend * 0.4), tuple(tip + bend)], 7)
        path[:, 0] *= side
        strength = random.uniform(0.55, 1.0)
        plane.stroke(path[:5], 0.00036, strength)
        plane.stroke(path[4:], 0.00022, strength * 0.8)
    for k in range(0, 118, 2):
        t = k / 119
        half = kind.thickness / 2 * _profile(t) * 0.8
        end = np.array([line[k] - across[k] * half, line[k] + across[k] * half]) * (side, 1)
        shade.stroke(end, 0.0016, 0.75 * np.interp(t, [0, 0.12, 0.8, 1], [0.3, 0.8, 1, 0.7]))


def _profile(t: float) -> float:
    """Return how thick the brow is, 0..1, from the nose (0) outwards (1)."""
    return float(np.interp(t, [0, 0.08, 0.3, 0.6, 0.85, 1], [0.5, 0.88, 1.0, 0.85, 0.55, 0.2]))
