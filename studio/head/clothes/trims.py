"""Sews borders onto cloth: bands, turtlenecks, collars, lapels, hoods, straps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studio.head.clothes.cloth import Cloth
from studio.head.hair.field import Surface
from studio.head.stock import Numbers, Points


@dataclass(frozen=True, slots=True)
class Sheet:
    """A grid of points (rows, columns, 3); two-sided where `thin`. `uvs` are metres along and across."""

    grid: Points
    closed: bool = False


def edge(cloth: Cloth, loop: Numbers, count: int) -> tuple[Points, Points, Points]:
    """Return `count` evenly spaced points on a border, the cloth's normals there, and the way out of the cloth."""
    places, normals = cloth.places[loop], cloth.normals[loop].astype(np.float64)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])
    at = np.linspace(0, length[-1], count)
    line = np.stack([np.interp(at, length, places[:, k]) for k in range(3)], axis=1)
    out = np.stack([np.interp(at, length, normals[:, k]) for k in range(3)], axis=1)
    closed = loop[0] == loop[-1]
    line, out = _smooth(line, closed), _smooth(out, closed)
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
    ahead = np.gradient(line, axis=0)
    if closed:
        ahead[0] = ahead[-1] = line[1] - line[-2]
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    # The border runs with the cloth on its left, so that this points into the opening.
    return line, out, np.cross(ahead, out)


def band(
    cloth: Cloth, loop: Numbers, width: float, thick: float, *, count: int = 72, body: Surface | None = None
) -> Sheet:
    """Return a rounded band along a border, `width` metres into the opening; with `body` it lies on the skin."""
    line, out, into = edge(cloth, loop, count)
    rows = []
    for along, height in ((-0.12, 0.2), (0.08, 0.9), (0.4, 1.25), (0.75, 1.2), (1.0, 0.6), (1.0, -0.6)):
        row = line + into * (width * along)
        if body is not None and along > 0:
            level, normal = body.near(row)
            row = row + normal * (0.0012 - level)[:, None]
            rows.append(row + normal * thick * height)
        else:
            rows.append(row + out * thick * height)
    return Sheet(np.array(rows), closed=bool(loop[0] == loop[-1]))


def turtleneck(cloth: Cloth, loop: Numbers, body: Surface, tall: float, *, count: int = 56) -> Sheet:
    """Return a tube up the neck that folds over to its outside."""
    line, _, _ = edge(cloth, loop, count)
    axis = np.array((0, 1.0, -0.10))
    rows = [line]
    rows += [_on(body, line + axis * tall * part, 0.0045) for part in np.linspace(0.2, 1, 5)]
    rows += [
        _on(body, line + axis * tall * part, 0.0105 - 0.002 * (part > 0.9)) for part in (0.95, 0.75, 0.5, 0.25, 0.08)
    ]
    rows.append(_on(body, line + axis * tall * 0.06, 0.006))
    return Sheet(np.array(rows), closed=True)


def shirt_collar(
    cloth: Cloth,
    loop: Numbers,
    body: Surface,
    *,
    stand: float = 0.034,
    leaf: float = 0.046,
    point: float = 0.034,
    count: int = 81,
) -> list[Sheet]:
    """Return the stand of a collar and its folded leaf, open in front, with two points."""
    line, _, _ = edge(cloth, loop, count)
    line = _opened(line, 0.012)
    axis = np.array((0, 1.0, -0.12))
    share = np.abs(np.linspace(-1, 1, len(line)))
    height = stand * np.interp(share, [0, 0.6, 1], [1.0, 0.9, 0.55])
    inner = [
        line,
        _on(body, line + axis * (height * 0.5)[:, None], 0.004),
        _on(body, line + axis * height[:, None], 0.0045),
    ]
    top = inner[-1]
    _, normal = body.near(top)
    flat = normal - axis * (normal @ axis)[:, None] / (axis @ axis)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)
    length = leaf + point * np.clip((share - 0.72) / 0.28, 0, 1) ** 1.5
    sideways = np.zeros_like(top)
    sideways[:, 0] = np.sign(top[:, 0]) * np.clip((share - 0.80) / 0.20, 0, 1) * 0.40
    ahead = np.array((0, 0, 1.0)) * (np.clip((share - 0.7) / 0.3, 0, 1) * 0.35)[:, None]
    down = flat * 0.42 - axis * 0.80 + sideways + ahead
    down /= np.linalg.norm(down, axis=1, keepdims=True)
    rolled = top + flat * 0.004 + axis * 0.002
    leaf_rows = [top, rolled]
    for part in (0.25, 0.6, 1.0):
        row = rolled + down * (length * part)[:, None] + flat * 0.003
        leaf_rows.append(_held(body, row, 0.0100 if part < 1 else 0.0085))
    return [
        Sheet(np.array(inner)),
        Sheet(np.array(leaf_rows)),
        Sheet(np.array(leaf_rows)[:, ::-1] - flat[None, ::-1] * 0.0012),
    ]


