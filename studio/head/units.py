"""Says what is made of the data's face units: how far each of ARKit's shapes goes, and what else moves along with it.

The data's units are subtle, and some move as another shape does: its mouthPress widens as a smile, its jaw hardly goes
sideways. What others saw in them (`python -m bench.appearance`) and what they look like decided this table; a shape
takes along only what moves in a face that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np

from engines.face.rigs import NAMES
from studio.head.stock import Target, face_units, stock

EDGE: Final = 0.006  # metres over which a one-sided part of a two-sided unit fades out at the middle

# Shape: parts of the data's units. "unit/side" is that side of a unit; the right is the mirror of the left.
_LEFT: Final[Mapping[str, Mapping[str, float]]] = {
    "browDownLeft": {"browDownLeft": 2.5, "eyeSquintLeft": -0.5, "eyeWideLeft": 0.15},
    "eyeLookDownLeft": {
        "eyeLookDownLeft": 1.4, "eyeSquintLeft": -0.6, "browInnerUp/left": -0.3, "browOuterUpLeft": -0.2,
    },
    "eyeLookUpLeft": {"eyeLookUpLeft": 1.55, "eyeSquintLeft": -1.1, "eyeWideLeft": 0.5},
    "eyeWideLeft": {"eyeWideLeft": 1.4},
    "eyeSquintLeft": {"eyeSquintLeft": 1.25},
    # The corner that a jaw leaves is not drawn up.
    "jawLeft": {"jawLeft": 3.3, "mouthLeft": 0.2, "mouthSmileRight": -0.5, "mouthDimpleRight": -0.4},
    "mouthLeft": {"mouthLeft": 1.5, "mouthSmileLeft": -0.15},
    "mouthDimpleLeft": {
        "mouthDimpleLeft": 0.95, "mouthSmileLeft": 0.12, "mouthStretchLeft": -0.4, "mouthFrownLeft": -0.4,
        "mouthFunnel/left": 0.7, "cheekPuff/left": 0.45,
    },
    "mouthPressLeft": {
        "mouthPressLeft": 1.4, "mouthSmileLeft": -0.7, "mouthStretchLeft": -0.3, "mouthRollLower/left": 1.6,
        "mouthRollUpper/left": 0.6, "mouthLeft": 0.2,
    },
    # Whose corners go down pushes the chin up; the upper lip stays.
    "mouthFrownLeft": {
        "mouthFrownLeft": 2.3, "mouthFrownRight": 0.5, "mouthStretchLeft": 0.4, "mouthShrugLower": 0.4,
        "mouthPucker/left": -0.4, "mouthUpperUpLeft": -0.3, "mouthSmileLeft": -0.2, "mouthRollLower/left": 0.5,
    },
    "mouthLowerDownLeft": {
        "mouthLowerDownLeft": 2.7, "mouthLeft": -0.35, "mouthUpperUpRight": -0.3, "mouthShrugLower/left": -0.4,
    },
    "mouthStretchLeft": {"mouthStretchLeft": 1.5},
    "mouthUpperUpLeft": {"mouthUpperUpLeft": 1.9},
    "cheekSquintLeft": {"cheekSquintLeft": 1.5},
    "noseSneerLeft": {"noseSneerLeft": 1.6},
}  # fmt: skip
_WHOLE: Final[Mapping[str, Mapping[str, float]]] = {
    "jawForward": {"jawForward": 1.5},
    "mouthFunnel": {"mouthFunnel": 1.35, "mouthPucker": -0.8, "mouthRollUpper": -0.8, "mouthRollLower": -1.0},
    "mouthPucker": {"mouthPucker": 1.35},
    # Rolled in and not pressed: the chin stays down, and the mouth does not grow wide.
    "mouthRollLower": {
        "mouthRollLower": 2.2,
        "mouthRollUpper": 0.35,
        "mouthShrugLower": -1.0,
        "mouthFunnel": 0.3,
        "mouthPressLeft": -0.5,
        "mouthPressRight": -0.5,
    },
    "mouthRollUpper": {"mouthRollUpper": 1.6, "mouthSmileLeft": -0.2, "mouthSmileRight": -0.2},
    "mouthShrugLower": {
        "mouthShrugLower": 1.5,
        "mouthSmileLeft": -0.2,
        "mouthSmileRight": -0.2,
        "mouthFrownLeft": 0.2,
        "mouthFrownRight": 0.2,
    },
    "mouthShrugUpper": {
        "mouthShrugUpper": 1.6,
        "mouthUpperUpLeft": -0.7,
        "mouthUpperUpRight": -0.7,
        "mouthShrugLower": 0.5,
    },
}


@cache
def units() -> Mapping[str, Target]:
    """Return the 52 shapes by ARKit's names, as motions of the stock's points; once for a process."""
    return {name: mixed(recipe(name)) for name in NAMES}


def recipe(name: str) -> Mapping[str, float]:
    """Return the parts of the data's units that a shape is made of."""
    if name in _LEFT:
        return _LEFT[name]
    if name in _WHOLE:
        return _WHOLE[name]
    if mirrored(name) in _LEFT:
        return {mirrored(part): share for part, share in _LEFT[mirrored(name)].items()}
    return {name: 1.0}


def mirrored(name: str) -> str:
    """Return the name of the other side's shape or part."""
    swaps = {"Left": "Right", "Right": "Left", "/left": "/right", "/right": "/left"}
    for end, other in swaps.items():
        if name.endswith(end):
            return name.removesuffix(end) + other
    return name


def mixed(parts: Mapping[str, float]) -> Target:
    """Return the sum of parts of the data's units."""
    rest = stock().points
    total = np.zeros_like(rest)
    for part, share in parts.items():
        name, _, side = part.partition("/")
        unit = face_units()[name]
        by = unit.by * share
        if side:
            x = rest[unit.at, 0] * (1 if side == "left" else -1)
            by = by * (0.5 + 0.5 * np.tanh(x / (2 * EDGE)))[:, None]
        total[unit.at] += by
    at = np.nonzero(np.abs(total).max(axis=1) > 0)[0]
    return Target(at, total[at])
