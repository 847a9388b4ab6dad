"""Makes ribbons of strands: three vertices across, bent outwards, lit as the head of hair that they are part of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.head.hair.field import Surface
from studio.head.model import Floats, Ints
from studio.head.stock import Points

ROOTED, TIP = 0.058, 0.993  # of the strands' picture: where all of them have begun, and where they end
RAGGED: Final = 0.0035  # metres over which they begin


@dataclass(frozen=True, slots=True)
class Ribbons:
    """Vertices (n, 3), normals, uvs, triangles, and `share` (n,) of the length from root to tip."""

    positions: Floats
    normals: Floats
    uvs: Floats
    triangles: Ints
    share: Floats
    strand: Ints


def ribbons(
    body: Surface,
    strands: Points,
    widths: Points,
    columns: Points,
    *,
    bend: float = 0.22,
    round_: float = 0.6,
    tilt: float = 0.45,
) -> Ribbons:
    """Return a ribbon along each of strands (k, steps, 3), `widths` (k,) metres wide.

    `columns` (k,) 0..3 chooses the picture's column; `round_` 0..1 turns normals towards those of the skin below, and
    `tilt` spreads them across the ribbon, as if it were a lock.
    """
    count, steps, _ = strands.shape
    ahead = np.gradient(strands, axis=1)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=2, keepdims=True), 1e-9)
    outward = outwards(body, strands)
    side = np.cross(ahead, outward)
    side /= np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-6)
    side = _steady(side)
    up = np.cross(side, ahead)
    share = np.arange(steps) / (steps - 1)
    profile = np.interp(share, [0, 0.15, 0.6, 1], [0.75, 1.0, 0.95, 0.62])
    half = widths[:, None, None] / 2 * profile[None, :, None]
    middle = strands + up * (half * 2 * bend)
    rows = np.stack([strands - side * half, middle, strands + side * half], axis=2)
    flat = up * (1 - round_) + outward * round_
    normals = np.stack([flat - side * tilt, flat, flat + side * tilt], axis=2)
    normals /= np.maximum(np.linalg.norm(normals, axis=3, keepdims=True), 1e-9)
    # Hairs root one by one over some millimetres, however long they are: no ribbon begins with an edge.
    length = np.linalg.norm(np.diff(strands, axis=1), axis=2).sum(axis=1)[:, None]
    begin = ROOTED - np.minimum(ROOTED - 0.004, RAGGED / np.maximum(length, 1e-3))
    u = (columns[:, None] + np.array((0.03, 0.5, 0.97))[None]) / 4
    uvs = np.stack(
        [
            np.broadcast_to(u[:, None, :], (count, steps, 3)),
            np.broadcast_to((begin + share[None] * (TIP - begin))[..., None], (count, steps, 3)),
        ],
        axis=-1,
    )
    number = np.arange(count * steps * 3).reshape(count, steps, 3)
    faces = []
    for k in range(2):
        a, b, c, d = number[:, :-1, k], number[:, :-1, k + 1], number[:, 1:, k + 1], number[:, 1:, k]
        faces += [np.stack([a, c, d], axis=-1), np.stack([a, b, c], axis=-1)]
    return Ribbons(
        rows.reshape(-1, 3).astype(np.float32),
        normals.reshape(-1, 3).astype(np.float32),
        uvs.reshape(-1, 2).astype(np.float32),
        np.concatenate([each.reshape(-1, 3) for each in faces]).astype(np.int32),
        np.broadcast_to(share[None, :, None], (count, steps, 3)).reshape(-1).astype(np.float32),
        np.repeat(np.arange(count), steps * 3).astype(np.int32),
    )


def outwards(body: Surface, strands: Points) -> Points:
    """Return for points of strands (k, steps, 3) the way out of the head: the skin's over it, the neck's below."""
    flat = strands.reshape(-1, 3)
    rest = body.rest(flat)
    middle = np.stack([np.zeros(len(rest)), np.clip(rest[:, 1], 0.3, 0.765), np.full(len(rest), 0.045)], axis=1)
    away = rest - middle
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    return away.reshape(strands.shape)


def _steady(side: Points) -> Points:
    """Smooth the turning of ribbons along their length."""
    inner = (side[:, :-2] + 2 * side[:, 1:-1] + side[:, 2:]) / 4
    side = np.concatenate([side[:, :1], inner, side[:, -1:]], axis=1)
    return side / np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-6)
