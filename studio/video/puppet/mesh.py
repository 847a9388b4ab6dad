"""Lays a mesh over the picture of a face: landmarks within it, a grid around, how deep it lies, how shapes move it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.face.rigs import NAMES
from studio.errors import StudioError
from studio.video.puppet import landmarks as at
from studio.video.puppet.model import BREATH, Floats, Ints
from studio.video.puppet.motions import motions

GRID: Final = 20  # squares along the shorter side
REACH: Final = 0.30  # how far around the face its movements go, in units of the eyes' distance
OPEN: Final = 0.30  # a mouth that is this open at rest, by its width, cannot be shut by moving it
BLINKING: Final = ("eyeBlinkLeft", "eyeBlinkRight")  # painted: a lid that is pulled takes glasses and brows along
BREATHING: Final = 0.012  # how far shoulders rise, in units of the eyes' distance


@dataclass(frozen=True, slots=True)
class Frame:
    """How a face lies in its picture: `unit` is the distance of its eyes, `right` and `down` are unit vectors."""

    middle: Floats
    right: Floats
    down: Floats
    unit: float

    def local(self, points: Floats) -> Floats:
        """Return points (n, 2) in units of the face, from between the eyes."""
        off = points - self.middle
        return np.stack([off @ self.right, off @ self.down], axis=1) / self.unit

    def pixels(self, off: Floats) -> Floats:
        """Return offsets (..., 2) of the face as pixels of the picture."""
        turned: Floats = (off[..., :1] * self.right + off[..., 1:2] * self.down) * self.unit
        return turned.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Mesh:
    """The front of a puppet: as in `Puppet`, the landmarks being the first points."""

    points: Floats
    uvs: Floats
    head: Floats
    moves: dict[str, Floats]
    triangles: Ints
    meet: tuple[tuple[int, int], ...]


def frame(marks: Floats) -> Frame:
    """Return how the face lies."""
    a, b = (marks[number, :2] for number in at.EYE_OUTER)
    unit = float(np.linalg.norm(b - a))
    right = (b - a) / unit
    return Frame((a + b) / 2, right, np.array([-right[1], right[0]], np.float32), unit)


def mesh(marks: Floats, kept: Floats, face: Frame, *, glasses: bool) -> Mesh:
    """Lay the mesh; `kept` (height, width) is how much of each pixel is the person.

    StudioError `open_mouth` where the mouth is too wide open to be shut.
    """
    height, width = kept.shape
    outside = _around(marks, (width, height))
    flat = np.concatenate([marks[: at.COUNT, :2], outside]).astype(np.float32)
    rings = np.concatenate([motions().triangles, _outer(flat, len(marks))])
    triangles = _seen(rings, flat, kept)
    local = face.local(flat)
    moves = _moves(marks, local, face, glasses=glasses)
    points = np.concatenate([flat, _depth(marks, flat, face)[:, None]], axis=1).astype(np.float32)
    pairs = tuple(zip(at.LIP_UPPER[1:-1], at.LIP_LOWER[1:-1], strict=True))
    _shut(points, pairs, face, float(np.linalg.norm(marks[61, :2] - marks[291, :2])))
    return Mesh(
        points=points,
        uvs=(flat / (width, height)).astype(np.float32),
        head=_share(local, face.local(marks[at.CHIN : at.CHIN + 1, :2])[0, 1]),
        moves=moves,
        triangles=triangles,
        meet=pairs,
    )


# ------------------------------------------------------------------------------------------------ where points are


def _around(marks: Floats, size: tuple[int, int]) -> Floats:
    """Return points of a grid over the picture that lie outside of the face (n, 2)."""
    width, height = size
    step = min(size) / GRID
    columns, rows = (round(each / step) for each in size)
    x, y = np.meshgrid(np.linspace(0, width, columns + 1), np.linspace(0, height, rows + 1))
    grid = np.stack([x.ravel(), y.ravel()], axis=1)
    oval = marks[list(at.OVAL), :2]
    near = np.linalg.norm(grid[:, None] - oval[None], axis=2).min(axis=1)
    found: Floats = grid[~_inside(grid, oval) & (near > 0.45 * step)].astype(np.float32)
    return found


def _outer(flat: Floats, count: int) -> Ints:
    """Return triangles between the face's oval and the grid."""
    from scipy.spatial import Delaunay

    numbers = np.concatenate([np.array(at.OVAL), np.arange(count, len(flat))])
    found = numbers[Delaunay(flat[numbers]).simplices]
    oval = flat[list(at.OVAL)]
    return found[~_inside(flat[found].mean(axis=1), oval)].astype(np.int32)


def _seen(triangles: Ints, flat: Floats, kept: Floats) -> Ints:
    """Return the triangles that show something of the person, from the farthest to the nearest of the picture."""
    import cv2

    height, width = kept.shape
    reach = max(3, round(min(width, height) / GRID))
    wide = cv2.dilate(kept, np.ones((reach, reach), np.uint8))
    corners = np.concatenate([flat[triangles], flat[triangles].mean(axis=1, keepdims=True)], axis=1)
    x = np.clip(corners[..., 0].astype(int), 0, width - 1)
    y = np.clip(corners[..., 1].astype(int), 0, height - 1)
    found: Ints = triangles[(wide[y, x] > 0).any(axis=1)]
    return found


