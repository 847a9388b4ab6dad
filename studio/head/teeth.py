"""Makes two rows of single teeth in their gums, on the arches of the data's teeth, and the tongue."""

from __future__ import annotations

from typing import Final

import numpy as np

from studio.head.model import Floats, Part, Shape
from studio.head.skin.tone import to_linear
from studio.head.stock import Numbers, Points, stock
from studio.head.surface import vertex_normals
from studio.head.units import units

# Widths in metres of one side's teeth from the middle outwards, and how tall they are.
UPPER: Final = (
    (0.0085, 0.0098),
    (0.0066, 0.0085),
    (0.0074, 0.0094),
    (0.0068, 0.0080),
    (0.0066, 0.0074),
    (0.0096, 0.0066),
)
LOWER: Final = (
    (0.0054, 0.0084),
    (0.0058, 0.0084),
    (0.0066, 0.0090),
    (0.0068, 0.0080),
    (0.0068, 0.0074),
    (0.0100, 0.0066),
)
DROP: Final = 0.0030  # metres that the upper row sits lower than the data's, to be seen in speech
GUM: Final = to_linear(np.array((0.72, 0.36, 0.36), np.float32))
ENAMEL: Final = to_linear(np.array((0.93, 0.90, 0.83), np.float32))
THICK: Final = 0.006  # metres


def teeth(points: Points, *, upper: bool) -> Part:
    """Return a row of a shaped mesh with its gum, coloured by vertex, moved by the jaw's shapes."""
    name = "upper teeth" if upper else "lower teeth"
    corners = np.unique(stock().groups[name].points)
    own = points[corners]
    front = float(own[:, 2].max())
    edge = float(np.quantile(own[:, 1], 0.02) if upper else np.quantile(own[:, 1], 0.98)) - (DROP if upper else 0.0012)
    wide = float(np.abs(own[:, 0]).max())
    deep = float(front - own[np.abs(own[:, 0]).argmax(), 2])
    arch = deep / wide**2.2
    rows = UPPER if upper else LOWER
    scale = min(1.0, 0.90 * wide / (0.6 * sum(width for width, _ in rows)))
    positions, colours, faces = [], [], []
    count = 0
    for side in (1, -1):
        along = 0.0
        for width, height in rows:
            grid, tint = _tooth(along, width * scale, height, side, arch, front - 0.0008, edge, upper=upper)
            positions.append(grid.reshape(-1, 3))
            colours.append(tint.reshape(-1, 3))
            faces.append(_faces(*grid.shape[:2], flip=(side > 0) == upper) + count)
            count += len(positions[-1])
            along += width * scale
    gum = _gum(wide, arch, front - 0.0012, edge, upper=upper)
    positions.append(gum.reshape(-1, 3))
    colours.append(np.broadcast_to(GUM, gum.shape).reshape(-1, 3))
    faces.append(_faces(*gum.shape[:2], flip=upper) + count)
    placed = np.concatenate(positions)
    triangles = np.concatenate(faces).astype(np.int32)
    tints = np.ones((len(placed), 4), np.float32)
    tints[:, :3] = np.concatenate(colours)
    # The depth of the mouth is dark: what lies further back sees less light.
    tints[:, :3] *= np.clip(1 - (front - placed[:, 2:]) / 0.055, 0.25, 1) ** 0.8
    return Part(
        name,
        placed.astype(np.float32),
        vertex_normals(placed, triangles),
        np.zeros((len(placed), 2), np.float32),
        triangles,
        "teeth",
        colours=tints,
        shapes=_carried(placed, corners, points),
        bone="head",
    )


