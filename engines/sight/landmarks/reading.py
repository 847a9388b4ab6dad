"""Turns what a Face Landmarker found in a picture into faces: place, size, angles, weights, and who is who.

Pure. The matrix is MediaPipe's facial transformation: it turns a face that looks out of the picture (x to the
picture's right, y up, z out of it) into the one that is seen. Its angles are told as the head's own: to its left, up,
to its right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import asin, atan2, degrees, hypot
from typing import Final

NEUTRAL: Final = "_neutral"  # the first of the model's scores, which is no shape
NEAR: Final = 0.75  # of its height that a face moves between two pictures at most


@dataclass(frozen=True, slots=True)
class Found:
    """One face of one picture; `x`, `y` its middle from the upper left and `size` its height, shares of the picture."""

    weights: Mapping[str, float]
    x: float
    y: float
    size: float
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    id: int = 0


def found(
    points: Sequence[tuple[float, float]], scores: Sequence[tuple[str, float]], matrix: Sequence[Sequence[float]]
) -> Found:
    """Return a face from its landmarks (shares of the picture), its scores by name, and its 4 x 4 matrix by rows."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    yaw, pitch, roll = angles(matrix)
    weights = {name: min(1.0, max(0.0, score)) for name, score in scores if name != NEUTRAL}
    return Found(weights, (left + right) / 2, (top + bottom) / 2, bottom - top, yaw, pitch, roll)


def angles(matrix: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """Return yaw to the own left, pitch up and roll to the own right, in degrees, of a turn given by rows."""
    (_, _, fx), (upx, upy, fy), (_, _, fz) = (
        (matrix[0][0], matrix[0][1], matrix[0][2]),
        (matrix[1][0], matrix[1][1], matrix[1][2]),
        (matrix[2][0], matrix[2][1], matrix[2][2]),
    )
    length = hypot(fx, fy, fz) or 1.0
    return degrees(atan2(fx, fz)), degrees(asin(max(-1.0, min(1.0, fy / length)))), degrees(atan2(upx, upy))


class Following:
    """Gives the faces of one stream of pictures their numbers: who stays where they were keeps theirs."""

    def __init__(self) -> None:
        self._last: list[Found] = []
        self._count = 0

    def follow(self, faces: Sequence[Found]) -> list[Found]:
        """Return the faces of the next picture with their numbers, the largest first."""
        free, numbered = list(self._last), []
        for face in sorted(faces, key=lambda each: -each.size):
            before = min(free, key=lambda each: hypot(each.x - face.x, each.y - face.y), default=None)
            if before is not None and hypot(before.x - face.x, before.y - face.y) <= NEAR * max(face.size, before.size):
                free.remove(before)
                numbered.append(replace(face, id=before.id))
            else:
                self._count += 1
                numbered.append(replace(face, id=self._count))
        self._last = numbered
        return numbered