def _inside(points: Floats, polygon: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Say which points lie in a polygon: the number of its edges to the right of each is odd."""
    x, y = points.T[:, :, None]
    x0, y0 = polygon.T[:, None, :]
    x1, y1 = np.roll(polygon, -1, axis=0).T[:, None, :]
    crosses = (y0 > y) != (y1 > y)
    at_x = x0 + (y - y0) * (x1 - x0) / np.where(y1 == y0, 1, y1 - y0)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (crosses & (x < at_x)).sum(axis=1) % 2 == 1
    return found


def _depth(marks: Floats, flat: Floats, face: Frame) -> Floats:
    """Return how near each point is: the landmarks' own, and a head that curves away around them."""
    oval = marks[list(at.OVAL)]
    outside = flat[len(marks) :]
    far = np.linalg.norm(outside[:, None] - oval[None, :, :2], axis=2)
    nearest = far.argmin(axis=1)
    deep = oval[nearest, 2] - 0.7 * far.min(axis=1)
    limit = -0.9 * face.unit
    found: Floats = np.concatenate([marks[:, 2], np.maximum(deep, limit)]).astype(np.float32)
    return found


def _share(local: Floats, chin: float) -> Floats:
    """Return how much of the head's turn each point takes part in: all above the chin, nothing at the shoulders."""
    t = np.clip((chin + 1.0 - local[:, 1]) / 1.15, 0, 1)
    found: Floats = (t * t * (3 - 2 * t)).astype(np.float32)
    return found


def _shut(points: Floats, pairs: tuple[tuple[int, int], ...], face: Frame, width: float) -> None:
    """Let lips that are apart at rest meet, in place; the picture's own gap goes."""
    upper, lower = (points[list(each), :2] for each in zip(*pairs, strict=True))
    gap = float(((lower - upper) @ face.down).max())
    if gap > OPEN * width:
        raise StudioError("open_mouth", "the mouth is wide open in this picture; take one with lips that (nearly) meet")
    middle = (upper + lower) / 2
    for side, numbers in zip((upper, lower), zip(*pairs, strict=True), strict=True):
        points[list(numbers), :2] += middle - side


# ------------------------------------------------------------------------------------------------ how they move


def _moves(marks: Floats, local: Floats, face: Frame, *, glasses: bool) -> dict[str, Floats]:
    """Return the movements of all points in pixels (n, 2), by channel."""
    table = motions()
    own = local[: len(marks)]
    scale = _proportions(own, table.points)
    moves = table.moves[..., :2] * scale[None]
    moves *= (_free(own) if glasses else np.ones(len(own), np.float32))[None, :, None]
    outside = local[len(marks) :]
    oval = list(at.OVAL)
    far = np.linalg.norm(outside[:, None] - own[oval][None], axis=2)
    weights = np.exp(-((far / REACH) ** 2))
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1.0)
    found = {}
    for number, name in enumerate(NAMES):
        if name in BLINKING:
            continue
        own_moves = moves[number]
        whole = np.concatenate([own_moves, weights @ own_moves[oval]]).astype(np.float32)
        if np.abs(whole).max() > 1e-3:
            found[name] = face.pixels(whole)
    low = np.clip((local[:, 1] - own[at.CHIN, 1]) / 1.0, 0, 1)
    found[BREATH] = face.pixels(np.stack([np.zeros_like(low), -BREATHING * low], axis=1).astype(np.float32))
    return found


def _proportions(own: Floats, usual: Floats) -> Floats:
    """Return how much larger this face's lower half is than usual (478, 2), 1 around the eyes."""
    tall = (own[at.CHIN, 1] - own[at.NOSE, 1]) / (usual[at.CHIN, 1] - usual[at.NOSE, 1])
    corners = list(at.MOUTH_CORNERS)
    wide = np.diff(own[corners, 0])[0] / np.diff(usual[corners, 0])[0]
    low = np.clip((own[:, 1] - 0.1) / 0.4, 0, 1)[:, None]
    ratio = np.clip(np.array([wide, tall], np.float32), 0.6, 1.6)
    found: Floats = (1 + low * (ratio - 1)).astype(np.float32)
    return found


def _free(own: Floats) -> Floats:
    """Return how freely each landmark moves beside glasses (n,): those under them are held, for glasses do not bend."""
    free = np.ones(len(own), np.float32)
    for corners in ((33, 133), (263, 362)):
        middle = own[list(corners)].mean(axis=0)
        wide = float(np.linalg.norm(own[corners[0]] - own[corners[1]]))
        off = np.abs(own - middle) / (wide * np.array([1.15, 0.95]))
        far = np.sqrt((off**4).sum(axis=1)) ** 0.5
        free = np.minimum(free, np.clip((far - 0.9) / 0.35, 0, 1))
    found: Floats = free.astype(np.float32)
    return found
