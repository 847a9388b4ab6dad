"""Makes garments of the vocabulary: which cloth, how it is cut, what is sewn on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.head.clothes import lines, trims
from studio.head.clothes.cloth import Cloth, Line, cloth
from studio.head.clothes.trims import Sheet
from studio.head.hair.field import Surface
from studio.head.model import Floats, Ints, Part
from studio.head.stock import Points
from studio.head.surface import vertex_normals

WEAVE: Final = 0.012  # metres a tile of the fabric's picture covers


@dataclass(frozen=True, slots=True)
class Worn:
    """One garment: its parts, and where it covers the skin (places at rest, positive inside)."""

    parts: tuple[Part, ...]
    covers: Line


def inner(kind: str, points: Points, body: Surface, *, under: bool) -> Worn:
    """Make a shirt, blouse, t-shirt, top or dress; `under` says that sleeves are worn over it."""
    off = 0.0035

    def shown(line: Line) -> Line:
        # What a jacket hides all day need not be there.
        return (lambda places: np.minimum(line(places), 0.138 - np.abs(places[:, 0]))) if under else line

    match kind:
        case "shirt" | "blouse":
            line = lines.open_front(
                0.545 if kind == "shirt" else 0.520, 0.020 if kind == "shirt" else 0.034, lift=0.004
            )
            made = cloth(points, body, shown(line), off=off, loose=0.004)
            around = cloth(points, body, lines.round_neck(0.004), off=off)
            leaf, point = (0.044, 0.034) if kind == "shirt" else (0.034, 0.018)
            sheets = trims.shirt_collar(around, around.loops[0], body, leaf=leaf, point=point)
            sheets.append(trims.band(made, made.loops[0], 0.0035, 0.0012))
            if not under:
                sheets += _placket(made, 0.545 if kind == "shirt" else 0.520)
        case "dress" | "top":
            line = lines.wide_neck(0.098 if kind == "dress" else 0.108, 0.062 if kind == "dress" else 0.040)
            made = cloth(points, body, shown(line), off=off)
            sheets = [trims.band(made, made.loops[0], 0.005, 0.0012, count=96)]
        case _:
            line = lines.round_neck(-0.004, 0.008)
            made = cloth(points, body, shown(line), off=off, loose=0.004)
            sheets = [trims.band(made, made.loops[0], 0.014, 0.0018, body=body)]
    return Worn((piece("inner", made, sheets, "inner"),), line)


def outer(kind: str, points: Points, body: Surface) -> Worn:
    """Make what is worn over it."""
    off = 0.0085
    extra: list[Part] = []
    match kind:
        case "cardigan":
            line = lines.open_front(0.430, 0.050)
            made = cloth(points, body, line, off=off, loose=0.006)
            sheets = [trims.band(made, made.loops[0], -0.020, 0.0030, count=110)]
        case "blazer" | "jacket" | "coat" | "lab coat":
            bottom, width = {
                "blazer": (0.44, 0.052),
                "jacket": (0.49, 0.048),
                "coat": (0.46, 0.058),
                "lab coat": (0.45, 0.050),
            }[kind]
            line = lines.open_front(bottom, width, lift=0.006)
            made = cloth(points, body, line, off=off + 0.002, loose=0.006, rounds=14)
            sheets = trims.lapels(made, made.loops[0], body, width=0.052 if kind == "coat" else 0.045)
        case "waistcoat":
            line = lines.sleeveless(lines.open_front(0.46, 0.054, lift=-0.002))
            made = cloth(points, body, line, off=off)
            sheets = [trims.band(made, loop, 0.002, 0.0022, count=90) for loop in made.loops[:3]]
        case "sweater":
            line = lines.round_neck(0.0, 0.006)
            made = cloth(points, body, line, off=off, loose=0.006)
            sheets = [trims.band(made, made.loops[0], 0.018, 0.0042, body=body)]
        case "turtleneck":
            line = lines.round_neck(0.004)
            made = cloth(points, body, line, off=0.006, loose=0.004)
            sheets = [trims.turtleneck(made, made.loops[0], body, 0.052)]
        case "hoodie":
            line = lines.round_neck(0.0, 0.020)
            made = cloth(points, body, line, off=off + 0.002, loose=0.008, rounds=16)
            sheets = [trims.hood(made, made.loops[0])]
            extra = [_cords(made, body)]
        case "apron" | "overalls":
            line = lines.bib(0.520 if kind == "apron" else 0.490, 0.082)
            made = cloth(points, body, line, off=off)
            width = 0.016 if kind == "apron" else 0.032
            sheets = [trims.band(made, made.loops[0], 0.0, 0.0016, count=90)]
            sheets += _straps(points, body, 0.520 if kind == "apron" else 0.490, width, crossed=kind == "apron")
        case _:
            return Worn((), lambda places: np.full(len(places), -1.0))
    return Worn((piece("outer", made, sheets, "outer"), *extra), line)


def piece(name: str, made: Cloth, sheets: Sequence[Sheet], material: str) -> Part:
    """Return cloth and what is sewn on it as one part."""
    positions, normals, uvs, triangles = (
        [made.places],
        [made.normals],
        [_woven(made.places, made.rest)],
        [made.triangles],
    )
    count = len(made.places)
    for sheet in sheets:
        grid = sheet.grid
        rows, columns, _ = grid.shape
        faces = sheet_faces(rows, columns)
        flat = grid.reshape(-1, 3)
        positions.append(flat)
        normals.append(sheet_normals(sheet, faces))
        along = np.linalg.norm(np.diff(grid, axis=1), axis=2).mean(axis=0).cumsum()
        across = np.linalg.norm(np.diff(grid, axis=0), axis=2).mean(axis=1).cumsum()
        u = np.broadcast_to(np.concatenate([[0], along])[None], (rows, columns))
        v = np.broadcast_to(np.concatenate([[0], across])[:, None], (rows, columns))
        uvs.append((np.stack([u, v], axis=-1).reshape(-1, 2) / WEAVE).astype(np.float32))
        triangles.append(faces + count)
        count += len(flat)
    return Part(
        name,
        np.concatenate(positions).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        np.concatenate(uvs).astype(np.float32),
        np.concatenate(triangles).astype(np.int32),
        material,
        bone="chest",
    )


def sheet_faces(rows: int, columns: int) -> Ints:
    """Return the triangles of a grid of points, row by row."""
    number = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = number[:-1, :-1].ravel(), number[:-1, 1:].ravel(), number[1:, 1:].ravel(), number[1:, :-1].ravel()
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]).astype(np.int32)


def sheet_normals(sheet: Sheet, faces: Ints) -> Floats:
    """Return normals of a sheet's points; a closed one has none of its seam's."""
    normals = vertex_normals(sheet.grid.reshape(-1, 3), faces).reshape(sheet.grid.shape)
    if sheet.closed:
        seam = normals[:, 0] + normals[:, -1]
        seam /= np.maximum(np.linalg.norm(seam, axis=1, keepdims=True), 1e-9)
        normals[:, 0] = normals[:, -1] = seam
    return normals.reshape(-1, 3).astype(np.float32)


# ------------------------------------------------------------------------------------------------ parts


def _woven(places: Points, rest: Points) -> Floats:
    """Lay the fabric over the body as if wrapped around it."""
    around = np.arctan2(rest[:, 0], rest[:, 2] + 0.06) * 0.16
    return (np.stack([around, -rest[:, 1]], axis=1) / WEAVE).astype(np.float32)


def _placket(made: Cloth, top: float) -> list[Sheet]:
    """Return the strip with buttons down the front of a shirt."""
    heights = np.linspace(top - 0.002, 0.416, 24)
    middle = np.abs(made.rest[:, 0]) < 0.03
    front = made.rest[:, 2] > 0.04
    at = made.rest[middle & front]
    places = made.places[middle & front]
    order = np.argsort(at[:, 1])
    y = np.interp(heights, at[order, 1], places[order, 1])
    z = np.array([places[np.abs(at[:, 1] - height) < 0.008, 2].max() for height in heights])
    path = np.stack([np.zeros_like(y), y, z], axis=1)
    sheets = [trims.strap(made, path, 0.024)]
    for number in range(3, 24, 8):
        middle_ = path[number] + (0, 0, 0.006)
        around = np.linspace(0, 2 * np.pi, 13)
        rows = [
            np.stack([np.cos(around) * size, np.sin(around) * size, np.full(13, depth)], axis=1) + middle_
            for size, depth in ((0.0050, -0.002), (0.0050, 0.0006), (0.0042, 0.0014), (0.0001, 0.0010))
        ]
        sheets.append(Sheet(np.array(rows), closed=True))
    return sheets


def _cords(made: Cloth, body: Surface) -> Part:
    """Return the two cords of a hood."""
    sheets = []
    for side in (1, -1):
        rest = np.array(
            [
                (0.030 * side, 0.566, 0.095),
                (0.031 * side, 0.545, 0.11),
                (0.029 * side, 0.515, 0.12),
                (0.032 * side, 0.480, 0.125),
            ]
        )
        path = body.place(rest)
        fine = np.linspace(0, 3, 16)
        line = np.stack([np.interp(fine, np.arange(4), path[:, k]) for k in range(3)], axis=1)
        level, normal = trims._cloth_near(made, line)
        sheets.append(trims.tube(line + normal * (0.006 - level)[:, None], 0.0026))
    empty = Cloth(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), ())
    return piece("cords", empty, sheets, "trim")


def _straps(points: Points, body: Surface, top: float, width: float, *, crossed: bool) -> list[Sheet]:
    """Return the straps that hold a bib: around the neck, or over the shoulders."""
    whole = cloth(points, body, lines.round_neck(0.0), off=0.0085)
    sheets = []
    for side in (1, -1):
        if crossed:
            rest = np.array(
                [
                    (0.074 * side, top - 0.002, 0.13),
                    (0.080 * side, 0.555, 0.10),
                    (0.078 * side, 0.590, 0.045),
                    (0.062 * side, 0.612, 0.0),
                    (0.03 * side, 0.612, -0.03),
                    (0.0, 0.610, -0.04),
                ]
            )
        else:
            rest = np.array(
                [
                    (0.070 * side, top - 0.03, 0.13),
                    (0.078 * side, 0.545, 0.11),
                    (0.088 * side, 0.585, 0.045),
                    (0.085 * side, 0.580, -0.02),
                    (0.070 * side, 0.52, -0.06),
                    (0.05 * side, 0.44, -0.08),
                ]
            )
        path = body.place(rest)
        fine = np.linspace(0, len(rest) - 1, 40)
        line = np.stack([np.interp(fine, np.arange(len(rest)), path[:, k]) for k in range(3)], axis=1)
        for _ in range(4):
            line[1:-1] = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
            level, normal = trims._cloth_near(whole, line)
            line = line - normal * level[:, None]
        sheets.append(trims.strap(whole, line, width))
    return sheets
