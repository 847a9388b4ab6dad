"""Units of measure: what they measure, how large they are, and by which names they are known. Data, not code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from engines.words.text import fold

LONGEST: Final = 5  # signs of a name in a script without spaces
SPEED: Final = "length/time"
TIMES: Final = frozenset({"time"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: `size` in the first unit of its dimension, and what that is `shift`ed by (temperatures)."""

    name: str
    dimension: str
    size: float
    shift: float = 0.0

    def per(self, other: Unit) -> Unit:
        """Return this unit by another: kilometres per second."""
        return Unit(f"{self.name}/{other.name}", f"{self.dimension}/{other.dimension}", self.size / other.size)

    def base(self, value: float) -> float:
        """Return a value in the first unit of the dimension."""
        return value * self.size + self.shift


@cache
def units() -> dict[str, Unit]:
    """Return every unit by each of its folded names."""
    found: dict[str, Unit] = {}
    tables = tomllib.loads((files("engines.words") / "units.toml").read_text(encoding="utf-8"))
    for dimension, members in tables.items():
        for name, table in members.items():
            kind = SPEED if dimension == "speed" else dimension
            unit = Unit(name, kind, float(table["size"]), float(table.get("shift", 0.0)))
            for each in fold(table["names"]).split():
                found.setdefault(each, unit)
    return found


def same_kind(a: str, b: str) -> bool:
    """Say whether two dimensions can be compared; degrees of an angle and of a thermometer are said alike."""
    return a == b or {a, b} == {"angle", "temperature"}


def size_of_divisor(unit: Unit) -> float:
    """Return the size of what a unit is divided by: 3600 of km/h, 1 of a unit by nothing."""
    _, mark, divisor = unit.name.partition("/")
    by = {"kmh": "h", "mph": "h"}.get(unit.name, divisor if mark else "")
    return next((each.size for each in units().values() if each.name == by), 1.0)
