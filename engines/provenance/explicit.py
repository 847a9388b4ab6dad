"""Labels that people see and hear, as GB 45438-2025 wants them: "AI生成" on a picture, a rhythm of tones in a sound.

The letters are drawn from strokes of our own, so that no font is needed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
Stroke: TypeAlias = tuple[tuple[float, float], ...]

SHARE: Final = 0.06  # height of the letters, of the shorter side; at least 0.05 is asked for
SHORT, LONG, GAP = 0.12, 0.36, 0.12  # s: the rhythm is short, long, short, short
PITCH: Final = 880.0  # Hz
LOUD: Final = 0.25  # of full scale

# In a square from (0, 0), top left, to (1, 1).
_LETTERS: Final[tuple[tuple[Stroke, ...], ...]] = (
    (((0.10, 0.95), (0.50, 0.08), (0.90, 0.95)), ((0.25, 0.64), (0.75, 0.64))),
    (((0.50, 0.08), (0.50, 0.95)), ((0.28, 0.08), (0.72, 0.08)), ((0.28, 0.95), (0.72, 0.95))),
    (
        ((0.30, 0.08), (0.24, 0.24), (0.12, 0.42)),
        ((0.22, 0.28), (0.88, 0.28)),
        ((0.52, 0.06), (0.52, 0.93)),
        ((0.22, 0.60), (0.84, 0.60)),
        ((0.08, 0.93), (0.94, 0.93)),
    ),
    (
        ((0.20, 0.26), (0.94, 0.26)),
        ((0.20, 0.26), (0.20, 0.62), (0.08, 0.94)),
        ((0.20, 0.48), (0.46, 0.48), (0.44, 0.80), (0.34, 0.76)),
        ((0.58, 0.06), (0.62, 0.44), (0.74, 0.78), (0.92, 0.94), (0.95, 0.76)),
        ((0.86, 0.42), (0.72, 0.70), (0.48, 0.94)),
        ((0.74, 0.08), (0.86, 0.17)),
    ),
)


def stamped(pixels: Pixels) -> Pixels:
    """Return the picture (height, width, 3 or 4) with "AI生成" in its lower right corner, white on a dark ground."""
    tall, wide = pixels.shape[:2]
    size = max(8, round(SHARE * min(tall, wide) / 0.9))
    ink = np.concatenate([_letter(strokes, size) for strokes in _LETTERS], axis=1)
    room = max(2, size // 4)
    board = np.pad(ink, room)[:tall, :wide]
    made = pixels.copy()
    corner = made[tall - board.shape[0] :, wide - board.shape[1] :, :3]
    shown = 0.45 * corner.astype(np.float64) * (1 - board[..., None]) + 255 * board[..., None]
    made[tall - board.shape[0] :, wide - board.shape[1] :, :3] = np.clip(np.rint(shown), 0, 255).astype(np.uint8)
    if pixels.shape[2] == 4:
        made[tall - board.shape[0] :, wide - board.shape[1] :, 3] = 255
    return made


def rhythm(rate: int) -> bytes:
    """Return the tones (s16le mono) that say that a sound was made by a machine: short, long, short, short."""
    parts = [np.zeros(round(GAP * rate))]
    for seconds in (SHORT, LONG, SHORT, SHORT):
        time = np.arange(round(seconds * rate)) / rate
        edge = np.clip(np.minimum(time, seconds - time) / 0.01, 0, 1)
        parts += [LOUD * edge * np.sin(2 * np.pi * PITCH * time), np.zeros(round(GAP * rate))]
    made: bytes = np.rint(32_767 * np.concatenate(parts)).astype("<i2").tobytes()
    return made


def _letter(strokes: tuple[Stroke, ...], size: int) -> NDArray[np.float64]:
    """Draw one letter as ink of 0..1, (size, size), smooth at its edges."""
    fine = 4 * size
    row, column = np.mgrid[0:fine, 0:fine] / fine
    near = np.full((fine, fine), np.inf)
    for stroke in strokes:
        for (x0, y0), (x1, y1) in pairwise(stroke):
            along = ((column - x0) * (x1 - x0) + (row - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2)
            part = np.clip(along, 0, 1)
            near = np.minimum(near, np.hypot(column - x0 - part * (x1 - x0), row - y0 - part * (y1 - y0)))
    ink = (near < 0.055).astype(np.float64)
    drawn: NDArray[np.float64] = ink.reshape(size, 4, size, 4).mean(axis=(1, 3))
    return drawn
