"""Finds how much of the sky each vertex sees, so that hair shades hair, chins shade necks and lids shade eyes.

The sky is looked at from a few dozen directions; from each, a depth picture says which vertices are hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from studio.head.model import BLEND, MASK, Bytes, Floats, Material, Part
from studio.render.picture import look
from studio.render.raster import blank, fill, project_flat

WAYS: Final = 40
SIZE: Final = 288  # pixels across a depth picture
HALF: Final = 0.34  # metres
BIAS: Final = 0.0035  # metres


def occlusion(parts: Sequence[Part], materials: dict[str, Material], pictures: dict[str, Bytes]) -> list[Floats]:
    """Return for each part how much of the sky its vertices (n,) see, 0..1."""
    everything = np.concatenate([part.positions for part in parts])
    middle = (everything.min(axis=0) + everything.max(axis=0)) / 2
    half = max(HALF, float(np.abs(everything - middle).max()))
    seen = [np.zeros(len(part.positions), np.float32) for part in parts]
    whole = [np.zeros(len(part.positions), np.float32) for part in parts]
    covers = [_cover(materials[part.material], pictures) for part in parts]
    for way in _ways():
        matrix = look(middle, way)
        buffers = blank(SIZE, SIZE)
        flats = [project_flat(part.positions, matrix, half, SIZE) for part in parts]
        for part, flat, cover in zip(parts, flats, covers, strict=True):
            material = materials[part.material]
            if material.alpha != BLEND:
                fill(
                    buffers,
                    flat,
                    part.triangles,
                    begin=0,
                    uvs=part.uvs,
                    alpha=cover,
                    cutoff=material.cutoff,
                    two_sided=True,
                )
        weight = 0.35 + 0.65 * (way[1] * 0.5 + 0.5)
        for number, (part, flat) in enumerate(zip(parts, flats, strict=True)):
            facing: Floats = (part.normals @ way).astype(np.float32)
            if materials[part.material].two_sided:
                facing = (np.abs(facing) * 0.6 + 0.4).astype(np.float32)
            facing = (np.clip(facing, 0, None) * weight).astype(np.float32)
            x = np.clip(flat[:, 0].astype(int), 0, SIZE - 1)
            y = np.clip(flat[:, 1].astype(int), 0, SIZE - 1)
            open_ = buffers.near[y, x] <= flat[:, 2] + BIAS
            seen[number] += facing * open_
            whole[number] += facing
    return [(one / np.maximum(all_, 1e-6)).astype(np.float32) for one, all_ in zip(seen, whole, strict=True)]


def _ways() -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return directions spread over the sphere (Fibonacci's spiral), without those from straight below."""
    number = np.arange(WAYS) + 0.5
    height = 1 - 1.75 * number / WAYS
    angle = np.pi * (1 + 5**0.5) * number
    flat = np.sqrt(np.maximum(1 - height**2, 0))
    return list(np.stack([flat * np.cos(angle), height, flat * np.sin(angle)], axis=1))


def _cover(material: Material, pictures: dict[str, Bytes]) -> Floats:
    if material.alpha == MASK and material.picture:
        return np.ascontiguousarray(pictures[material.picture][..., 3], np.float32) / np.float32(255)
    return np.ones((1, 1), np.float32)
