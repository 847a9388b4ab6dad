"""Knows where a person's body is, for what lies on it: hair, beards, cloth, glasses, hats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from studio.head.frame import frame
from studio.head.stock import Points, stock
from studio.head.surface import vertex_normals


@dataclass(frozen=True, slots=True)
class Surface:
    """A dense set of points (n, 3) on the skin with their normals, findable; `scale` and `shift` lead to the mesh at
    rest: rest = (place - shift) / scale, fitted over the skull."""

    points: Points
    normals: Points
    tree: cKDTree
    scale: Points
    shift: Points

    def near(self, places: NDArray[np.floating]) -> tuple[Points, Points]:
        """Return the heights of places (k, 3) over the skin, metres, and the skin's normals there (k, 3)."""
        off, at = self.tree.query(places, k=4)
        part = 1 / (off + 1e-4) ** 2
        part /= part.sum(axis=1, keepdims=True)
        normals = (self.normals[at] * part[..., None]).sum(axis=1)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        heights = (((places[:, None] - self.points[at]) * self.normals[at]).sum(axis=2) * part).sum(axis=1)
        return heights, normals

    def rest(self, places: NDArray[np.floating]) -> Points:
        """Return about where places would be on the mesh at rest."""
        return (places - self.shift) / self.scale

    def place(self, rest: NDArray[np.floating]) -> Points:
        """Return about where places of the mesh at rest are on the person."""
        return rest * self.scale + self.shift


def surface(points: Points) -> Surface:
    """Return the body of a shaped mesh (n, 3)."""
    cut = frame()
    skin = points[cut.points]
    triangles = cut.weld[cut.triangles[cut.island != 1]]
    normals = vertex_normals(skin, triangles.astype(np.int32)).astype(np.float64)
    dense, along = [skin], [normals]
    for weights in ((1 / 3, 1 / 3, 1 / 3), (0.5, 0.5, 0), (0, 0.5, 0.5), (0.5, 0, 0.5)):
        dense.append((skin[triangles] * np.array(weights)[:, None]).sum(axis=1))
        mixed = (normals[triangles] * np.array(weights)[:, None]).sum(axis=1)
        along.append(mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-9))
    dense_, along_ = np.concatenate(dense), np.concatenate(along)
    rest = stock().points[cut.points]
    skull = rest[:, 1] > 0.70
    scale = skin[skull].std(axis=0) / rest[skull].std(axis=0)
    shift = skin[skull].mean(axis=0) - rest[skull].mean(axis=0) * scale
    return Surface(dense_, along_, cKDTree(dense_), scale, shift)
