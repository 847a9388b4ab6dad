"""Collects the points, movements, paths and layers of a rig and writes them as the JSON that RIG.md describes.

It knows nothing of faces but which side is which: the face's own left is at the right of the picture, at larger x.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from engines.face.rigs import NAMES
from tools.face.rigging import looks

MIDDLE: Final = 500.0
EXTRA: Final = ("breath", "age", "masculine")
CHANNELS: Final = (*NAMES, *EXTRA)
LEAST: Final = 0.9  # shorter movements are left out
SIDES: Final = ((1, "Left"), (-1, "Right"))

Move = tuple[float, float]
Moves = dict[str, Move]
Paint = str | dict[str, Any]
Alpha = Mapping[str, float] | Sequence[Mapping[str, float]]
When = Mapping[str, str | Sequence[str]]


def smooth(low: float, high: float, value: float) -> float:
    """Return 0 below `low`, 1 above `high`, an S between them."""
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3.0 - 2.0 * t)


def bump(x: float, y: float, width: float, height: float) -> float:
    """Return a bell of height 1 at the origin."""
    return math.exp(-((x / width) ** 2) - (y / height) ** 2)


def depth(x: float, y: float) -> float:
    """Return how far the front of the head stands out at a place of the picture, 0 at its edge."""
    inside = 1.0 - ((x - MIDDLE) / 209.0) ** 2 - ((y - 440.0) / 335.0) ** 2
    return 190.0 * math.sqrt(max(0.0, inside))


def add(*parts: Mapping[str, Move]) -> Moves:
    """Return the sum of movements."""
    total: Moves = {}
    for part in parts:
        for channel, (dx, dy) in part.items():
            x, y = total.get(channel, (0.0, 0.0))
            total[channel] = (x + dx, y + dy)
    return total


def scale(moves: Mapping[str, Move], factor: float) -> Moves:
    """Return movements times a factor."""
    return {channel: (dx * factor, dy * factor) for channel, (dx, dy) in moves.items()}


class Builder:
    """A rig in the making; `field` gives every point of the skin its movements."""

    def __init__(self, field: Callable[[float, float], Moves]) -> None:
        self._field = field
        self._points: list[tuple[float, float, float]] = []
        self._shares: list[float] = []
        self._moves: list[Moves] = []
        self._paths: dict[str, dict[str, Any]] = {}
        self._layers: list[dict[str, Any]] = []
        self._meet: list[list[Any]] = []

    def point(
        self, x: float, y: float, z: float | None = None, *, moves: Moves | None = None, share: float = 1.0
    ) -> int:
        """Return a new point; without `moves` it moves with the skin, without `z` it lies on the front of the head.

        `share` is how much it turns with the head, 0..1; a point that does not turn has no movements of the skin.
        """
        if moves is None:
            moves = self._field(x, y) if share > 0.0 else {}
        self._points.append((x, y, depth(x, y) if z is None else z))
        self._shares.append(share)
        self._moves.append(moves)
        return len(self._points) - 1

    def at(self, point: int) -> Move:
        """Return where a point rests."""
        return self._points[point][0], self._points[point][1]

    def points(self, places: Iterable[Sequence[float]], **keywords: Any) -> list[int]:
        """Return new points at offsets from the middle line (x) and heights (y), with depths where given."""
        return [self.point(MIDDLE + x, y, *z, **keywords) for x, y, *z in places]

    def path(self, name: str, points: Sequence[int], *, closed: bool = True, corners: Iterable[int] = ()) -> str:
        """Return a named path through points, smooth but at `corners` (positions in `points`)."""
        if name in self._paths:
            raise ValueError(f"There are two paths named {name}.")
        entry: dict[str, Any] = {"points": _runs(points)}
        if closed:
            entry["closed"] = True
        if corners := sorted(set(corners)):
            entry["corners"] = corners
        self._paths[name] = entry
        return name

    def strands(self, name: str, curves: Iterable[Sequence[int]]) -> str:
        """Return a named path of several open curves."""
        self._paths[name] = {"strands": [_runs(curve) for curve in curves]}
        return name

    def ellipse(self, name: str, x: float, y: float, rx: float, ry: float, *, count: int = 8, **keywords: Any) -> str:
        """Return a path round (x, y)."""
        turns = [2.0 * math.pi * n / count for n in range(count)]
        places = [(x + rx * math.cos(turn), y + ry * math.sin(turn)) for turn in turns]
        return self.path(name, [self.point(*place, **keywords) for place in places])

    def layer(
        self,
        path: str,
        *,
        fill: Paint | None = None,
        stroke: Paint | None = None,
        width: float = 0.0,
        clip: str = "",
        alpha: Alpha | None = None,
        shift: Move | None = None,
        when: When | None = None,
    ) -> None:
        """Paint `path` over all that was painted before it; without one, the round of a radial gradient."""
        entry: dict[str, Any] = {}
        parts = {"path": path, "fill": fill, "stroke": stroke, "width": width, "clip": clip, "shift": shift}
        entry |= {key: value for key, value in parts.items() if value}
        if alpha:
            entry["alpha"] = [alpha] if isinstance(alpha, Mapping) else list(alpha)
        if when:
            entry["when"] = {slot: [want] if isinstance(want, str) else list(want) for slot, want in when.items()}
        self._layers.append(entry)

    def glow(
        self,
        x: float,
        y: float,
        radius: float,
        colour: str,
        strength: float,
        *,
        squash: float = 1.0,
        moves: Moves | None = None,
        share: float = 1.0,
        z: float | None = None,
        **keywords: Any,
    ) -> None:
        """Draw a soft round patch of colour that fades out at `radius`."""
        rim = [(0.0, f"{colour}:{strength:g}"), (0.45, f"{colour}:{0.55 * strength:.3g}"), (1.0, f"{colour}:0")]
        paint = self.radial((x, y), radius, rim, squash=squash, moves=moves, share=share, z=z)
        self.layer("", fill=paint, **keywords)

    def linear(self, start: Move, end: Move, stops: Sequence[tuple[float, str]], **keywords: Any) -> Paint:
        """Return a gradient between two new points."""
        ends = [self.point(*start, **keywords), self.point(*end, **keywords)]
        return {"linear": ends, "stops": [list(stop) for stop in stops]}

    def radial(
        self, middle: Move, radius: float, stops: Sequence[tuple[float, str]], *, squash: float = 1.0, **keywords: Any
    ) -> Paint:
        """Return a gradient from a new point outwards; `squash` is its height over its width."""
        centre = self.point(*middle, **keywords)
        paint = {"radial": centre, "radius": radius, "stops": [list(stop) for stop in stops]}
        return paint if squash == 1.0 else paint | {"squash": squash}

    def meet(self, upper: int, lower: int, above: Sequence[int] = (), below: Sequence[int] = ()) -> None:
        """Return two points of which the first never comes to lie below the second; others go along with each."""
        self._meet.append([upper, lower, list(above), list(below)])

    def rig(self) -> dict[str, Any]:
        """Return the finished rig."""
        deltas: dict[str, list[list[int]]] = {channel: [] for channel in CHANNELS}
        for number, moves in enumerate(self._moves):
            for channel, move in moves.items():
                if math.hypot(*move) < LEAST:
                    continue
                runs = deltas[channel]
                if not runs or runs[-1][0] + (len(runs[-1]) - 1) // 2 != number:
                    runs.append([number])
                runs[-1] += [round(value) for value in move]
        flat = [round(value) for point in self._points for value in point]
        return {
            "format": 1,
            "view": [60, 36, 880, 880],
            "pivot": [500, 640, -40],
            "channels": list(CHANNELS),
            "points": flat,
            "head": [[len(list(same)), share] for share, same in groupby(_short(share) for share in self._shares)],
            "deltas": deltas,
            "meet": self._meet,
            "paths": self._paths,
            "layers": self._layers,
            "palettes": looks.PALETTES,
            "choices": looks.CHOICES,
            "dials": looks.DIALS,
        }


def _runs(points: Sequence[int]) -> list[list[int]]:
    """Point numbers as [first, count], with a negative count where they descend."""
    runs: list[list[int]] = []
    for point in points:
        if runs:
            first, count = runs[-1]
            way = -1 if count < 0 else 1
            if abs(count) == 1 and point == first - 1:
                runs[-1][1] = -2
                continue
            if point == first + count and (way > 0 or count < -1):
                runs[-1][1] += way
                continue
        runs.append([point, 1])
    return runs


def _short(value: float) -> float:
    """Return `value` in as few characters as JSON allows."""
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded
