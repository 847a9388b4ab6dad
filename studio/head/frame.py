"""Cuts the bust out of the stock's mesh and lays its skin out in one picture. The same for every person.

The data's own layout gives the eyes and lips few texels. The head's island is stretched along each axis until its
texels are spread by the lengths that they cover, the face's counted several times.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.head.model import Floats, Ints
from studio.head.stock import Numbers, Points, Quads, stock

CUT: Final = 0.355  # metres: what lies lower than this is no bust
ARM: Final = 0.265  # metres from the middle
SOCKET_RINGS: Final = 2  # rings of faces that are kept behind the lids
FACE: Final = (0.0, 0.705, 0.15)
BINS: Final = 400

# Where the islands lie in the picture: left, top, right, bottom.
HEAD: Final = (0.002, 0.002, 0.998, 0.79)
TORSO: Final = (0.004, 0.80, 0.60, 0.998)
MOUTH: Final = (0.62, 0.80, 0.82, 0.998)
SOCKETS: Final = ((0.84, 0.80, 0.998, 0.895), (0.84, 0.903, 0.998, 0.998))


@dataclass(frozen=True, slots=True)
class Frame:
    """The bust's skin: `corners` (n,) the stock's point of each vertex, `uvs` (n, 2), `triangles` (m, 3).

    `data_uvs` (n, 2) is where the vertex lies in the data's own layout, (0, 0) below left.

    `weld` (n,) numbers vertices that share a point alike, `points` (w,) the stock's points in that order. `island` (m,)
    tells the triangles of "head" 0, "mouth" 1, "torso" 2 and "socket" 3 apart.
    """

    corners: Numbers
    uvs: Floats
    data_uvs: Points
    triangles: Ints
    weld: Ints
    points: Numbers
    island: Ints


@cache
def frame() -> Frame:
    """Return the bust; once for a process."""
    rest, quads = stock(), _quads()
    island = _islands(quads)
    keep = _kept(quads, island, rest.points)
    quads = Quads(quads.points[keep], quads.uvs[keep])
    island = island[keep]
    placed = _placed(quads, island, rest.points, rest.uvs)
    pairs = np.stack([quads.points.ravel(), quads.uvs.ravel()], axis=1)
    unique, numbers = np.unique(pairs, axis=0, return_inverse=True)
    grid = numbers.reshape(-1, 4)
    uvs = np.zeros((len(unique), 2), np.float32)
    uvs[grid.ravel()] = placed.reshape(-1, 2)
    points, weld = np.unique(unique[:, 0], return_inverse=True)
    return Frame(
        corners=unique[:, 0],
        uvs=uvs,
        data_uvs=rest.uvs[unique[:, 1]],
        triangles=split(grid),
        weld=weld.astype(np.int32).ravel(),
        points=points,
        island=np.concatenate([island, island]).astype(np.int32),
    )


def split(quads: NDArray[np.integer]) -> Ints:
    """Split quads (m, 4) into triangles (2 m, 3)."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)


# ------------------------------------------------------------------------------------------------ parts


def _quads() -> Quads:
    rest = stock()
    body = rest.groups["body"]
    low = rest.points[body.points, 1].min(axis=1)
    out = np.abs(rest.points[body.points, 0]).max(axis=1)
    keep = (low > CUT) & (out < ARM)
    return Quads(body.points[keep], body.uvs[keep])


def _islands(quads: Quads) -> Ints:
    """Tell head, mouth, torso and sockets apart by where the data's layout has them."""
    middle = stock().uvs[quads.uvs].mean(axis=1)
    u, v = middle[:, 0], middle[:, 1]
    island = np.full(len(u), 2)
    island[(u > 0.62) & (v > 0.14)] = 0
    island[(u > 0.74) & (v < 0.14)] = 1
    island[(u < 0.16) & (v > 0.54) & (v < 0.64)] = 3
    torso = stock().points[quads.points, 1].mean(axis=1) < 0.6
    island[torso & (island == 0) & (u < 0.64)] = 2
    return island.astype(np.int32)


def _kept(quads: Quads, island: Ints, points: Points) -> NDArray[np.bool_]:
    """Keep everything but the depth of the eyes' sockets, which nobody sees."""
    near = set(quads.points[island == 0].ravel().tolist())
    socket = island == 3
    keep = ~socket
    for _ in range(SOCKET_RINGS):
        touching = socket & np.isin(quads.points, list(near)).any(axis=1)
        keep |= touching
        near |= set(quads.points[touching].ravel().tolist())
    return keep


def _placed(quads: Quads, island: Ints, points: Points, uvs: Points) -> Points:
    """Return where each corner lies in the picture (m, 4, 2)."""
    placed = np.zeros((*quads.uvs.shape, 2))
    flat = uvs[quads.uvs]
    # The data has the face lie on its side.
    head = np.stack([flat[..., 1], flat[..., 0]], axis=-1)
    chosen = island == 0
    stretched = head[chosen]
    for axis in (0, 1):
        stretched[..., axis] = _spread(head[chosen], points[quads.points[chosen]], axis)
    placed[chosen] = _within(stretched, HEAD)
    upright = np.stack([flat[..., 0], 1 - flat[..., 1]], axis=-1)
    placed[island == 2] = _within(upright[island == 2], TORSO)
    placed[island == 1] = _within(upright[island == 1], MOUTH)
    left = points[quads.points].mean(axis=1)[:, 0] > 0
    for side, place in zip((left, ~left), SOCKETS, strict=True):
        placed[(island == 3) & side] = _within(upright[(island == 3) & side], place)
    return placed


def _within(flat: Points, place: tuple[float, float, float, float]) -> Points:
    low, high = flat.reshape(-1, 2).min(axis=0), flat.reshape(-1, 2).max(axis=0)
    start, size = np.array(place[:2]), np.array(place[2:]) - place[:2]
    return start + (flat - low) / (high - low) * size


def _spread(flat: Points, points: Points, axis: int) -> Points:
    """Return one coordinate of the corners (m, 4) after spreading it by the lengths in metres that it covers."""
    a, b, c = flat[:, 0], flat[:, 1], flat[:, 2]
    one, two = b - a, c - a
    det = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    det = np.where(np.abs(det) < 1e-12, 1e-12, det)
    e1, e2 = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    other = 1 - axis
    sign = 1.0 if axis == 0 else -1.0
    along = sign * (e1 * two[:, [other]] - e2 * one[:, [other]]) / det[:, None]
    length = np.linalg.norm(along, axis=1)
    distance = np.linalg.norm((points.mean(axis=1) - np.array(FACE)) / np.array([0.055, 0.075, 0.05]), axis=1)
    length *= 1 + 1.6 * np.exp(-(distance**2) * 0.6)
    low, high = flat[..., axis].min(), flat[..., axis].max()
    begin = np.clip(((flat[..., axis].min(axis=1) - low) / (high - low) * BINS).astype(int), 0, BINS - 1)
    end = np.clip(np.ceil((flat[..., axis].max(axis=1) - low) / (high - low) * BINS).astype(int), 1, BINS)
    weight = np.abs(det)
    total, cover = np.zeros(BINS), np.zeros(BINS)
    for first, last, size, area in zip(begin, end, np.minimum(length, np.quantile(length, 0.97)), weight, strict=True):
        total[first:last] += size**2 * area
        cover[first:last] += area
    density = np.sqrt(total / np.maximum(cover, 1e-12))
    density = np.convolve(np.pad(density, 8, mode="edge"), np.ones(17) / 17, mode="valid")
    steps = np.concatenate([[0.0], np.cumsum(density)])
    return np.interp((flat[..., axis] - low) / (high - low) * BINS, np.arange(BINS + 1), steps / steps[-1])
