"""Makes a realistic figure a stylised one: larger eyes, a small nose and mouth, a tapered jaw; all shapes come along.

Each point is scaled about a few middles by how near it lies to them on the mesh at rest. That is an affine map for
each point, so a shape's motion is scaled by the same factors: lids that met before still meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from studio.head.eyes import Ball, balls
from studio.head.motions import Figure
from studio.head.stock import Points, stock

EYES: Final = (1.46, 1.70, 1.28)
NEAR, FAR = 0.017, 0.051  # metres from an eye's middle: within NEAR all of it, beyond FAR nothing
NOSE: Final = (0.70, 0.86, 0.52)
MOUTH: Final = (0.76, 0.84, 0.94)
JAW: Final = (0.84, 1.0, 1.0)
LIPS: Final = (0.0, 0.6605, 0.150)  # on the mesh at rest


def stylised(shaped: Figure) -> Figure:
    """Return the figure with the proportions of a drawing."""
    factor, shift = np.ones_like(shaped.points), np.zeros_like(shaped.points)
    for middle, scale, weight in _areas(shaped):
        more = weight[:, None] * (np.array(scale) - 1)
        factor += more
        shift -= more * middle
    return replace(
        shaped,
        points=shaped.points * factor + shift,
        moves={name: by * factor for name, by in shaped.moves.items()},
        balls={side: Ball(ball.middle, ball.radius, EYES) for side, ball in shaped.balls.items()},
    )


# ------------------------------------------------------------------------------------------------ parts


def _areas(shaped: Figure) -> Iterator[tuple[Points, tuple[float, float, float], Points]]:
    """Yield where it is scaled about, by how much, and how far each point (n,) takes part, 0..1."""
    rest = stock().points
    x, y, z = rest.T
    for side, at_rest in balls(rest).items():
        off = np.hypot(x - at_rest.middle[0], y - at_rest.middle[1])
        yield shaped.balls[side].middle, EYES, _fade(off, NEAR, FAR) * _ramp(z, at_rest.middle[2] - 0.030, 0.02)
    beside = (np.abs(np.abs(x) - 0.026) < 0.006) & (np.abs(y - 0.692) < 0.008) & (z > 0.11)
    tip = np.array((0.0, shaped.points[beside, 1].mean() + 0.004, shaped.points[beside, 2].mean() - 0.003))
    yield tip, NOSE, np.exp(-((x / 0.021) ** 2) - ((y - 0.697) / 0.020) ** 2) * _ramp(z, 0.120, 0.02)
    near = np.linalg.norm(rest - LIPS, axis=1) < 0.016
    yield (
        shaped.points[near].mean(axis=0),
        MOUTH,
        np.exp(-((x / 0.036) ** 2) - ((y - LIPS[1]) / 0.020) ** 2) * _ramp(z, 0.06, 0.03),
    )
    yield np.zeros(3), JAW, np.exp(-(((y - 0.628) / 0.034) ** 2)) * _ramp(z, 0.02, 0.06)


def _fade(off: Points, near: float, far: float) -> Points:
    part = np.clip((far - off) / (far - near), 0, 1)
    return part * part * (3 - 2 * part)


def _ramp(at: Points, begin: float, wide: float) -> Points:
    return np.clip((at - begin) / wide, 0, 1)
