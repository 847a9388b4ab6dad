"""Draws the lines that age and character leave in a face, as depths."""

from __future__ import annotations

from typing import Final

import numpy as np

from studio.head.model import Floats
from studio.head.skin.plane import Plane, curve
from studio.head.skin.texels import Texels

# Left half, metres at rest: points, width, how early in life they show (years), how deep in the end (0..1).
BOTH: Final = (
    # beside the nose down to the mouth
    (((0.0205, 0.694), (0.026, 0.685), (0.0305, 0.674), (0.0325, 0.663)), 0.0013, 22, 0.85),
    (((0.0305, 0.655), (0.0315, 0.645), (0.0300, 0.636)), 0.0011, 48, 0.6),
    # under the eye
    (((0.0195, 0.7205), (0.026, 0.7145), (0.034, 0.7125), (0.0425, 0.7165)), 0.0009, 30, 0.55),
    (((0.021, 0.716), (0.028, 0.709), (0.037, 0.7075)), 0.0012, 50, 0.45),
    # beside the eye
    (((0.0475, 0.7285), (0.053, 0.7300), (0.058, 0.7325)), 0.0007, 34, 0.7),
    (((0.0475, 0.7265), (0.0535, 0.7255), (0.0595, 0.7248)), 0.0007, 36, 0.75),
    (((0.0465, 0.7240), (0.052, 0.7205), (0.0575, 0.7170)), 0.0007, 40, 0.65),
    (((0.0455, 0.7215), (0.050, 0.7165), (0.054, 0.7115)), 0.0007, 52, 0.5),
    # between the brows
    (((0.0062, 0.7555), (0.0058, 0.748), (0.0070, 0.741)), 0.0011, 42, 0.5),
    # the cheek
    (((0.040, 0.690), (0.044, 0.677), (0.043, 0.662)), 0.0013, 62, 0.4),
)
ACROSS: Final = (
    (((-0.040, 0.7745), (-0.02, 0.7775), (0, 0.7765), (0.02, 0.7775), (0.040, 0.7745)), 0.0013, 36, 0.55),
    (((-0.044, 0.7835), (-0.02, 0.7865), (0, 0.7855), (0.02, 0.7865), (0.044, 0.7835)), 0.0013, 42, 0.55),
    (((-0.036, 0.7925), (-0.02, 0.7945), (0, 0.7940), (0.02, 0.7945), (0.036, 0.7925)), 0.0013, 52, 0.45),
    (((-0.014, 0.6405), (0, 0.6425), (0.014, 0.6405)), 0.0014, 34, 0.4),
    (((-0.05, 0.5985), (0, 0.5915), (0.05, 0.5985)), 0.0016, 38, 0.6),
    (((-0.05, 0.5785), (0, 0.5700), (0.05, 0.5785)), 0.0016, 50, 0.6),
)


def lines(age: float, laughter: float, table: Texels, seed: int) -> Floats:
    """Return how deep the lines are at each texel (k,), 0..1; `laughter` 0..1 deepens those of a smile."""
    random = np.random.default_rng((seed, 12))
    fine, broad = Plane(), Plane()
    for points, width, begins, depth in BOTH:
        for side in (1, -1):
            strength = _strength(age, begins, depth) * random.uniform(0.75, 1.1)
            strength = max(strength, laughter * 0.5 * depth if begins < 41 else 0.0)
            _draw(fine, broad, [(x * side, y) for x, y in points], width, strength, random)
    for across, width, begins, depth in ACROSS:
        _draw(fine, broad, list(across), width, _strength(age, begins, depth) * random.uniform(0.6, 1.1), random)
    return np.clip(0.65 * fine.seen(table, 0.00035) + 0.5 * broad.seen(table, 0.0012), 0, 1)


def _strength(age: float, begins: float, depth: float) -> float:
    return depth * float(np.clip((age - begins) / 38, 0, 1)) ** 0.8


def _draw(
    fine: Plane,
    broad: Plane,
    points: list[tuple[float, float]],
    width: float,
    strength: float,
    random: np.random.Generator,
) -> None:
    if strength < 0.02:
        return
    wavy = [(x + random.normal(0, 0.0005), y + random.normal(0, 0.0005)) for x, y in points]
    path = curve(wavy, 40)
    for k in range(39):
        along = np.sin(np.pi * (k + 0.5) / 39) ** 0.6
        fine.stroke(path[k : k + 2], width * (0.4 + 0.6 * along), strength * along)
        broad.stroke(path[k : k + 2], width * 2.6 * (0.4 + 0.6 * along), strength * along)
