"""Makes lashes: solid tapering hairs on the data's lash strips, and the dark rim that they root in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.head.model import Floats, Ints, Part
from studio.head.stock import Numbers, Points, stock
from studio.head.surface import vertex_normals

STRIPS: Final = ("upper lashes left", "upper lashes right", "lower lashes left", "lower lashes right")


@dataclass(frozen=True, slots=True)
class Lashes:
    """`upper`, `lower` are hairs on each lid, `length` a factor, `width` metres at the root, `rim` metres."""

    upper: int = 36
    lower: int = 20
    length: float = 0.85
    width: float = 0.00042
    rim: float = 0.0007


@dataclass(frozen=True, slots=True)
class Rooted:
    """A part whose vertices are mixtures of points of the stock: `at` (n, 4) points, `by` (n, 4) their weights."""

    part: Part
    at: Numbers
    by: Points


def lashes(kind: Lashes, points: Points, seed: int) -> Rooted:
    """Return the lashes of a shaped mesh, and of which of its points each vertex is made."""
    random = np.random.default_rng((seed, 14))
    corners: list[NDArray[np.int64]] = []
    weights: list[NDArray[np.float64]] = []
    nudges: list[NDArray[np.float64]] = []
    triangles: list[NDArray[np.int64]] = []
    count = 0
    for name in STRIPS:
        upper = name.startswith("upper")
        rows = grid(name)
        spots, sides, faces = _hairs(kind.upper if upper else kind.lower, kind.length * (1 if upper else 0.62), random)
        rim_spots, rim_faces = _rim(kind.rim if upper else kind.rim * 0.4, points, rows)
        at, by = _mixtures(rows, np.concatenate([spots, rim_spots]))
        along = _direction(points, rows, np.concatenate([spots, rim_spots]))
        width = np.concatenate([sides, np.zeros(len(rim_spots))])[:, None] * kind.width / 2 * (1 if upper else 0.75)
        corners.append(at)
        weights.append(by)
        nudges.append(along * width)
        triangles += [faces + count, rim_faces + count + len(spots)]
        count += len(at)
    at, by, nudge = np.concatenate(corners), np.concatenate(weights), np.concatenate(nudges)
    positions = ((points[at] * by[..., None]).sum(axis=1) + nudge).astype(np.float32)
    solid: Ints = np.concatenate(triangles).astype(np.int32)
    # Lit as the eyeball beside them, whichever way the thin things themselves look.
    normals = vertex_normals(positions, solid)
    normals = np.where(normals[:, 2:] < 0, -normals, normals) + np.array((0, 0, 1.0), np.float32)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    part = Part(
        "lashes", positions, normals.astype(np.float32), np.zeros((count, 2), np.float32), solid, "lashes", bone="head"
    )
    return Rooted(part, at, by)


@cache
def grid(name: str) -> Numbers:
    """Return the points of a strip: (rows from root to tip, columns from nose to temple)."""
    quads = stock().groups[name].points
    rest = stock().points
    degree = np.bincount(quads.ravel(), minlength=len(rest))
    ends = [point for point in np.unique(quads) if degree[point] == 1]
    # Roots lie further back than tips; the nose is nearer to the middle.
    ends.sort(key=lambda point: abs(rest[point, 0]))
    start = min(ends[:2], key=lambda point: rest[point, 2])
    outer = min(ends[2:], key=lambda point: rest[point, 2])
    first = _border(quads, start, outer)
    rows = [first]
    left = [list(quad) for quad in quads]
    while left:
        row = rows[-1]
        after: list[int] = []
        for a, b in pairwise(row):
            quad = next(each for each in left if a in each and b in each)
            left.remove(quad)
            here = quad.index(a)
            before, behind = quad[here - 1], quad[(here + 1) % 4]
            beside_a = before if behind == b else behind
            beside_b = next(each for each in quad if each not in (a, b, beside_a))
            after = [*after, beside_a, beside_b] if not after else [*after, beside_b]
        rows.append(after)
    return np.array(rows)


# ------------------------------------------------------------------------------------------------ parts


def _border(quads: Numbers, start: int, end: int) -> list[int]:
    """Walk along the strip's border from one corner to the next."""
    edges: dict[frozenset[int], int] = {}
    for quad in quads:
        for k in range(4):
            edge = frozenset((int(quad[k]), int(quad[(k + 1) % 4])))
            edges[edge] = edges.get(edge, 0) + 1
    border: dict[int, list[int]] = {}
    for edge, times in edges.items():
        if times == 1:
            a, b = edge
            border.setdefault(a, []).append(b)
            border.setdefault(b, []).append(a)
    walks = []
    for step in border[start]:
        walk = [start, step]
        while walk[-1] != end and len(walk) < 40:
            walk.append(next(each for each in border[walk[-1]] if each != walk[-2]))
        walks.append(walk)
    return min(walks, key=lambda walk: (walk[-1] != end, len(walk)))


