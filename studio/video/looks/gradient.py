"""Lays colour gradients onto pixels through a mask: what Skia's package for Python, built without vectors, does slowly.

As on a page's canvas, colours and opacities are mixed apart from each other between two stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from studio.video.looks.appearance import Bytes

STEPS: Final = 1024  # colours from the first stop to the last

Ramp = NDArray[np.uint64]  # (STEPS,) premultiplied red, blue, green and opacity, 0..255, in 16 bits each
Colour = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gradient lies: at (x, y) it is at `across` and `down`, each a row (by x, by y, at 0); only `across`
    counts where it is straight, their distance from 0 where it is round. 0 is the first stop, 1 the last."""

    across: tuple[float, float, float]
    down: tuple[float, float, float]
    round: bool


def ramp(stops: Sequence[tuple[float, Colour]]) -> Ramp:
    """Return the colours of stops (place 0..1, red, green, blue, opacity 0..1)."""
    at = np.linspace(0, 1, STEPS)
    places = [float(place) for place, _ in stops]
    colours = np.array([colour for _, colour in stops])
    mixed = np.stack([np.interp(at, places, colours[:, k]) for k in range(4)], axis=1)
    mixed[:, :3] *= mixed[:, 3:]
    whole = np.rint(mixed * 255).astype(np.uint64)
    return np.asarray(whole[:, 0] | whole[:, 2] << 16 | whole[:, 1] << 32 | whole[:, 3] << 48, np.uint64)


def straight(first: tuple[float, float], last: tuple[float, float]) -> Place:
    """Return the place of a gradient from one point to another."""
    x, y = last[0] - first[0], last[1] - first[1]
    length = max(x * x + y * y, 1e-9)
    return Place((x / length, y / length, -(first[0] * x + first[1] * y) / length), (0.0, 0.0, 0.0), round=False)


def circular(middle: tuple[float, float], radius: float, squash: float = 1.0) -> Place:
    """Return the place of a gradient around a point, as tall as `squash` of its width."""
    high = radius * squash
    return Place((1 / radius, 0.0, -middle[0] / radius), (0.0, 1 / high, -middle[1] / high), round=True)


def seen(place: Place, scale: float, left: float, top: float) -> Place:
    """Return the place in pixels where a picture's (x, y) is drawn at (left + scale x, top + scale y)."""

    def moved(row: tuple[float, float, float]) -> tuple[float, float, float]:
        a, b, c = row
        # A pixel's middle lies half a pixel from its corner.
        return a / scale, b / scale, c + (a * (0.5 - left) + b * (0.5 - top)) / scale

    return Place(moved(place.across), moved(place.down), place.round)


def lay(
    pixels: Bytes, mask: Bytes, within: Bytes | None, box: tuple[int, int, int, int], place: Place, colours: Ramp,
    alpha: float,
) -> None:  # fmt: skip
    """Lay colours over premultiplied pixels (h, w, 4) in place, as far as `mask` (h, w) and `within` (h, w) say.

    `box` is left, top, right, bottom; the mask in it is 0 afterwards. `place` is in pixels.
    """
    _lay(pixels.view(np.uint32)[..., 0], mask, mask if within is None else within, within is not None, *box,
         *place.across, *place.down, place.round, colours, np.uint64(round(alpha * 255)))  # fmt: skip


@njit(cache=True, fastmath=True)
def _lay(
    pixels: Any, mask: Any, within: Any, bounded: bool, left: int, top: int, right: int, bottom: int, ax: Any,
    ay: float, a0: float, dx: Any, dy: float, d0: float, round_: bool, colours: Any, opacity: Any,
) -> None:  # pragma: no cover (compiled)  # fmt: skip
    # Four products are worked out at once, each in 16 bits of one number: red, blue, green, alpha from the lowest up.
    full, lanes, low = np.uint64(255), np.uint64(0x00FF00FF00FF00FF), np.uint64(0x00FF00FF)
    half, byte, word, alpha = np.uint64(0x0080008000800080), np.uint64(8), np.uint64(32), np.uint64(48)
    last = np.float32(len(colours) - 1)
    a1, d1 = np.float32(ax) * last, np.float32(dx) * last
    for y in range(top, bottom):
        a = np.float32(ay * y + a0) * last
        d = np.float32(dy * y + d0) * last
        for x in range(left, right):
            cover = np.uint64(mask[y, x])
            if cover == 0:
                continue
            if bounded:
                cover = (cover * np.uint64(within[y, x]) + np.uint64(127)) // full
            mask[y, x] = 0
            t = a + a1 * np.float32(x)
            if round_:
                e = d + d1 * np.float32(x)
                t = np.sqrt(t * t + e * e)
            own = colours[np.int32(min(max(t + np.float32(0.5), np.float32(0)), last))]
            if opacity != full:
                cover = (cover * opacity + np.uint64(127)) // full
            if cover != full:
                own = own * cover + half
                own = ((own + ((own >> byte) & lanes)) >> byte) & lanes
            whole = own >> alpha
            if whole != full:
                old = np.uint64(pixels[y, x])
                below = ((old & low) | (((old >> byte) & low) << word)) * (full - whole) + half
                own += ((below + ((below >> byte) & lanes)) >> byte) & lanes
            pixels[y, x] = np.uint32((own & low) | ((own >> word) << byte))
