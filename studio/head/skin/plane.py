"""A sheet in front of the face at rest on which fine things are drawn, and looked up by the skin's texels."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, map_coordinates

from studio.head.model import Floats
from studio.head.skin.texels import Texels

PER_METRE: Final = 8000
LEFT, RIGHT, TOP, BOTTOM = -0.105, 0.105, 0.865, 0.56  # metres
FRONT: Final = 0.055  # metres: what lies further back does not look at the sheet


class Plane:
    """Brightness 0..1 per place; lengths in metres on the mesh at rest."""

    def __init__(self) -> None:
        self.width, self.height = int((RIGHT - LEFT) * PER_METRE), int((TOP - BOTTOM) * PER_METRE)
        self._sheet = Image.new("L", (self.width, self.height))
        self._pen = ImageDraw.Draw(self._sheet)

    def stroke(self, points: NDArray[np.floating], width: float, strength: float) -> None:
        """Draw a line through points (n, 2)."""
        at = [((x - LEFT) * PER_METRE, (TOP - y) * PER_METRE) for x, y in points]
        self._pen.line(
            at, fill=int(np.clip(strength, 0, 1) * 255), width=max(1, round(width * PER_METRE)), joint="curve"
        )

    def dot(self, x: float, y: float, radius: float, strength: float) -> None:
        """Draw a disc."""
        at = ((x - LEFT) * PER_METRE, (TOP - y) * PER_METRE)
        size = radius * PER_METRE
        fill = int(np.clip(strength, 0, 1) * 255)
        self._pen.ellipse((at[0] - size, at[1] - size, at[0] + size, at[1] + size), fill=fill)

    def seen(self, table: Texels, soft: float = 0.0002) -> Floats:
        """Return what the texels (k,) see of it, blurred by `soft` metres."""
        sheet = gaussian_filter(np.asarray(self._sheet, np.float32) / 255, soft * PER_METRE)
        x, y, z = table.places.T
        at = np.stack([(TOP - y) * PER_METRE - 0.5, (x - LEFT) * PER_METRE - 0.5])
        values = map_coordinates(sheet, at, order=1, mode="constant")
        return np.where((z > FRONT) & (table.island != 1), values, 0).astype(np.float32)


def curve(points: list[tuple[float, float]], count: int) -> NDArray[np.float64]:
    """Return `count` points (count, 2) on a smooth line through `points` (Catmull and Rom)."""
    given = np.array(points, np.float64)
    padded = np.concatenate([[2 * given[0] - given[1]], given, [2 * given[-1] - given[-2]]])
    at = np.linspace(0, len(given) - 1, count)
    part = np.minimum(at.astype(int), len(given) - 2)
    t = (at - part)[:, None]
    a, b, c, d = (padded[part + k] for k in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
