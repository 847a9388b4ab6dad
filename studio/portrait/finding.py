"""Finds the person whom the painter would paint most like a given picture: chance and description.

The reader guesses; then the guess is improved by damped least squares (Levenberg 1944, Marquardt 1963) on the pixels,
with differences in the place of derivatives, so that nothing but the painter itself is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.portrait.model import Floats, Nets
from studio.portrait.words import VALUES
from studio.stage import Progress

Row = NDArray[np.float64]  # numbers of one person: chance, then the description
Rows = NDArray[np.float64]

STEP: Final = 0.05
LEASH: Final = 0.02  # how much a number far from 0 costs, so that what is found stays paintable
ROUNDS: Final = 8
COARSE: Final = 2  # pixels are compared in squares of so many
PATIENCE: Final = 3  # steps that do not help before it stops


@dataclass(frozen=True, slots=True)
class Found:
    """A person in the painter's numbers, and the mean square of what is still different, pixels from -1 to 1.

    `first` is what the reader's guess alone left.
    """

    chance: Floats
    told: Floats
    left: float
    first: float


def found(nets: Nets, picture: Floats, progress: Progress, *, rounds: int = ROUNDS) -> Found:
    """Find the person in a picture (3, size, size) in -1..1; StudioError `bad_model` where there is no reader."""
    chance, told, _ = (each[0] for each in nets.read(picture[None]))
    point = np.concatenate([chance, told]).astype(np.float64)
    aim = _small(picture[None])[0]
    damping, error = 0.1, _cost(nets, point[None], aim)[0]
    first = float(_left(nets, point, picture))
    failures = 0
    for number in range(rounds):
        progress(number / rounds, "looking for the person")
        seen = _painted(nets, point[None])[0]
        around = point[None] + STEP * np.eye(len(point))
        slopes = (_painted(nets, around) - seen).T / STEP  # (pixels, numbers)
        lesson = slopes.T @ (aim - seen) - LEASH * _weights(nets, point) * len(aim) / 100
        square = slopes.T @ slopes
        while failures < PATIENCE:
            step = np.linalg.solve(square + damping * np.diag(np.diag(square) + 1e-3 * len(aim)), lesson)
            new = _kept(nets, point + step)
            cost = _cost(nets, new[None], aim)[0]
            if cost < error:
                point, error, damping, failures = new, cost, damping / 3, 0
                break
            damping, failures = damping * 4, failures + 1
        if failures >= PATIENCE:
            break
    progress(1.0, "found")
    return Found(
        point[: nets.chance].astype(np.float32),
        point[nets.chance :].astype(np.float32),
        float(_left(nets, point, picture)),
        first,
    )


def _weights(nets: Nets, point: Row) -> Row:
    pull = point.copy()
    pull[nets.chance :] = 0
    return pull


def _kept(nets: Nets, point: Row) -> Row:
    """Bring a description back to where its parts are from 0 to 1 and each trait's add up to 1; chance to 3 at most."""
    point = point.copy()
    point[: nets.chance] = np.clip(point[: nets.chance], -3, 3)
    at = nets.chance
    for values in VALUES.values():
        part = np.clip(point[at : at + len(values)], 0, 1)
        point[at : at + len(values)] = part / max(1e-6, part.sum()) if part.sum() > 0 else 1 / len(values)
        at += len(values)
    return point


def _painted(nets: Nets, points: Rows) -> Rows:
    rows = points.astype(np.float32)
    return _small(nets.paint(rows[:, : nets.chance], rows[:, nets.chance :]))


def _small(pictures: Floats) -> Rows:
    """Return pictures' squares of pixels as rows (n, 3 * squares)."""
    count, _, size, _ = pictures.shape
    few = size // COARSE
    mean = pictures.reshape(count, 3, few, COARSE, few, COARSE).mean((3, 5))
    rows: Rows = mean.reshape(count, -1).astype(np.float64)
    return rows


def _cost(nets: Nets, points: Rows, aim: Row) -> Row:
    apart = np.square(_painted(nets, points) - aim).sum(axis=1)
    cost: Row = apart + LEASH * np.square(points[:, : nets.chance]).sum(axis=1) * len(aim) / 100
    return cost


def _left(nets: Nets, point: Row, picture: Floats) -> float:
    row = point.astype(np.float32)[None]
    return float(np.square(nets.paint(row[:, : nets.chance], row[:, nets.chance :])[0] - picture).mean())
