"""Reckons on triangle meshes: normals, neighbours, smoothing, which points lie where."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.head.model import Floats, Ints


def vertex_normals(points: NDArray[np.floating], triangles: Ints) -> Floats:
    """Return unit normals (n, 3): the triangles' own, weighted by their areas."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros((len(points), 3))
    for k in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(triangles[:, k], faces[:, axis], len(points))
    return (normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def subdivided(
    places: NDArray[np.floating], rest: NDArray[np.floating], triangles: Ints
) -> tuple[NDArray[np.float64], NDArray[np.float64], Ints]:
    """Split each triangle into four; new points lie in the middle of edges, in both of the two spaces."""
    edges = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    unique, number = np.unique(edges, axis=0, return_inverse=True)
    ab, bc, ca = number.reshape(3, -1) + len(places)
    a, b, c = triangles.T
    split = np.concatenate([np.stack(each, axis=1) for each in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    return (
        np.concatenate([places, places[unique].mean(axis=1)]),
        np.concatenate([rest, rest[unique].mean(axis=1)]),
        split.astype(np.int32),
    )


def smoothed(normals: Floats, triangles: Ints, rounds: int) -> Floats:
    """Return normals (n, 3) of a mesh averaged `rounds` times with those of their neighbours."""
    a, b, c = triangles.T
    one, other = np.concatenate([a, b, c, b, c, a]), np.concatenate([b, c, a, a, b, c])
    for _ in range(rounds):
        total = normals.astype(np.float64)
        np.add.at(total, one, normals[other])
        normals = (total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return normals
