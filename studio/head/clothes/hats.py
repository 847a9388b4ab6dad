"""Makes what is worn on the head: shells that follow the skull, crowns, brims and cloth wound around."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from studio.head.clothes.cloth import Cloth
from studio.head.clothes.garments import piece
from studio.head.clothes.trims import Sheet
from studio.head.hair.field import Surface
from studio.head.model import Part
from studio.head.stock import Points

AROUND: Final = 72
MIDDLE: Final = (0.0, 0.768, 0.046)  # at rest: the axis that hats are turned about
TILT: Final = 0.16  # metres of height for a metre towards the face: hats sit lower behind

Profile = Callable[[Points], Points]  # angles from the front (AROUND + 1,) -> something at each


@dataclass(frozen=True, slots=True)
class Hat:
    """The parts of a hat, and the height of its rim over places at rest: hair above it is hidden."""

    parts: tuple[Part, ...]
    rim: Callable[[Points], Points]


def hat(kind: str, body: Surface, *, thick: float) -> Hat:
    """Make a hat of the vocabulary over hair that stands off the skull by `thick` metres."""
    angle = np.linspace(-np.pi, np.pi, AROUND + 1)
    front = np.cos(angle)
    off = 0.004 + thick
    match kind:
        case "beanie":
            edge = 0.792 + 0.012 * front - 0.012
            rows = _dome(body, angle, edge, off + 0.003, 12, peak=0.012)
            sheets = [Sheet(rows, closed=True), _roll(body, angle, edge, off + 0.003, 0.034, 0.006)]
        case "cap":
            edge = 0.794 + 0.004 * front
            rows = _dome(body, angle, edge, off + 0.004, 12, peak=0.006)
            sheets = [Sheet(rows, closed=True), _visor(rows[0], angle), _button(rows[-1])]
        case "beret":
            edge = 0.800 + 0.004 * front
            sheets = [
                Sheet(_beret(body, angle, edge, off + 0.003), closed=True),
                _roll(body, angle, edge, off + 0.003, 0.012, 0.003),
            ]
        case "hard hat":
            edge = 0.802 + 0.002 * front
            rows = _dome(body, angle, edge, off + 0.012, 14, peak=0.018)
            sheets = [
                Sheet(rows, closed=True),
                _brim(rows[0], angle, 0.018 + 0.034 * np.clip(front, 0, 1) ** 3, 0.004),
                _ridge(rows),
            ]
        case "hat":
            edge = 0.800 + 0.002 * front
            rows = _crown(body, angle, edge, off + 0.004, tall=0.105, taper=0.90)
            sheets = [
                Sheet(rows, closed=True),
                _brim(rows[0], angle, np.full(len(angle), 0.052), 0.006),
                _roll(body, angle, edge + 0.012, off + 0.005, 0.022, 0.001),
            ]
        case "chef's hat":
            edge = 0.800 + 0.002 * front
            sheets = [Sheet(_toque(body, angle, edge, off + 0.003), closed=True)]
        case "turban":
            sheets = _turban(body, angle, off)
            edge = 0.787 + 0.014 * front
        case _:  # headscarf
            sheets = _scarf(body, angle, off)
            edge = np.interp(np.degrees(np.abs(angle)), [0, 40, 70, 100, 180], [0.812, 0.790, 0.70, 0.60, 0.55])
    empty = Cloth(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), ())
    part = replace(piece("hat", empty, [_outward(sheet, body) for sheet in sheets], "hat"), bone="head")

    def rim(places: Points) -> Points:
        at = np.arctan2(places[:, 0], places[:, 2] - MIDDLE[2])
        return np.interp(at, angle, edge) + TILT * (places[:, 2] - MIDDLE[2]) * 0.5

    return Hat((part,), rim)


# ------------------------------------------------------------------------------------------------ parts


def _at(angle: Points, radius: Points | float, height: Points | float) -> Points:
    """Return places at rest around the hats' axis."""
    r = np.broadcast_to(np.asarray(radius, np.float64), angle.shape)
    z = MIDDLE[2] + r * np.cos(angle)
    y = np.broadcast_to(np.asarray(height, np.float64), angle.shape) + TILT * 0.5 * (z - MIDDLE[2])
    return np.stack([r * np.sin(angle), y, z], axis=1)


def _ring(body: Surface, angle: Points, height: Points | float, off: Points | float) -> Points:
    """Return a ring on the skull at a height, `off` metres from the skin."""
    place = body.place(_at(angle, 0.10, height))
    for _ in range(5):
        level, normal = body.near(place)
        flat = normal * (1.0, 0.25, 1.0)
        place = place - flat * (level - off)[:, None] * 0.8
    return _smooth(place)


def _smooth(ring: Points) -> Points:
    for _ in range(4):
        padded = np.concatenate([ring[-2:-1], ring, ring[1:2]])
        ring = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return ring


