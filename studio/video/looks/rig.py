"""Reads the page's drawn face (`bridge/web/face/RIG.md` says what the file means) and moves its points; draws nothing.

It does what the page's `face.js`, `curve.js` and `looks.js` do, for all curves at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engines.face.rigs import HEAD
from engines.identity.fields import Json
from studio.video.looks.appearance import CHANNELS, Floats

WIDEST: Final = 0.6  # radians
BREATH_S: Final = 4.2
WORDS: Final = re.compile(r"[^\W_]+")
Doubles = NDArray[np.float64]
Numbers = NDArray[np.int64]


@cache
def rig() -> dict[str, Any]:
    """Return what the file holds."""
    found: dict[str, Any] = json.loads((files("bridge.web") / "face" / "rig.json").read_bytes())
    return found


@dataclass(frozen=True, slots=True)
class Resolved:
    """What somebody's looks choose: values of slots, colours (r, g, b) by name, weights of dials by channel."""

    slots: Mapping[str, str]
    colours: Mapping[str, tuple[int, int, int]]
    dials: Mapping[str, float]


def resolve(looks: Mapping[str, Json]) -> Resolved:
    """Return what `looks` choose, as the page does."""
    slots: dict[str, str] = {}
    colours: dict[str, tuple[int, int, int]] = {}
    for slot, choice in rig()["choices"].items():
        slots[slot] = _chosen(choice, looks, slots)
        for name, code in (rig()["palettes"].get(slot, {}).get(slots[slot]) or {}).items():
            colours[name] = (int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16))
    return Resolved(slots, colours, {name: _turned_to(dial, looks) for name, dial in rig()["dials"].items()})


