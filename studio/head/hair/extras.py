"""Makes what hair is gathered into: buns, ponytails, braids; and the shells of tight curls."""

from __future__ import annotations

from typing import Final

import numpy as np

from studio.head.frame import frame
from studio.head.hair.field import Surface
from studio.head.hair.grow import Growth, grow, settled
from studio.head.hair.ribbons import Ribbons
from studio.head.hair.roots import Roots
from studio.head.hair.scalp import scalp
from studio.head.model import Floats
from studio.head.skin.noise import noise
from studio.head.stock import Points, stock
from studio.head.surface import vertex_normals

BUN: Final = 0.034  # metres, radius
BRAID: Final = 0.0125


def bun(middle: Points, out: Points, count: int, random: np.random.Generator) -> Points:
    """Return strands (count, 16, 3) wound around a ball at `middle` that stands on the head along `out`."""
    out = out / np.linalg.norm(out)
    one = np.cross(out, (0.3, 0.2, 1.0))
    one /= np.linalg.norm(one)
    two = np.cross(out, one)
    t = np.linspace(0, 1, 16)
    strands = []
    for number in range(count):
        begin = 2 * np.pi * number / count * 3 + random.normal(0, 0.2)
        polar = np.pi * (0.08 + 0.80 * random.random()) + 0.5 * (t - 0.5)
        angle = begin + t * random.uniform(2.2, 3.0)
        radius = BUN * (1 + 0.05 * random.normal(size=1) + 0.05 * np.sin(t * np.pi))
        flat = np.clip(np.sin(polar), 0, None)
        strands.append(
            middle
            + radius[:, None] * (flat * np.cos(angle))[:, None] * one
            + radius[:, None] * (flat * np.sin(angle))[:, None] * two
            + radius[:, None] * 0.80 * np.cos(polar)[:, None] * out
        )
    return np.array(strands)