def _dome(body: Surface, angle: Points, edge: Points, off: float, rows: int, *, peak: float) -> Points:
    """Return rings from the edge up over the skull to its top, rounder than the skull itself."""
    base = _ring(body, angle, edge, off)
    top = body.place(np.array([(0.0, 0.850, 0.030)]))[0] + (0, off + peak, 0)
    found = [base]
    for row in range(1, rows):
        t = row / (rows - 1) * np.pi / 2
        ring = base * np.cos(t) ** 0.9 + top * (1 - np.cos(t) ** 0.9)
        ring[:, 1] = base[:, 1] + (top[1] - base[:, 1]) * np.sin(t)
        level, normal = body.near(ring)
        found.append(ring + normal * np.clip(off - level, 0, 0.02)[:, None])
    found[-1][:] = found[-1].mean(axis=0)
    return np.array([_smooth(ring) for ring in found[:-1]] + [found[-1]])


def _roll(body: Surface, angle: Points, edge: Points, off: float, tall: float, thick: float) -> Sheet:
    """Return a folded band around the edge."""
    rows = []
    for height, out in (
        (0.0, -0.003),
        (-0.001, thick * 0.6),
        (tall * 0.15, thick),
        (tall * 0.85, thick),
        (tall, thick * 0.5),
        (tall, -0.003),
    ):
        rows.append(_ring(body, angle, edge + height, off + out))
    return Sheet(np.array(rows), closed=True)


def _brim(base: Points, angle: Points, wide: Points, drop: float) -> Sheet:
    away = base - base.mean(axis=0)
    away[:, 1] = 0
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    rows = []
    for part, height in (
        (0.0, 0.001),
        (0.5, 0.0005),
        (0.97, -0.001),
        (1.0, -0.002),
        (0.97, -0.003),
        (0.5, -0.0022),
        (0.0, -0.002),
    ):
        sag = drop * part**2
        rows.append(base + away * (wide * part)[:, None] + np.array((0, 1.0, 0)) * (height - sag))
    return Sheet(np.array(rows), closed=True)


def _visor(base: Points, angle: Points) -> Sheet:
    chosen = np.abs(angle) < 0.95
    line = base[chosen]
    share = angle[chosen] / 0.95
    rows = []
    for part, height in (
        (0.0, 0.0),
        (0.35, 0.0015),
        (0.75, 0.001),
        (1.0, -0.001),
        (1.0, -0.003),
        (0.5, -0.0015),
        (0.0, -0.002),
    ):
        reach = 0.066 * part * np.sqrt(np.clip(1 - share**2, 0, 1))
        row = line + np.array((0, -0.16, 1.0)) * reach[:, None]
        row[:, 1] += height - 0.012 * part * share**2
        rows.append(row)
    return Sheet(np.array(rows))


def _button(top: Points) -> Sheet:
    angle = np.linspace(0, 2 * np.pi, 13)
    rows = [
        top[0] + np.stack([np.sin(angle) * r, np.full(13, h), np.cos(angle) * r], axis=1)
        for r, h in ((0.007, -0.001), (0.0065, 0.002), (0.004, 0.0038), (0.0001, 0.0042))
    ]
    return Sheet(np.array(rows), closed=True)


def _ridge(rows: Points) -> Sheet:
    """Return the rib over a hard hat, from front to back."""
    half = AROUND // 2
    line = np.concatenate([rows[1:-1, half], rows[-1:, 0], rows[1:-1, 0][::-1]])
    out = line - line.mean(axis=0) + (0, 0.02, 0)
    out[:, 0] = 0
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    side = np.array((1.0, 0, 0))
    return Sheet(
        np.array(
            [
                line + side * x + out * h
                for x, h in ((0.012, -0.001), (0.008, 0.0045), (-0.008, 0.0045), (-0.012, -0.001))
            ]
        )
    )


def _crown(body: Surface, angle: Points, edge: Points, off: float, *, tall: float, taper: float) -> Points:
    base = _ring(body, angle, edge, off)
    middle = base.mean(axis=0)
    found = [base]
    for part, size in (
        (0.35, 0.985),
        (0.75, 0.94),
        (0.93, taper),
        (1.0, taper - 0.07),
        (0.985, 0.6),
        (0.93, 0.3),
        (0.92, 0.001),
    ):
        ring = middle + (base - middle) * (size, 1.0, size)
        ring[:, 1] += tall * part - (0.016 * np.exp(-(((ring[:, 0] - middle[0]) / 0.02) ** 2)) if part > 0.9 else 0)
        found.append(ring)
    return np.array(found)


def _beret(body: Surface, angle: Points, edge: Points, off: float) -> Points:
    base = _ring(body, angle, edge, off)
    middle = base.mean(axis=0)
    rows = [base]
    for size, lift, shift in (
        (1.10, 0.012, 0.004),
        (1.24, 0.026, 0.010),
        (1.28, 0.042, 0.016),
        (1.16, 0.058, 0.020),
        (0.85, 0.068, 0.020),
        (0.4, 0.073, 0.018),
        (0.001, 0.075, 0.016),
    ):
        ring = middle + (base - middle) * (size, 1.0, size) + (shift, 0, -shift * 0.8)
        fall = 0.016 * np.clip((ring[:, 0] - middle[0]) / 0.1, -1, 1)
        ring[:, 1] += lift - fall * min(1.0, lift / 0.04)
        rows.append(ring)
    return np.array(rows)


