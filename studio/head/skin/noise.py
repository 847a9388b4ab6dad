"""Makes smooth random fields in space, the same for the same seed on every machine."""

from __future__ import annotations

import numpy as np
from numba import njit

from studio.head.model import Floats


def noise(places: Floats, cells: float, seed: int) -> Floats:
    """Return value noise -1..1 at places (k, 3) metres, with `cells` of it in a decimetre."""
    return _noise(places, np.float32(cells * 10), np.uint32(seed & 0xFFFFFFFF))


@njit(cache=True, error_model="numpy")
def _hash(x, y, z, seed):  # type: ignore[no-untyped-def]
    h = (
        np.uint32(x) * np.uint32(0x8DA6B343)
        ^ np.uint32(y) * np.uint32(0xD8163841)
        ^ np.uint32(z) * np.uint32(0xCB1AB31F)
    )
    h = np.uint32(h ^ seed)
    h = np.uint32((h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D))
    h = np.uint32((h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39))
    h = np.uint32(h ^ (h >> np.uint32(15)))
    return np.float32(h) / np.float32(2147483648.0) - np.float32(1.0)


@njit(cache=True, error_model="numpy")
def _noise(places, scale, seed):  # type: ignore[no-untyped-def]
    out = np.empty(places.shape[0], np.float32)
    for k in range(places.shape[0]):
        x, y, z = places[k, 0] * scale, places[k, 1] * scale, places[k, 2] * scale
        ix, iy, iz = np.int64(np.floor(x)), np.int64(np.floor(y)), np.int64(np.floor(z))
        fx, fy, fz = x - ix, y - iy, z - iz
        fx, fy, fz = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy), fz * fz * (3 - 2 * fz)
        value = 0.0
        for dx in range(2):
            wx = fx if dx else 1 - fx
            for dy in range(2):
                wy = fy if dy else 1 - fy
                for dz in range(2):
                    wz = fz if dz else 1 - fz
                    value += wx * wy * wz * _hash(ix + dx, iy + dy, iz + dz, seed)
        out[k] = value
    return out