def lapels(cloth: Cloth, loop: Numbers, body: Surface, *, width: float = 0.046, count: int = 121) -> list[Sheet]:
    """Return the folded edges of a jacket: narrow below, wide and notched at the chest, a collar around the neck."""
    line, out, into = edge(cloth, loop, count)
    tall = line[:, 1]
    low, high = tall.min(), tall.max()
    up = (tall - low) / (high - low)
    wide = width * np.interp(up, [0, 0.12, 0.62, 0.66, 0.70, 0.80, 1.0], [0.12, 0.35, 1.05, 1.10, 0.72, 0.80, 0.70])
    rows: list[Points] = []
    for part in (0.0, 0.0, 0.35, 0.7, 1.0, 1.0):
        row = line - into * (wide * part)[:, None]
        thick = (-0.002, 0.006, 0.0085, 0.0075, 0.005, 0.001)[len(rows)]
        level, normal = _cloth_near(cloth, row)
        rows.append(row + normal * (thick - level)[:, None] if part > 0 else row + out * thick)
    return [Sheet(np.array(rows), closed=bool(loop[0] == loop[-1]))]


def hood(cloth: Cloth, loop: Numbers, *, count: int = 64) -> Sheet:
    """Return a hood that lies in the neck: a soft roll, thick behind."""
    line, out, into = edge(cloth, loop, count)
    back = np.clip((line[:, 2].max() - line[:, 2]) / max(float(np.ptp(line[:, 2])), 1e-6), 0, 1)
    size = 0.013 + 0.026 * back**1.3
    around = np.linspace(-0.35 * np.pi, 1.25 * np.pi, 11)
    rows = []
    for angle in around:
        lift = np.array((0, 1.0, 0)) * (size * 0.9 * (np.sin(angle) + 0.55))[:, None]
        outwards = -into * (size * 1.05 * np.cos(angle) * -1)[:, None]
        rows.append(line + lift + outwards * 1.0 + out * (size * 0.55)[:, None] * np.sin(max(angle, 0.0)) * 0.4)
    return Sheet(np.array(rows), closed=bool(loop[0] == loop[-1]))


def tube(path: Points, radius: float | Points, sides: int = 8) -> Sheet:
    """Return a tube along a path (k, 3)."""
    ahead = np.gradient(path, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    one = np.cross(ahead, (0.13, 0.21, 0.97))
    one /= np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-9)
    two = np.cross(ahead, one)
    size = np.broadcast_to(np.asarray(radius, np.float64), (len(path),))
    rows = [
        path + one * (size * np.cos(a))[:, None] + two * (size * np.sin(a))[:, None]
        for a in np.linspace(0, 2 * np.pi, sides + 1)
    ]
    return Sheet(np.array(rows)[::-1])


def strap(cloth: Cloth, path: Points, width: float) -> Sheet:
    """Return a flat strap along a path (k, 3) laid on the cloth."""
    level, normal = _cloth_near(cloth, path)
    line = path + normal * (0.0045 - level)[:, None]
    ahead = np.gradient(line, axis=0)
    side = np.cross(ahead, normal)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    rows = [
        line - side * width / 2 - normal * 0.003,
        line - side * width / 2,
        line + normal * 0.0012,
        line + side * width / 2,
        line + side * width / 2 - normal * 0.003,
    ]
    return Sheet(np.array(rows)[::-1])


# ------------------------------------------------------------------------------------------------ parts


def _smooth(line: Points, closed: bool) -> Points:
    for _ in range(3):
        padded = (
            np.concatenate([line[-2:-1], line, line[1:2]]) if closed else np.concatenate([line[:1], line, line[-1:]])
        )
        line = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return line


def _opened(line: Points, gap: float) -> Points:
    """Turn a closed border so that it begins and ends in front, `gap` metres from the middle to either side."""
    ring = line[:-1]
    start = int(np.argmax(ring[:, 2] - 2 * np.abs(ring[:, 0])))
    turned = np.roll(ring, -start, axis=0)
    turned = np.concatenate([turned, turned[:1]])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(turned, axis=0), axis=1))])
    at = np.linspace(gap, length[-1] - gap, len(line))
    return np.stack([np.interp(at, length, turned[:, k]) for k in range(3)], axis=1)


def _on(body: Surface, places: Points, height: float) -> Points:
    level, normal = body.near(places)
    return places + normal * (height - level)[:, None]


def _held(body: Surface, places: Points, least: float) -> Points:
    level, normal = body.near(places)
    return places + normal * np.clip(least - level, 0, 0.03)[:, None]


def _cloth_near(cloth: Cloth, places: Points) -> tuple[Points, Points]:
    from scipy.spatial import cKDTree

    off, at = cKDTree(cloth.places).query(places, k=min(5, len(cloth.places)))
    part = 1 / (off + 1e-4) ** 2
    part /= part.sum(axis=1, keepdims=True)
    normals = (cloth.normals[at] * part[..., None]).sum(axis=1)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    level = (((places[:, None] - cloth.places[at]) * cloth.normals[at]).sum(axis=2) * part).sum(axis=1)
    return level, normals


__all__ = ["Sequence", "Sheet", "band", "edge", "hood", "lapels", "shirt_collar", "strap", "tube", "turtleneck"]
