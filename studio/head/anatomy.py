"""Shapes the human mesh by age, sex, ancestry, muscle and weight, and by local changes such as a nose's hump.

The method is MakeHuman's: targets of the corners of the space are mixed by the product of their weights along each
axis, as in its `universal-...` and ancestry targets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from studio.head.stock import Points, stock, target

AGES: Final = (("baby", 1.0), ("child", 11.0), ("young", 25.0), ("old", 90.0))  # years
LEVELS: Final = (("min", 0.0), ("average", 0.5), ("max", 1.0))
ANCESTRIES: Final = ("african", "asian", "caucasian")  # the data's three corners


@dataclass(frozen=True, slots=True)
class Build:
    """What the whole body follows: `age` in years, `male`, `muscle`, `weight` 0..1, parts of the three ancestries."""

    age: float
    male: float
    ancestry: tuple[float, float, float]
    muscle: float = 0.5
    weight: float = 0.5


def shaped(build: Build, changes: Mapping[str, float]) -> Points:
    """Return all points of the stock's mesh (n, 3), metres; `changes` are weights of targets by path."""
    points = stock().points.copy()
    for path, weight in (*corners(build), *changes.items()):
        if weight:
            change = target(path)
            points[change.at] += change.by * weight
    return points


def corners(build: Build) -> Iterator[tuple[str, float]]:
    """Yield the paths of the targets of the whole body and their weights."""
    whole = sum(build.ancestry) or 1.0
    sexes = (("female", 1 - build.male), ("male", build.male))
    ages = _between(AGES, build.age)
    for (sex, of_sex), (age, of_age) in product(sexes, ages):
        for name, part in zip(ANCESTRIES, build.ancestry, strict=True):
            yield f"macrodetails/{name}-{sex}-{age}", of_sex * of_age * part / whole
        levels = product(_between(LEVELS, build.muscle), _between(LEVELS, build.weight))
        for (muscle, of_muscle), (weight, of_weight) in levels:
            name = f"macrodetails/universal-{sex}-{age}-{muscle}muscle-{weight}weight"
            yield name, of_sex * of_age * of_muscle * of_weight


def _between(steps: tuple[tuple[str, float], ...], value: float) -> list[tuple[str, float]]:
    """Return the two steps around a value with their linear weights."""
    places = [place for _, place in steps]
    value = min(max(value, places[0]), places[-1])
    after = min(max(int(np.searchsorted(places, value)), 1), len(steps) - 1)
    part = (value - places[after - 1]) / (places[after] - places[after - 1])
    return [(steps[after - 1][0], 1 - part), (steps[after][0], part)]