def ponytail(body: Surface, at: Points, out: Points, length: float, count: int, random: np.random.Generator) -> Points:
    """Return strands (count, 14, 3) that spring from `at` along `out` and fall."""
    angle, off = random.uniform(0, 2 * np.pi, count), 0.011 * np.sqrt(random.random(count))
    out = out / np.linalg.norm(out)
    one = np.cross(out, (1.0, 0.0, 0.1))
    one /= np.linalg.norm(one)
    two = np.cross(out, one)
    spread = (off * np.cos(angle))[:, None] * one + (off * np.sin(angle))[:, None] * two
    ways = out + spread * 26 + random.normal(0, 0.05, (count, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    empty = np.zeros((count, 3))
    rooted = Roots(at + spread, ways, body.rest(at + spread), empty, empty)

    def comb(places: Points, share: Points) -> Points:
        fan = np.array((0.0, -1.0, -0.15)) + spread * 6
        early = np.clip(1 - share * 3.2, 0, 1)[:, None]
        return ways * early + fan * (1 - early)

    heights = np.full(count, 0.008) + off
    how = Growth(steps=14, lift=1.0, weight=0.35, cling=0.0, tuck=0.25, stiff=0.45)
    strands = grow(body, rooted, np.full(count, length) * random.uniform(0.82, 1.05, count), comb, how, heights)
    return settled(body, strands, heights, 2)


def braid(body: Surface, path: Points) -> Ribbons:
    """Return three plaited tubes along `path` (k, 3), thinner towards its end."""
    fine = np.linspace(0, len(path) - 1, 64)
    line = np.stack([np.interp(fine, np.arange(len(path)), path[:, axis]) for axis in range(3)], axis=1)
    for _ in range(4):
        line[1:-1] = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    ahead = np.gradient(line, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    _, outward = body.near(line)
    side = np.cross(ahead, outward)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-6)
    up = np.cross(side, ahead)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    size = BRAID * np.interp(length / length[-1], [0, 0.1, 0.75, 1], [0.85, 1.0, 0.85, 0.5])
    around = np.linspace(0, 2 * np.pi, 9)
    positions: list[Points] = []
    normals, uvs, triangles, shares = [], [], [], []
    for strand in range(3):
        phase = 2 * np.pi * (length / 0.034 + strand / 3)
        middle = (
            line
            + side * (size * 0.62 * np.sin(phase))[:, None]
            + up * (size * 0.36 * np.sin(2 * phase) + size * 0.4)[:, None]
        )
        begin = sum(len(each) for each in positions)
        ring = side[:, None] * np.cos(around)[None, :, None] * 0.80 + up[:, None] * np.sin(around)[None, :, None] * 0.62
        positions.append((middle[:, None] + ring * size[:, None, None]).reshape(-1, 3))
        normals.append((ring / np.linalg.norm(ring, axis=2, keepdims=True)).reshape(-1, 3))
        # The strands of a plait run across it; the picture's are slanted by shifting its columns along.
        u = 0.02 + 0.20 * np.broadcast_to(np.abs(around / np.pi - 1)[None], (64, 9))
        v = np.broadcast_to((np.abs((length / 0.05) % 2 - 1) * 0.5 + 0.05)[:, None], (64, 9))
        uvs.append(np.stack([u, v], axis=-1).reshape(-1, 2))
        shares.append(np.repeat(0.3 + 0.5 * length / length[-1], 9))
        for k in range(63):
            for a in range(8):
                i = begin + k * 9 + a
                triangles += [(i, i + 9, i + 10), (i, i + 10, i + 1)]
    count = sum(len(each) for each in positions)
    return Ribbons(
        np.concatenate(positions).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        np.concatenate(uvs).astype(np.float32),
        np.array(triangles, np.int32)[:, [0, 2, 1]],
        np.concatenate(shares).astype(np.float32),
        np.zeros(count, np.int32),
    )


def shells(
    points: Points, puff: float, layers: tuple[float, ...], tile: float, seed: int, receding: float = 0.0
) -> Ribbons:
    """Return copies of the scalp that stand off it by parts of `puff` metres, to be drawn with the tile of curls."""
    cut = frame()
    rest = stock().points
    corners = cut.weld[cut.triangles[cut.island == 0]]
    own = rest[cut.points]
    grown = scalp(own, receding=receding, soft=0.012)
    chosen = corners[(grown[corners] > 0.35).all(axis=1)]
    used, triangles = np.unique(chosen, return_inverse=True)
    places, at_rest, faces = points[cut.points][used], own[used], triangles.reshape(-1, 3)
    places, at_rest, faces = _finer(places, at_rest, faces)
    normals = vertex_normals(places, faces.astype(np.int32))
    middle = np.array((0.0, 0.775, 0.035))
    away = at_rest - middle
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    way = normals * 0.35 + away * 0.65
    edge = np.clip(scalp(at_rest, receding=receding, soft=0.045), 0, 1)
    low = np.clip((at_rest[:, 1] - 0.665) / 0.09, 0.25, 1)
    bumps_ = (
        1 + 0.10 * noise(at_rest.astype(np.float32), 5.5, seed) + 0.05 * noise(at_rest.astype(np.float32), 13, seed + 1)
    )
    around = np.arctan2(at_rest[:, 0], at_rest[:, 2] - 0.035)
    flat: Floats = (np.stack([around * 2.3, (0.85 - at_rest[:, 1]) * 17], axis=1) * tile).astype(np.float32)
    positions, all_normals, uvs, all_faces, shares = [], [], [], [], []
    for number, part in enumerate(layers):
        moved = places + way * (puff * part * bumps_ * np.sqrt(edge) * low)[:, None]
        positions.append(moved)
        all_normals.append(vertex_normals(moved, faces.astype(np.int32)))
        uvs.append(flat + np.float32(0.37 * number))
        all_faces.append(faces + number * len(places))
        shares.append(np.full(len(places), 0.35 + 0.6 * part))
    return Ribbons(
        np.concatenate(positions).astype(np.float32),
        np.concatenate(all_normals).astype(np.float32),
        np.concatenate(uvs).astype(np.float32),
        np.concatenate(all_faces).astype(np.int32),
        np.concatenate(shares).astype(np.float32),
        np.zeros(len(layers) * len(places), np.int32),
    )


def tufts(body: Surface, made: Ribbons, count: int, random: np.random.Generator) -> tuple[Points, Points]:
    """Return small curled strands (k, 8, 3) that stand out of the outermost of shells, and their widths (k,)."""
    outer = made.share >= made.share.max() - 1e-4
    faces = made.triangles[outer[made.triangles].all(axis=1)]
    corners = made.positions[faces].astype(np.float64)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    chosen = random.choice(len(faces), size=count, p=area / area.sum())
    u = random.dirichlet((1.0, 1.0, 1.0), count)[..., None]
    at = (corners[chosen] * u).sum(axis=1)
    out = (made.normals[faces[chosen]] * u).sum(axis=1)
    out = out + random.normal(0, 0.30, (count, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    one = np.cross(out, random.normal(size=(count, 3)))
    one /= np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-6)
    two = np.cross(out, one)
    t = np.linspace(0, 1, 8)[None, :, None]
    length = random.uniform(0.008, 0.014, (count, 1, 1))
    angle = random.uniform(0, 2 * np.pi, (count, 1, 1)) + t * random.uniform(5.0, 8.0, (count, 1, 1))
    radius = 0.0026 * random.uniform(0.7, 1.3, (count, 1, 1)) * np.clip(t * 3, 0, 1)
    strands = (
        at[:, None]
        + out[:, None] * (t - 0.55) * length
        + one[:, None] * np.cos(angle) * radius
        + two[:, None] * np.sin(angle) * radius
    )
    return strands, random.uniform(0.0026, 0.0044, count)


def _finer(places: Points, at_rest: Points, faces: np.ndarray) -> tuple[Points, Points, np.ndarray]:
    """Split each triangle into four and round the result off."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, number = np.unique(edges, axis=0, return_inverse=True)
    number = number.reshape(3, -1) + len(places)
    a, b, c = faces.T
    ab, bc, ca = number
    split = np.concatenate([np.stack(each, axis=1) for each in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    new = np.concatenate([places, places[unique].mean(axis=1)])
    new_rest = np.concatenate([at_rest, at_rest[unique].mean(axis=1)])
    total, count = np.zeros_like(new), np.zeros(len(new))
    for k in range(3):
        for other in ((k + 1) % 3, (k + 2) % 3):
            np.add.at(total, split[:, k], new[split[:, other]])
            np.add.at(count, split[:, k], 1)
    return new * 0.5 + total / count[:, None] * 0.5, new_rest, split
