"""Writes anime.json, the drawn face in the style of an anime: `python -m tools.face.anime`.

It is the rig of `make_rig` seen through a warp of the picture: large eyes, a small mouth and nose, a narrow chin. Each
movement is the way between where the warp puts its two ends, so that lids and lips that met still meet.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final, NamedTuple

from tools.face.make_rig import FACE, make
from tools.face.rigging.builder import MIDDLE


class Lens(NamedTuple):
    """A place that the warp magnifies (or shrinks) about its middle, less and less towards its rim."""

    x: float
    y: float
    wide: float
    high: float
    across: float
    down: float


LENSES: Final = (
    Lens(MIDDLE - 97.0, 446.0, 118.0, 118.0, 1.24, 1.6),
    Lens(MIDDLE + 97.0, 446.0, 118.0, 118.0, 1.24, 1.6),
    Lens(MIDDLE, 610.0, 150.0, 62.0, 0.66, 0.8),
    Lens(MIDDLE, 514.0, 42.0, 50.0, 0.42, 0.5),
)
CHEEKS: Final = 520.0  # from this height down the face grows narrow
NARROW: Final = 0.23
CHIN: Final = 20.0  # by which the chin is drawn up


def warp(x: float, y: float) -> tuple[float, float]:
    """Return where a place of the picture is put."""
    dx = dy = 0.0
    for lens in LENSES:
        across, down = x - lens.x, y - lens.y
        near = math.exp(-((across / lens.wide) ** 4) - (down / lens.high) ** 4)
        dx += near * across * (lens.across - 1.0)
        dy += near * down * (lens.down - 1.0)
    if CHEEKS < y < 800.0:
        low = min(1.0, (y - CHEEKS) / 170.0)
        inside = math.exp(-(((x - MIDDLE) / 240.0) ** 6)) * (1.0 - max(0.0, (y - 720.0) / 80.0))
        dx -= NARROW * low * low * inside * (x - MIDDLE)
        dy -= CHIN * low * low * inside
    return x + dx, y + dy


def growth(x: float, y: float) -> float:
    """Return by how much the warp enlarges what is small at a place."""
    (x0, y0), (x1, _), (_, y1) = warp(x, y), warp(x + 1.0, y), warp(x, y + 1.0)
    return math.sqrt(max(0.05, (x1 - x0) * (y1 - y0)))


def restyled(rig: dict[str, Any]) -> dict[str, Any]:
    """Return a rig of RIG.md's format, seen through the warp."""
    points: list[float] = rig["points"]
    rest = [(points[at], points[at + 1]) for at in range(0, len(points), 3)]
    new = [warp(*place) for place in rest]
    moved = [round(value, 1) for (x, y), z in zip(new, points[2::3], strict=True) for value in (x, y, z)]
    deltas = {name: [_run(run, rest, new) for run in runs] for name, runs in rig["deltas"].items()}
    layers = [_layer(layer, rest) for layer in rig["layers"]]
    return {**rig, "points": moved, "deltas": deltas, "layers": layers}


def _run(run: list[float], rest: list[tuple[float, float]], new: list[tuple[float, float]]) -> list[float]:
    first = int(run[0])
    out: list[float] = [first]
    for number, at in enumerate(range(1, len(run), 2)):
        x, y = rest[first + number]
        to = warp(x + run[at], y + run[at + 1])
        out += [round(to[0] - new[first + number][0], 1), round(to[1] - new[first + number][1], 1)]
    return out


def _layer(layer: dict[str, Any], rest: list[tuple[float, float]]) -> dict[str, Any]:
    """Return a layer whose circles and strokes have grown with what they are drawn on."""
    changed = {}
    for paint in ("fill", "stroke"):
        value = layer.get(paint)
        if isinstance(value, dict) and "radial" in value:
            changed[paint] = {**value, "radius": round(value["radius"] * growth(*rest[value["radial"]]), 1)}
    return {**layer, **changed}


if __name__ == "__main__":
    text = json.dumps(restyled(make()), separators=(",", ":"), ensure_ascii=False)
    (FACE / "anime.json").write_text(text + "\n", "utf-8")
    print(f"anime.json: {len(text) / 1000:.1f} kB")
