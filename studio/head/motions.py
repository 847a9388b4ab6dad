"""Shapes one person's face and says how each of ARKit's 52 shapes moves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.head.anatomy import Build, shaped
from studio.head.eyes import Ball, balls, turns
from studio.head.lids import blink, fitted
from studio.head.seals import lips, shut
from studio.head.skeleton import arms_down
from studio.head.stock import Points, stock
from studio.head.units import units

OPEN: Final = 0.0026  # metres that the upper lid is above the pupil, at least
SIDES: Final = ("left", "right")

Warp = Callable[[Points], Points]


@dataclass(frozen=True, slots=True)
class Figure:
    """A person's shape: `points` (n, 3) of the stock, standing on y = 0, arms hanging; `moves` by ARKit's names.

    `balls` are the eyes by side; `turns` are those of the balls at full eyeLook, by name.
    """

    points: Points
    moves: Mapping[str, Points]
    balls: Mapping[str, Ball]


def figure(build: Build, changes: Mapping[str, float], rest: Mapping[str, float]) -> Figure:
    """Shape a person who rests in the face `rest` (weights of ARKit's shapes)."""
    points = shaped(build, changes)
    points[:, 1] -= points[stock().groups["body"].points, 1].min()
    for name, weight in rest.items():
        unit = units()[name]
        points[unit.at] += unit.by * weight
    points = _awake(points)
    for _ in range(2):
        points = points + shut(lips(), points)
    eyes = {side: fitted(ball, points, side) for side, ball in balls(points).items()}
    moves = {name: _dense(points, name) for name in units()}
    for side in SIDES:
        unit = blink(side, points, eyes[side])
        moves[f"eyeBlink{side.capitalize()}"] = _spread(points, unit.at, unit.by)
    closed = points + moves["jawOpen"] + moves["mouthClose"]
    moves["mouthClose"] = moves["mouthClose"] + shut(lips(), closed)
    return Figure(arms_down(points), moves, eyes)


def look(side: str, local: Points) -> dict[str, Points]:
    """Return how points (k, 3) on a ball, from its middle, move at each full eyeLook of a side."""
    return {name: local @ turn.T - local for name, turn in turns(side).items()}


def _awake(points: Points) -> Points:
    """Open lids that would cover the pupils, by the reverse of a blink."""
    from studio.head.lashes import grid

    points = points.copy()
    for side in SIDES:
        ball = balls(points)[side]
        rim = grid(f"upper lashes {side}")[0]
        middle = rim[np.argsort(points[rim, 1])[-3:]]
        above = float(points[middle, 1].mean() - ball.middle[1])
        unit = units()[f"eyeBlink{side.capitalize()}"]
        moved = _spread(points, unit.at, unit.by)
        drop = -float(moved[middle, 1].mean())
        lacking = float(np.clip((OPEN - above) / max(drop, 1e-4), 0, 0.25))
        points = points - moved * lacking
    return points


def _dense(points: Points, name: str) -> Points:
    unit = units()[name]
    return _spread(points, unit.at, unit.by)


def _spread(points: Points, at: np.ndarray[tuple[int], np.dtype[np.int64]], by: Points) -> Points:
    moved = np.zeros_like(points)
    moved[at] = by
    return moved