def _toque(body: Surface, angle: Points, edge: Points, off: float) -> Points:
    base = _ring(body, angle, edge, off)
    middle = base.mean(axis=0)
    pleats = 0.006 * np.cos(angle * 18)
    rows = [base]
    for lift, size, fold in (
        (0.03, 1.0, 0.0),
        (0.062, 1.0, 0.0),
        (0.064, 1.02, 0.2),
        (0.085, 1.28, 1.0),
        (0.115, 1.38, 1.0),
        (0.14, 1.28, 1.0),
        (0.155, 0.95, 0.8),
        (0.158, 0.5, 0.4),
        (0.156, 0.001, 0.0),
    ):
        ring = middle + (base - middle) * (size, 1.0, size)
        away = ring - middle
        away[:, 1] = 0
        away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
        ring = ring + away * (pleats * fold)[:, None]
        ring[:, 1] += lift + 0.004 * np.sin(angle * 3 + 1) * fold
        rows.append(ring)
    return np.array(rows)


def _turban(body: Surface, angle: Points, off: float) -> list[Sheet]:
    """Return bands of cloth laid crosswise, each a soft fold."""
    sheets = [Sheet(_dome(body, angle, np.full(len(angle), 0.80), off + 0.010, 12, peak=0.030), closed=True)]
    for number in range(7):
        slant = (0.026 - 0.003 * number) * (1 if number % 2 else -1)
        level = (
            0.786
            + 0.0125 * number
            + 0.012 * np.cos(angle)
            + slant * np.sin(angle)
            + (0.016 * np.cos(angle) if number < 4 else 0)
        )
        rows = []
        swell = 0.016 - 0.0007 * number
        for part, out in ((-0.5, 0.004), (-0.42, 0.75), (0.0, 1.0), (0.42, 0.8), (0.5, 0.1)):
            size = off + 0.006 + swell * out
            rows.append(_ring(body, angle, level + part * 0.030, size))
        sheets.append(Sheet(np.array(rows), closed=True))
    return sheets


def _scarf(body: Surface, angle: Points, off: float) -> list[Sheet]:
    """Return a scarf around the face, over the hair and down to the shoulders."""
    degrees = np.degrees(np.linspace(-180, 180, 97) * np.pi / 180)
    del degrees
    turn = np.linspace(0, 2 * np.pi, 97)
    # The opening around the face: from the forehead down the cheeks and under the chin.
    x = 0.0665 * np.sin(turn)
    y = 0.712 + 0.0960 * np.cos(turn)
    z = np.interp(np.abs(np.sin(turn)), [0, 1], [0.150, 0.082]) - np.clip(-np.cos(turn), 0, 1) ** 2 * 0.045
    opening = body.place(np.stack([x, y, z], axis=1))
    opening = _lifted(body, opening, off + 0.003)
    back = body.place(np.array([(0.0, 0.735, 0.02)]))[0]
    rows = [_lifted(body, opening, off - 0.002), opening]
    for part in np.linspace(0.08, 1, 14):
        t = part * np.pi / 2
        ring = opening * np.cos(t) + back * (1 - np.cos(t))
        ring[:, 2] = opening[:, 2] + (back[2] - 0.10 - opening[:, 2]) * np.sin(t)
        wide = 1 + 0.55 * np.sin(t * 2) * np.clip(1.2 - part, 0, 1)
        ring[:, 0] *= wide
        ring[:, 1] = back[1] + (ring[:, 1] - back[1]) * (1 + 0.35 * np.sin(t * 2))
        rows.append(_lifted(body, ring, off + 0.008))
    wrap = []
    ring_angle = np.linspace(-np.pi, np.pi, 97)
    for level, out in ((0.642, 0.010), (0.625, 0.020), (0.600, 0.026), (0.575, 0.024), (0.555, 0.016), (0.535, 0.010)):
        wide = 0.062 + (0.642 - level) * 0.75
        flat = np.stack(
            [
                wide * np.sin(ring_angle) * 1.1,
                level + 0.02 * -np.cos(ring_angle) + 0.004 * np.sin(ring_angle * 3 + level * 90),
                0.035 + wide * np.cos(ring_angle),
            ],
            axis=1,
        )
        wrap.append(_smooth(_lifted(body, body.place(flat), out)))
    return [Sheet(np.array(rows), closed=True), Sheet(np.array(wrap)[::-1], closed=True)]


def _lifted(body: Surface, places: Points, least: float) -> Points:
    for _ in range(2):
        level, normal = body.near(places)
        places = places + normal * np.clip(least - level, 0, 0.05)[:, None]
    return places


def _outward(sheet: Sheet, body: Surface) -> Sheet:
    """Turn a sheet so that its fronts look away from the head."""
    grid = sheet.grid
    a, b = np.gradient(grid, axis=1), np.gradient(grid, axis=0)
    normal = np.cross(b, a)
    middle = body.place(np.array([MIDDLE]))[0]
    away = ((grid - middle) * normal).sum()
    return sheet if away < 0 else Sheet(grid[:, ::-1], sheet.closed)
