"""Cuts cloth from the body: a smoothed copy of the torso's skin that stands off it, clipped along a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.head.frame import frame
from studio.head.hair.field import Surface
from studio.head.model import Floats, Ints
from studio.head.stock import Numbers, Points, stock
from studio.head.surface import subdivided, vertex_normals

HEM: Final = 0.420  # metres at rest: where the bust ends
ROUNDS: Final = 7

Line = Callable[[Points], Points]  # places at rest -> what is positive is cloth


@dataclass(frozen=True, slots=True)
class Cloth:
    """A piece: `places` (n, 3), `rest` (n, 3) on the mesh at rest, `normals`, `triangles`, and its cut edges.

    `loops` are the borders along the line, the highest first, each a row of vertices in order.
    """

    places: Points
    rest: Points
    normals: Floats
    triangles: Ints
    loops: tuple[Numbers, ...]


@cache
def torso() -> tuple[Numbers, Points, Ints]:
    """Return the patch that cloth is cut from: the stock's points, weights of a finer grid, and its triangles."""
    cut, rest = frame(), stock().points
    corners = cut.corners[cut.triangles[cut.island != 1]]
    high = rest[corners][..., 1].max(axis=1)
    chosen = corners[high < 0.668]
    used, triangles = np.unique(chosen, return_inverse=True)
    return used, rest[used], triangles.reshape(-1, 3).astype(np.int32)


def cloth(points: Points, body: Surface, line: Line, *, off: float, rounds: int = ROUNDS, loose: float = 0.0) -> Cloth:
    """Return the cloth of a shaped mesh `off` metres over the skin, where `line` is positive.

    It is smoothed `rounds` times; `loose` metres more stand off under the arms and below the chest.
    """
    used, rest, triangles = torso()
    places = points[used]
    places, rest, triangles = subdivided(places, rest, triangles)
    normals = vertex_normals(places, triangles).astype(np.float64)
    for _ in range(2):
        normals = _even(normals, triangles, len(places))
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    low = np.clip((0.54 - rest[:, 1]) / 0.1, 0, 1)
    places = places + normals * (off + loose * low)[:, None]
    for _ in range(rounds):
        places = places * 0.5 + _even(places, triangles, len(places)) * 0.5
    height, out = body.near(places)
    places = places + out * np.clip(off * 0.8 - height, 0, 0.03)[:, None]
    shown = np.minimum(line(rest), (rest[:, 1] - HEM) * 4)
    places, rest, triangles, edges = clipped(places, rest, triangles, shown)
    # The hem at the bust's end is no border that anything is sewn on.
    hem = (rest[:, 1] - HEM) * 4 < np.abs(line(rest)) - 1e-6
    rows = chains([(a, b) for a, b in edges if not (hem[a] and hem[b])])
    ordered = sorted(rows, key=lambda row: -float(rest[row, 1].max()))
    return Cloth(places, rest, vertex_normals(places, triangles), triangles, tuple(ordered))


def clipped(
    places: Points, rest: Points, triangles: Ints, shown: Points
) -> tuple[Points, Points, Ints, list[tuple[int, int]]]:
    """Cut a mesh where `shown` (n,) is 0 and return what is positive, with the edges of the cut."""
    new_places, new_rest = [places], [rest]
    made: dict[tuple[int, int], int] = {}
    count = len(places)
    faces: list[tuple[int, int, int]] = []
    edges: list[tuple[int, int]] = []

    def between(a: int, b: int) -> int:
        nonlocal count
        key = (min(a, b), max(a, b))
        if key not in made:
            t = shown[a] / (shown[a] - shown[b])
            new_places.append(places[[a]] * (1 - t) + places[[b]] * t)
            new_rest.append(rest[[a]] * (1 - t) + rest[[b]] * t)
            made[key] = count
            count += 1
        return made[key]

    inside = shown > 0
    for a, b, c in triangles.tolist():
        kept = [inside[a], inside[b], inside[c]]
        match sum(kept):
            case 3:
                faces.append((a, b, c))
            case 1:
                a, b, c = ((a, b, c), (b, c, a), (c, a, b))[kept.index(True)]
                ab, ca = between(a, b), between(a, c)
                faces.append((a, ab, ca))
                edges.append((ab, ca))
            case 2:
                a, b, c = ((a, b, c), (b, c, a), (c, a, b))[kept.index(False)]
                ab, ca = between(b, a), between(c, a)
                faces += [(b, c, ca), (b, ca, ab)]
                edges.append((ca, ab))
            case _:
                pass
    if not faces:
        return places[:0], rest[:0], np.zeros((0, 3), np.int32), []
    used, numbers = np.unique(np.array(faces), return_inverse=True)
    lookup = {int(old): new for new, old in enumerate(used)}
    all_places, all_rest = np.concatenate(new_places)[used], np.concatenate(new_rest)[used]
    cut = [(lookup[a], lookup[b]) for a, b in edges]
    return all_places, all_rest, numbers.reshape(-1, 3).astype(np.int32), cut


def chains(edges: list[tuple[int, int]]) -> tuple[Numbers, ...]:
    """Return edges (from, to) as rows of vertices, the longest first; closed ones repeat their first vertex."""
    after = dict(edges)
    targets = set(after.values())
    found = []
    begins = [a for a in after if a not in targets] + list(after)
    seen: set[int] = set()
    for begin in begins:
        if begin in seen:
            continue
        row = [begin]
        seen.add(begin)
        while row[-1] in after and (after[row[-1]] not in seen):
            row.append(after[row[-1]])
            seen.add(row[-1])
        if after.get(row[-1]) == begin:
            row.append(begin)
        if len(row) > 2:
            found.append(np.array(row))
    return tuple(sorted(found, key=len, reverse=True))


def _even(values: Points, triangles: NDArray[np.int32], count: int) -> Points:
    """Return for each vertex the mean of its neighbours' values."""
    total, number = np.zeros_like(values), np.zeros(count)
    for k in range(3):
        for other in ((k + 1) % 3, (k + 2) % 3):
            number += np.bincount(triangles[:, k], minlength=count)
            for axis in range(values.shape[1]):
                total[:, axis] += np.bincount(triangles[:, k], values[triangles[:, other], axis], count)
    return total / np.maximum(number, 1)[:, None]