def _hairs(count: int, length: float, random: np.random.Generator) -> tuple[Points, Points, NDArray[np.int64]]:
    """Return places (n, 2) on the strip (along, outwards), the side of each (-1, 0, 1), and triangles."""
    spots, sides, faces = [], [], []
    for number in range(count):
        t = (number + random.uniform(0.15, 0.85)) / count
        reach = length * random.uniform(0.8, 1.05) * np.interp(t, [0, 0.12, 0.75, 1], [0.45, 0.8, 1.0, 0.8])
        splay = random.normal(0, 0.008)
        begin = 5 * number
        for out, wide in ((0.0, 1.0), (0.5, 0.62)):
            for side in (-1, 1):
                spots.append((t + splay * out, out * reach))
                sides.append(side * wide)
        spots.append((t + splay, reach))
        sides.append(0.0)
        faces += [(begin, begin + 1, begin + 3), (begin, begin + 3, begin + 2), (begin + 2, begin + 3, begin + 4)]
    return np.clip(np.array(spots), 0, 1), np.array(sides), np.array(faces)


def _rim(width: float, points: Points, rows: Numbers) -> tuple[Points, NDArray[np.int64]]:
    """Return the rim along the roots as a band of places and triangles; thin at its ends."""
    deep = float(np.median(np.linalg.norm(points[rows[-1]] - points[rows[0]], axis=1)))
    along = np.linspace(0.0, 1.0, 19)
    out = width / deep * np.sin(np.pi * np.clip(along * 0.94 + 0.06, 0, 1)) ** 0.6
    spots = np.concatenate([np.stack([along, np.zeros(19)], axis=1), np.stack([along, np.clip(out, 0, 1)], axis=1)])
    faces = [face for k in range(18) for face in ((k, k + 1, k + 20), (k, k + 20, k + 19))]
    return spots, np.array(faces)


def _mixtures(rows: Numbers, spots: Points) -> tuple[Numbers, Points]:
    """Return for places on the strip the four points around them and their weights."""
    deep, wide = rows.shape
    x, y = spots[:, 0] * (wide - 1), spots[:, 1] * (deep - 1)
    column, row = np.minimum(x.astype(int), wide - 2), np.minimum(y.astype(int), deep - 2)
    u, v = x - column, y - row
    at = np.stack([rows[row, column], rows[row, column + 1], rows[row + 1, column], rows[row + 1, column + 1]], axis=1)
    by = np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], axis=1)
    return at, by


def _direction(points: Points, rows: Numbers, spots: Points) -> Points:
    """Return unit ways along the lid at places of the strip."""
    root = points[rows[0]]
    ways = np.gradient(root, axis=0)
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    return ways[np.clip((spots[:, 0] * (len(root) - 1)).round().astype(int), 0, len(root) - 1)]


__all__ = ["Floats", "Ints", "Lashes", "Rooted", "grid", "lashes"]
