"""Names what a puppet is made of, and moves its points. It draws nothing and reads no file.

`puppet.json` holds the same under the same names; the page's `puppet.js` reads it, and does what `posed` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.video.looks.appearance import CHANNELS

Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]

FORMAT: Final = 1
WIDEST: Final = (0.30, 0.22, 0.35)  # radians of yaw, pitch and roll: beyond, one picture tears
BREATH_S: Final = 4.2
BREATH: Final = "breath"  # a channel of the puppet's own, 0..1


@dataclass(frozen=True, slots=True)
class Layer:
    """Triangles (n, 3) with one texture ("front", "back" or "parts"), painted in the order of the layers."""

    name: str
    texture: str
    triangles: Ints


@dataclass(frozen=True, slots=True)
class Puppet:
    """One picture that can be moved: `size` (width, height) of it, in whose pixels the points are.

    `points` (n, 3): x to the right, y down, z to the viewer. `uvs` (n, 2) in 0..1 of the layer's texture. `head` (n,)
    is how much of the head's turn about `pivot` a point takes part in. `moves` has (n, 2) pixels at weight 1 for each
    channel. `meet` are pairs (upper, lower) that may not cross. `textures` are (height, width, 4) of straight alpha.
    """

    size: tuple[int, int]
    points: Floats
    uvs: Floats
    head: Floats
    pivot: tuple[float, float, float]
    moves: Mapping[str, Floats]
    meet: tuple[tuple[int, int], ...]
    layers: tuple[Layer, ...]
    textures: Mapping[str, Bytes]


class Joints:
    """A puppet's points, ready to be moved."""

    def __init__(self, puppet: Puppet) -> None:
        self._puppet = puppet
        names = [name for name in puppet.moves if name in CHANNELS]
        self._at = np.array([CHANNELS.index(name) for name in names], np.int64)
        self._moves = np.stack([puppet.moves[name] for name in names]).reshape(len(names), -1)
        self._breath = puppet.moves.get(BREATH)

    def posed(self, frame: Floats, seconds: float) -> Floats:
        """Return where the points are drawn (n, 2) pixels of the picture; `frame` holds CHANNELS."""
        puppet = self._puppet
        moved = puppet.points.copy()
        weights = np.clip(frame[self._at], 0, 1).astype(np.float32)
        moved[:, :2] += (weights @ self._moves).reshape(-1, 2)
        if self._breath is not None:
            moved[:, :2] += np.float32(0.5 - 0.5 * np.cos(2 * np.pi * seconds / BREATH_S)) * self._breath
        for upper, lower in puppet.meet:
            over = moved[upper, 1] - moved[lower, 1]
            if over >= 0:
                moved[upper, 1] -= over / 2
                moved[lower, 1] = moved[upper, 1]
        angles = np.clip(frame[-3:], -np.array(WIDEST), WIDEST)
        return turned(moved, puppet.head, puppet.pivot, angles)


def turned(points: Floats, share: Floats, pivot: tuple[float, float, float], angles: Floats) -> Floats:
    """Turn points (n, 3) about the pivot by their share of yaw (to their left), pitch (up), roll (to their right)."""
    yaw, pitch, roll = (np.float32(angle) * share for angle in angles)
    x, y, z = (points - np.array(pivot, np.float32)).T
    x1, z1 = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    y2 = y * np.cos(pitch) - z1 * np.sin(pitch)
    x3, y3 = x1 * np.cos(roll) + y2 * np.sin(roll), y2 * np.cos(roll) - x1 * np.sin(roll)
    # The pivot lies behind the face: what turns swings, and at rest nothing moves.
    found: Floats = np.stack([x3 + pivot[0], y3 + pivot[1]], axis=1).astype(np.float32)
    return found
