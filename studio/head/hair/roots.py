"""Chooses where hairs root: spread evenly over the part of the skin where they grow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from studio.head.frame import frame
from studio.head.model import Floats
from studio.head.stock import Points, stock
from studio.head.surface import vertex_normals

TRIES = 9  # candidates for each root that is wanted


@dataclass(frozen=True, slots=True)
class Roots:
    """`at` (k, 3) on the person, `normals` (k, 3), `rest` (k, 3) on the mesh at rest.

    `corners` (k, 3) are the stock's points around each with `weights` (k, 3), so that roots can follow the skin.
    """

    at: Points
    normals: Points
    rest: Points
    corners: Points
    weights: Points


def roots(points: Points, where: Callable[[Points], Floats], count: int, seed: tuple[int, ...]) -> Roots:
    """Return at most `count` roots on a shaped mesh where `where` (of places at rest) says so, 0..1."""
    random = np.random.default_rng(seed)
    cut = frame()
    triangles = cut.corners[cut.triangles[cut.island == 0]]
    rest = stock().points[triangles]
    grown = where(rest.reshape(-1, 3)).reshape(-1, 3).max(axis=1)
    area = np.linalg.norm(np.cross(rest[:, 1] - rest[:, 0], rest[:, 2] - rest[:, 0]), axis=1) * (grown > 0)
    if area.sum() == 0 or count == 0:
        empty = np.zeros((0, 3))
        return Roots(empty, empty, empty, empty, empty)
    chosen = random.choice(len(area), size=count * TRIES, p=area / area.sum())
    u, v = random.random((2, len(chosen)))
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    weights = np.stack([1 - u - v, u, v], axis=1)
    places = (rest[chosen] * weights[..., None]).sum(axis=1)
    keep = where(places) > random.random(len(places))
    chosen, weights, places = chosen[keep], weights[keep], places[keep]
    few = _apart(places, count)
    chosen, weights, places = chosen[few], weights[few], places[few]
    skin = points[cut.points]
    normals = vertex_normals(skin, cut.weld[cut.triangles].astype(np.int32)).astype(np.float64)
    numbers = np.zeros(len(points), np.int64)
    numbers[cut.points] = np.arange(len(cut.points))
    corners = triangles[chosen]
    normal = (normals[numbers[corners]] * weights[..., None]).sum(axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    return Roots((points[corners] * weights[..., None]).sum(axis=1), normal, places, corners, weights)


def _apart(places: Points, count: int) -> list[int]:
    """Return the numbers of about `count` places that keep their distance, in the order given."""
    if len(places) <= count:
        return list(range(len(places)))
    tree = cKDTree(places)
    low, high = 0.0, 0.05
    best: list[int] = []
    for _ in range(7):
        reach = (low + high) / 2
        taken = np.zeros(len(places), bool)
        kept = []
        for number in range(len(places)):
            if not taken[number]:
                kept.append(number)
                taken[tree.query_ball_point(places[number], reach)] = True
        if len(kept) >= count:
            low, best = reach, kept
        else:
            high = reach
    return (best or list(range(len(places))))[:count]
