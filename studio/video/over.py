"""Lays a picture with straight alpha over another one, and makes alpha straight."""

from __future__ import annotations

import numpy as np
from numba import njit

from studio.video.looks.appearance import Bytes


def lay(out: Bytes, person: Bytes, left: int) -> None:
    """Lay `person` (height, any, 4) over `out` (height, width, 3 or 4) from column `left`, in place, cut to fit."""
    _lay(out, person, left)


@njit(cache=True)
def _lay(out: Bytes, person: Bytes, left: int) -> None:  # pragma: no cover (compiled)
    rows, channels = min(out.shape[0], person.shape[0]), out.shape[2]
    for y in range(rows):
        for column in range(person.shape[1]):
            x = left + column
            if x < 0 or x >= out.shape[1]:
                continue
            alpha = int(person[y, column, 3])
            if alpha == 0:
                continue
            if alpha == 255:
                for k in range(channels):
                    out[y, x, k] = person[y, column, k]
                continue
            below = 255 if channels == 3 else int(out[y, x, 3])
            rest = below * (255 - alpha) // 255
            whole = alpha + rest
            for k in range(3):
                out[y, x, k] = np.uint8((int(person[y, column, k]) * alpha + int(out[y, x, k]) * rest) // whole)
            if channels == 4:
                out[y, x, 3] = np.uint8(whole)


@njit(cache=True)
def straight(pixels: Bytes) -> Bytes:  # pragma: no cover (compiled)
    """Return premultiplied pixels (height, width, 4) with straight alpha."""
    found = np.zeros_like(pixels)
    for y in range(pixels.shape[0]):
        for x in range(pixels.shape[1]):
            alpha = int(pixels[y, x, 3])
            if alpha == 0:
                continue
            for k in range(3):
                value = int(pixels[y, x, k])
                found[y, x, k] = np.uint8(value if alpha == 255 else min(255, (value * 255 + alpha // 2) // alpha))
            found[y, x, 3] = np.uint8(alpha)
    return found
