"""Makes a blink end on the lower lid, whatever the person's eyes, and slide over the ball on its way.

The data's blink carries the lid some millimetres too far and straight through space; on a long or a narrow eye that
leaves a pouch or a slit.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from studio.head.eyes import Ball
from studio.head.lashes import grid
from studio.head.stock import Points, Target, face_units, stock

OVERLAP: Final = 0.0005  # metres that the upper lid reaches over the lower one
STEADY: Final = 0.75  # how far a sliding lid keeps its distance from the ball
LOOSE: Final = 0.00035  # metres by which it may leave it
SUNK: Final = 0.00025  # metres that the rims of the lids lie inside the ball, in the median
LEAST, MOST = 0.88, 1.0  # of the data's ball


def fitted(ball: Ball, points: Points, side: str) -> Ball:
    """Return the ball with a radius that fits the person's lids, so that their rims are seen."""
    rims = np.concatenate([grid(f"upper lashes {side}")[0], grid(f"lower lashes {side}")[0]])
    off = np.linalg.norm(points[rims] - ball.middle, axis=1)
    radius = float(np.clip(np.median(off) + SUNK, LEAST * ball.radius, MOST * ball.radius))
    return Ball(ball.middle, radius)


def blink(side: str, points: Points, ball: Ball) -> Target:
    """Return the shape eyeBlinkLeft or eyeBlinkRight for a shaped mesh (n, 3)."""
    unit = face_units()[f"eyeBlink{side.capitalize()}"]
    rest = stock().points
    moves = np.zeros_like(points)
    moves[unit.at] = unit.by
    upper, lower = grid(f"upper lashes {side}")[0], grid(f"lower lashes {side}")[0]
    after = points[upper] + moves[upper]
    order = np.argsort(points[lower, 0])
    goal = np.interp(after[:, 0], points[lower[order], 0], points[lower[order], 1]) - OVERLAP
    drop = points[upper, 1] - after[:, 1]
    needed = np.clip(points[upper, 1] - goal, 0, None)
    scale = np.where(drop > 0.0012, needed / np.maximum(drop, 1e-4), np.nan)
    good = ~np.isnan(scale)
    columns = np.abs(rest[upper[good], 0])
    steps = np.argsort(columns)
    even = np.convolve(np.pad(np.clip(scale[good][steps], 0.4, 1.4), 1, mode="edge"), (0.25, 0.5, 0.25), mode="valid")
    factor = np.interp(np.abs(rest[unit.at, 0]), columns[steps], even)
    moved = unit.by * factor[:, None]
    return Target(unit.at, _sliding(points[unit.at], moved, ball))


def _sliding(points: Points, moves: Points, ball: Ball) -> Points:
    """Return the moves with their ends at the distance from the ball that they began at."""
    before = np.linalg.norm(points - ball.middle, axis=1)
    ends = points + moves
    out = ends - ball.middle
    after = np.linalg.norm(out, axis=1)
    size = np.linalg.norm(moves, axis=1)
    part = np.clip(size / max(float(size.max()), 1e-6) * 1.4, 0, 1) * STEADY
    wanted = np.minimum(after, np.maximum(before, ball.radius) + LOOSE)
    radius = after + (wanted - after) * part
    return ball.middle + out * (radius / after)[:, None] - points