class Points:
    """The points of the face, moved by channels."""

    def __init__(self, dials: Mapping[str, float]) -> None:
        data = rig()
        self._rest = np.array(data["points"], np.float64).reshape(-1, 3)
        names: list[str] = data["channels"]
        self._at = np.array([CHANNELS.index(name) if name in CHANNELS else -1 for name in names])
        self._own = np.array([dials.get(name, 0.0) for name in names])
        self._breath = names.index("breath")
        moves = np.zeros((len(names), len(self._rest), 2))
        for number, name in enumerate(names):
            for first, *run in data["deltas"].get(name, []):
                moves[number, first : first + len(run) // 2] += np.array(run, np.float64).reshape(-1, 2)
        self._moves = moves.reshape(len(names), -1)
        self._share = np.concatenate([np.full(count, share) for count, share in data["head"]])[: len(self._rest)]
        self._pivot = np.array(data["pivot"], np.float64)
        self.names = names

    def weights(self, frame: Floats, seconds: float) -> Doubles:
        """Return the weight of each of the rig's channels."""
        found = np.where(self._at >= 0, np.clip(frame[self._at], 0, 1), self._own)
        found[self._breath] = 0.5 - 0.5 * np.cos(2 * np.pi * seconds / BREATH_S)
        return found.astype(np.float64)

    def posed(self, frame: Floats, weights: Doubles) -> Doubles:
        """Return where all points are drawn (n, 2)."""
        moved = self._rest.copy()
        moved[:, :2] += (weights @ self._moves).reshape(-1, 2)
        for upper, lower, above, below in rig()["meet"]:
            _part(moved, upper, lower, above, below)
        angles = np.clip(frame[[CHANNELS.index(name) for name in HEAD]].astype(np.float64), -WIDEST, WIDEST)
        yaw, pitch, roll = (angle * self._share for angle in angles)
        x, y, z = (moved - self._pivot).T
        x1, z1 = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
        y2 = y * np.cos(pitch) - z1 * np.sin(pitch)
        x3, y3 = x1 * np.cos(roll) + y2 * np.sin(roll), y2 * np.cos(roll) - x1 * np.sin(roll)
        return np.stack([x3, y3], axis=1) + self._pivot[:2]


@dataclass(frozen=True, slots=True)
class Piece:
    """A smooth piece of a path: `first` and `count` are its links among all; `start` is the point that it begins at."""

    start: int
    first: int
    count: int
    apart: bool  # the pen is lifted before it


class Curves:
    """All curves of the paths that are worn, turned into beziers together."""

    def __init__(self, paths: Sequence[str]) -> None:
        at: list[int] = []
        before: list[int] = []
        after: list[int] = []
        ends: list[tuple[int, int]] = []  # positions of open ends and of their neighbours
        links: list[tuple[int, int]] = []
        self.pieces: dict[str, tuple[Piece, ...]] = {}
        for name in dict.fromkeys(paths):
            found = []
            for points, closed, apart in _pieces(rig()["paths"][name]):
                base, count = len(at), len(points)
                at += points
                before += [base + (i - 1) % count for i in range(count)]
                after += [base + (i + 1) % count for i in range(count)]
                if not closed:
                    ends += [(base, base + 1), (base + count - 1, base + count - 2)]
                total = count if closed else count - 1
                found.append(Piece(points[0], len(links), total, apart))
                links += [(base + i, base + (i + 1) % count) for i in range(total)]
            self.pieces[name] = tuple(found)
        self._at, self._before, self._after = (np.array(each, np.int64) for each in (at, before, after))
        self._ends, self._links = np.array(ends, np.int64).reshape(-1, 2), np.array(links, np.int64).reshape(-1, 2)
        self._open = np.zeros(len(at), bool)
        self._open[self._ends[:, 0]] = True

    def beziers(self, points: Doubles) -> Doubles:
        """Return two handles and an end for each link (m, 6)."""
        xy = points[self._at]
        back, on = xy - xy[self._before], xy[self._after] - xy
        d0, d1 = np.linalg.norm(back, axis=1, keepdims=True), np.linalg.norm(on, axis=1, keepdims=True)
        good = (d0 > 1e-6) & (d1 > 1e-6)
        safe0, safe1 = np.where(good, d0, 1), np.where(good, d1, 1)
        tangents = np.where(good, (back / safe0 * d1 + on / safe1 * d0) / (safe0 + safe1), 0.0)
        tangents[self._open] = 0.0
        end, near = self._ends[:, 0], self._ends[:, 1]
        # At an end the only direction, towards greater numbers.
        sign = np.where(near > end, 1.0, -1.0)[:, None]
        step = (xy[near] - xy[end]) * sign
        size = np.linalg.norm(step, axis=1, keepdims=True)
        direction = np.where(size > 0, step / np.where(size > 0, size, 1), 0.0)
        lone = self._open[near][:, None]
        tangents[end] = np.where(lone, direction, 2 * direction - tangents[near])
        a, b = self._links.T
        third = np.linalg.norm(xy[b] - xy[a], axis=1, keepdims=True) / 3
        return np.concatenate([xy[a] + third * tangents[a], xy[b] - third * tangents[b], xy[b]], axis=1)


# ------------------------------------------------------------------------------------------------ parts


def _part(moved: Doubles, upper: int, lower: int, above: list[int], below: list[int]) -> None:
    over = moved[upper, 1] - moved[lower, 1]
    if over < 0:
        return
    moved[above, 1] -= over / 2
    moved[below, 1] += over / 2
    moved[upper] += ((moved[lower, 0] - moved[upper, 0]) / 2, -over / 2, 0)
    moved[lower, :2] = moved[upper, :2]


def _spread(runs: list[list[int]]) -> list[int]:
    return [first + n * (1 if count > 0 else -1) for first, count in runs for n in range(abs(count))]


def _pieces(path: dict[str, Any]) -> list[tuple[list[int], bool, bool]]:
    """Return the pieces of a path: point numbers, whether closed on itself, whether the pen is lifted before."""
    if strands := path.get("strands"):
        return [(_spread(strand), False, True) for strand in strands]
    points, closed = _spread(path["points"]), bool(path.get("closed"))
    corners: list[int] = path.get("corners") or []
    if not corners:
        return [(points, closed, False)]
    ends = [*corners, corners[0] + len(points)] if closed else [*dict.fromkeys([0, *corners, len(points) - 1])]
    return [([points[i % len(points)] for i in range(first, last + 1)], False, False) for first, last in pairwise(ends)]


def _chosen(choice: dict[str, Any], looks: Mapping[str, Json], slots: Mapping[str, str]) -> str:
    fallback: str = slots[choice["same"]] if choice.get("same") else choice["default"]
    said = looks.get(choice["from"])
    if said is None or said == "":
        return fallback
    text = _text(said)
    if near := choice.get("near"):
        text = next((part for part in text.split(",") if any(word in near for word in WORDS.findall(part))), "")
    words = WORDS.findall(text)
    found = next((word for word in choice["words"] if word in words), None)
    return choice.get("other") or fallback if found is None else choice["words"][found]


def _turned_to(dial: dict[str, Any], looks: Mapping[str, Json]) -> float:
    said = looks.get(dial["from"])
    if span := dial.get("range"):
        number = re.match(r"\s*[+-]?(\d+\.?\d*|\.\d+)", _text(said))
        return float(np.clip((float(number[0]) - span[0]) / (span[1] - span[0]), 0, 1)) if number else dial["default"]
    found = next((word for word in WORDS.findall(_text(said)) if word in dial["words"]), None)
    return dial["default"] if found is None else dial["words"][found]


def _text(said: Json) -> str:
    if said is None:
        return ""
    if isinstance(said, bool):
        return "yes" if said else "false"
    return str(said).lower()
