"""Makes the closed, pointed locks that a cartoon's hair consists of."""

from __future__ import annotations

import numpy as np

from studio.head.hair.field import Surface
from studio.head.hair.ribbons import Ribbons, outwards
from studio.head.stock import Points

CORNERS = 6  # of a lock's cross-section
FLAT = 0.42  # how thick a lock is beside its width


def clumps(body: Surface, strands: Points, widths: Points) -> Ribbons:
    """Return a lock along each of strands (k, steps, 3), `widths` (k,) metres wide in its middle."""
    count, steps, _ = strands.shape
    ahead = np.gradient(strands, axis=1)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=2, keepdims=True), 1e-9)
    outward = outwards(body, strands)
    side = np.cross(ahead, outward)
    side /= np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-6)
    up = np.cross(side, ahead)
    share = np.arange(steps) / (steps - 1)
    half = widths[:, None] / 2 * np.interp(share, [0, 0.12, 0.5, 0.8, 1], [0.6, 1.0, 0.95, 0.62, 0.03])
    angle = np.arange(CORNERS) / CORNERS * 2 * np.pi
    ring = side[:, :, None] * np.cos(angle)[:, None] + up[:, :, None] * (np.sin(angle) * FLAT)[:, None]
    rows = strands[:, :, None] + ring * half[..., None, None]
    # Lit half as the lock that it is, half as the head of hair that it is part of.
    normals = ring / np.maximum(np.linalg.norm(ring, axis=3, keepdims=True), 1e-9) * 0.55 + outward[:, :, None] * 0.75
    normals /= np.maximum(np.linalg.norm(normals, axis=3, keepdims=True), 1e-9)
    number = np.arange(count * steps * CORNERS).reshape(count, steps, CORNERS)
    a, b = number[:, :-1], np.roll(number, -1, axis=2)[:, :-1]
    c, d = np.roll(number, -1, axis=2)[:, 1:], number[:, 1:]
    faces = np.concatenate([np.stack([a, b, c], axis=-1).reshape(-1, 3), np.stack([a, c, d], axis=-1).reshape(-1, 3)])
    return Ribbons(
        rows.reshape(-1, 3).astype(np.float32),
        normals.reshape(-1, 3).astype(np.float32),
        np.zeros((count * steps * CORNERS, 2), np.float32),
        _outward(rows.reshape(-1, 3), faces, strands, steps).astype(np.int32),
        np.broadcast_to(share[None, :, None], (count, steps, CORNERS)).reshape(-1).astype(np.float32),
        np.repeat(np.arange(count), steps * CORNERS).astype(np.int32),
    )


def _outward(points: Points, faces: np.ndarray, strands: Points, steps: int) -> np.ndarray:
    """Turn faces so that they look away from their strand: outlines are drawn on the backs."""
    middle = strands.reshape(-1, 3)[faces[:, 0] // CORNERS]
    corners = points[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inside = (normal * (corners.mean(axis=1) - middle)).sum(axis=1) < 0
    return np.where(inside[:, None], faces[:, [0, 2, 1]], faces)
