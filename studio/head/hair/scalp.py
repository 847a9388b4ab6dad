"""Tells where hair and beard grow, on the mesh at rest."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.head.model import Floats

AXIS: Final = 0.05  # metres along z: the head's upright axis
# The hairline: degrees from the front to the back, metres of height.
LINE: Final = (
    (0, 0.8010), (18, 0.8000), (34, 0.7950), (46, 0.7860), (56, 0.7720), (64, 0.7520), (70, 0.7300), (76, 0.7060),
    (88, 0.7060), (93, 0.7370), (104, 0.7390), (114, 0.7250), (124, 0.6960), (140, 0.6740), (160, 0.6660),
    (180, 0.6640),
)  # fmt: skip


def azimuth(places: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the angle from the front, degrees 0..180, of places (k, 3)."""
    return np.degrees(np.arctan2(np.abs(places[:, 0]), places[:, 2] - AXIS))


def hairline(angle: NDArray[np.floating], receding: float = 0.0) -> NDArray[np.float64]:
    """Return the height of the hairline, metres, at angles from the front; `receding` 0..1 moves its front back."""
    degrees, heights = np.array(LINE).T
    line = np.interp(angle, degrees, heights)
    temples = np.exp(-(((angle - 36) / 17) ** 2)) * 0.022 + np.exp(-((angle / 22) ** 2)) * 0.014
    return line + receding * temples


def scalp(places: NDArray[np.floating], *, receding: float = 0.0, soft: float = 0.005) -> Floats:
    """Return how much hair grows at places (k, 3), 0..1, over an edge `soft` metres wide."""
    above = places[:, 1] - hairline(azimuth(places), receding)
    crown = np.zeros(len(places))
    if receding > 0.5:
        off = np.linalg.norm(places - (0, 0.845, 0.035), axis=1)
        crown = (receding - 0.5) * 2 * np.exp(-((off / 0.045) ** 2))
    ears = _ears(places)
    return (np.clip(above / soft + 0.5, 0, 1) * (1 - crown) * (1 - ears)).astype(np.float32)


def beard(places: NDArray[np.floating]) -> Floats:
    """Return how much beard grows at places (k, 3), 0..1."""
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    # The upper edge runs from the ear down the cheek and up to the wing of the nose.
    top = np.interp(
        x,
        [0, 0.012, 0.020, 0.030, 0.045, 0.058, 0.066, 0.072],
        [0.683, 0.6825, 0.679, 0.668, 0.668, 0.678, 0.698, 0.712],
    )
    cheek = np.clip((top - y) / 0.006 + 0.5, 0, 1)
    neck = np.clip((y - np.interp(z, [0.03, 0.09, 0.15], [0.632, 0.598, 0.606])) / 0.012 + 0.5, 0, 1)
    ahead = np.clip((z - 0.052) / 0.010, 0, 1)
    bare = np.exp(-(((x - 0.014) / 0.009) ** 2) - ((y - 0.6445) / 0.0045) ** 2) * 0.75
    lips = np.clip((np.hypot(x / 0.0270, (y - 0.6598) / 0.0088) - 1) / 0.16, 0, 1)
    return (cheek * neck * ahead * lips * (1 - bare) * (1 - _ears(places))).astype(np.float32)


def _ears(places: NDArray[np.floating]) -> NDArray[np.float64]:
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    inside = (y > 0.676) & (y < 0.742) & (z > 0.028) & (z < 0.066) & (x > 0.0735)
    return inside.astype(np.float64)