def tongue(points: Points) -> Part:
    """Return the data's tongue, a little smoothed."""
    quads = stock().groups["tongue"].points
    corners, numbers = np.unique(quads, return_inverse=True)
    grid = numbers.reshape(-1, 4)
    triangles = np.concatenate([grid[:, [0, 1, 2]], grid[:, [0, 2, 3]]]).astype(np.int32)
    placed = points[corners]
    shapes = {}
    lookup = np.full(len(points), -1)
    lookup[corners] = np.arange(len(corners))
    for name, unit in units().items():
        at = lookup[unit.at]
        if (at >= 0).any():
            shapes[name] = Shape(at[at >= 0].astype(np.int32), unit.by[at >= 0].astype(np.float32))
    colours = np.ones((len(placed), 4), np.float32)
    front = placed[:, 2].max()
    colours[:, :3] = np.clip(1 - (front - placed[:, 2:]) / 0.07, 0.2, 1)
    return Part(
        "tongue", placed.astype(np.float32), vertex_normals(placed, triangles), np.zeros((len(placed), 2), np.float32),
        triangles, "tongue", colours=colours, shapes=shapes, bone="head",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ parts


def _arc(along: Points, arch: float) -> tuple[Points, Points]:
    """Return x and depth on the arch at lengths `along` from its middle."""
    x = np.linspace(0, 0.06, 200)
    z = arch * x**2.2
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    at = np.interp(along, length, x)
    return at, arch * at**2.2


def _tooth(
    along: float, width: float, height: float, side: int, arch: float, front: float, edge: float, *, upper: bool
) -> tuple[Points, Floats]:
    """Return a tooth as a rounded sheet (6, 5, 3) over its front, edge and back, and its colours."""
    across = np.linspace(0.03, 0.97, 5)
    round_ = 1 - np.abs(across * 2 - 1) ** 3.5
    x, z = _arc(along + width * across, arch)
    up = 1.0 if upper else -1.0
    # From the gum down the front, over the edge and up behind.
    levels = np.array((1.15, 0.62, 0.22, 0.02, 0.02, 0.7))
    bulge = np.array((0.0, 0.0007, 0.0005, -0.0004, -0.0030, -THICK * 0.8))
    grid = np.zeros((6, 5, 3))
    tint = np.zeros((6, 5, 3), np.float32)
    for row in range(6):
        corner = (1 - round_) * (0.0014 if row < 4 else 0.002)
        grid[row, :, 0] = side * x
        grid[row, :, 1] = edge + up * (levels[row] * height + (corner if row in (3, 4) else 0))
        grid[row, :, 2] = front - z + bulge[row] - (1 - round_) * 0.0009
        gap = 0.62 + 0.38 * round_[:, None]
        root = 0.86 if row == 0 else 1.0
        tint[row] = ENAMEL * gap * root * np.array((1.0, 0.985, 0.95) if row < 2 else (1.0, 1.0, 1.0), np.float32)
    return grid, tint


def _gum(wide: float, arch: float, front: float, edge: float, *, upper: bool) -> Points:
    """Return the gum above (or below) the row as a sheet, scalloped over the teeth."""
    lengths = np.linspace(-wide * 1.15, wide * 1.15, 41)
    x, z = _arc(np.abs(lengths), arch)
    x = x * np.sign(lengths)
    up = 1.0 if upper else -1.0
    low = 0.0080 + 0.0008 * np.cos(lengths / 0.0075 * 2 * np.pi)
    rows = []
    for height, out in ((low, 0.0003), (0.0105, 0.0012), (0.016, 0.0004), (0.022, -0.006)):
        rows.append(np.stack([x, edge + up * np.broadcast_to(height, x.shape), front - z + out], axis=1))
    return np.array(rows)


def _faces(rows: int, columns: int, *, flip: bool) -> np.ndarray:
    number = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = number[:-1, :-1].ravel(), number[:-1, 1:].ravel(), number[1:, 1:].ravel(), number[1:, :-1].ravel()
    faces = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    return faces[:, ::-1] if flip else faces


def _carried(placed: Points, corners: Numbers, points: Points) -> dict[str, Shape]:
    """Return the shapes that move the data's row, as one affine motion each, for the new teeth."""
    own = np.concatenate([points[corners], np.ones((len(corners), 1))], axis=1)
    new = np.concatenate([placed, np.ones((len(placed), 1))], axis=1)
    solve = np.linalg.pinv(own)
    everything = np.arange(len(placed), dtype=np.int32)
    shapes = {}
    for name, unit in units().items():
        moves = np.zeros((len(points), 3))
        moves[unit.at] = unit.by
        here = moves[corners]
        if np.abs(here).max() > 1e-5:
            shapes[name] = Shape(everything, (new @ (solve @ here)).astype(np.float32))
    return shapes
