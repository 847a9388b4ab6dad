"""Tells for each texel of the skin's picture which place of the mesh at rest it shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt

from studio.head.frame import frame
from studio.head.model import Floats, Ints
from studio.head.stock import folder, stock
from studio.render.raster import blank, fill

MASKS: Final = ("lips", "ears", "eyelids", "inside-mouth")


@dataclass(frozen=True, slots=True)
class Texels:
    """The `k` texels that show skin, of a picture `size` pixels wide and high.

    `rows` and `columns` (k,) are where they are, `triangle` (k,) and `weights` (k, 3) what they show, `places` (k, 3)
    its place on the mesh at rest in metres, `island` (k,) as in the frame. `nearest` (size, size) is for every texel
    the number of the closest of the k.
    """

    size: int
    rows: Ints
    columns: Ints
    triangle: Ints
    weights: Floats
    places: Floats
    island: Ints
    nearest: Ints

    def spread(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return values of the k texels (k, ...) as a picture (size, size, ...), continued outwards over the rest."""
        return values[self.nearest]

    def of_vertices(self, values: NDArray[np.floating]) -> Floats:
        """Return values of the frame's vertices (n, ...) at the texels (k, ...)."""
        corners = values[frame().triangles[self.triangle]].astype(np.float32)
        weights = self.weights.reshape(*self.weights.shape, *(1,) * (corners.ndim - 2))
        return (corners * weights).sum(axis=1)


@lru_cache(maxsize=3)
def texels(size: int) -> Texels:
    """Return the table for a picture of `size` pixels."""
    cut = frame()
    buffers = blank(size, size)
    flat = np.zeros((len(cut.uvs), 4), np.float32)
    flat[:, :2], flat[:, 2:] = cut.uvs * size, 1.0
    solid = np.ones((1, 1), np.float32)
    fill(buffers, flat, cut.triangles, begin=0, uvs=cut.uvs, alpha=solid, cutoff=0.5, two_sided=True)
    seen = buffers.ids >= 0
    rows, columns = np.nonzero(seen)
    first, second = buffers.first[seen], buffers.second[seen]
    weights = np.stack([first, second, 1 - first - second], axis=1)
    triangle = buffers.ids[seen]
    number = np.full((size, size), -1, np.int32)
    number[seen] = np.arange(len(rows))
    at = distance_transform_edt(~seen, return_distances=False, return_indices=True)
    corners = stock().points[cut.corners][cut.triangles[triangle]].astype(np.float32)
    return Texels(
        size=size,
        rows=rows.astype(np.int32),
        columns=columns.astype(np.int32),
        triangle=triangle,
        weights=weights,
        places=(corners * weights[..., None]).sum(axis=1),
        island=cut.island[triangle],
        nearest=number[tuple(at)],
    )


@lru_cache(maxsize=12)
def mask(name: str, size: int) -> Floats:
    """Return one of MASKS at the texels (k,), 0..1."""
    table = texels(size)
    cut = frame()
    with Image.open(folder() / "mpfb2" / "textures" / f"mpfb_{name}.jpg") as picture:
        grey = np.asarray(picture.convert("L"), np.float32) / 255
    at = (cut.data_uvs[cut.triangles[table.triangle]] * table.weights[..., None]).sum(axis=1)
    x = np.clip((at[:, 0] * grey.shape[1]).astype(int), 0, grey.shape[1] - 1)
    y = np.clip(((1 - at[:, 1]) * grey.shape[0]).astype(int), 0, grey.shape[0] - 1)
    return grey[y, x]
