"""Devices of a room that are only reckoned: each with a line, a clock and a sound card of its own.

`Line` and `Device` say what a device is; `scenario` writes down what it meets, for the clients' own programs (the C#,
the C++ and the Godot one), which play it through their real players; `offsets` reads what they have heard.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

TICKS: Final = 48_000
RATE: Final = 24_000
PIECE_S: Final = 0.1


@dataclass
class Line:
    """A network: in order, delayed, seldom stalled."""

    dice: random.Random
    base: float
    _last: float = 0.0

    def delay(self) -> float:
        """Return the seconds of the next message."""
        return self.base + self.dice.expovariate(1 / 0.010) + (0.150 if self.dice.random() < 0.01 else 0.0)

    def arrives(self, sent: float) -> float:
        """Return when what is sent at `sent` arrives, after what was sent before."""
        self._last = max(self._last, sent + self.delay())
        return self._last


class Device:
    """One headset: a clock of its own, ms, up to 100 ppm wrong, and a card up to 200 ppm wrong by that clock."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.skew = 1 + dice.uniform(-100e-6, 100e-6)
        self.card = 1 + dice.uniform(-200e-6, 200e-6)
        self.began = dice.uniform(0, 1e9)
        self.down = Line(dice, dice.uniform(0.005, 0.060))
        self.up = Line(dice, self.down.base)
        self.back = Line(dice, self.down.base)  # of the pongs: as the media, and not in their order

    def clock(self, t: float) -> float:
        """Return its own clock at true time `t`, ms."""
        return self.began + t * 1000 * self.skew


@dataclass(frozen=True)
class Piece:
    """A message of a reply: `media` with its samples, or `reply_end`; `sent` in s, `at` in ms of the server."""

    sent: float
    type: str
    turn: int
    seq: int
    pts: int
    samples: int = 0
    at: float = 0.0


def replies(first: float, seconds: float, every: float, until: float, rate: int = RATE) -> list[Piece]:
    """Return replies of `seconds` each, `every` seconds from `first` on: paced 300 ms ahead, heard 150 ms later."""
    made: list[Piece] = []
    turn, seq, begins = 0, 0, first
    while begins + seconds < until:
        turn += 1
        count = round(seconds / PIECE_S)
        for number in range(count):
            sent = begins + max(0.0, number * PIECE_S - 0.3)
            seq += 1
            pts, samples = round(number * PIECE_S * TICKS), round(PIECE_S * rate)
            at = 1000 * (begins + 0.15 + number * PIECE_S)
            made.append(Piece(sent, "media", turn, seq, pts, samples, at))
        seq += 1
        made.append(Piece(made[-1].sent, "reply_end", turn, seq, round(seconds * TICKS)))
        begins += every
    return made


def scenario(device: Device, pieces: Iterable[Piece], until: float, rate: int = RATE) -> dict[str, Any]:
    """Write down what `device` meets until `until` s: what comes when, and how long each of its pings is on its way."""
    media = []
    for piece in pieces:
        message: dict[str, Any] = {
            "came": device.down.arrives(piece.sent),
            "type": piece.type,
            "turn": piece.turn,
            "seq": piece.seq,
            "pts": piece.pts,
        }
        media.append(message | ({"samples": piece.samples, "at": piece.at} if piece.samples else {"text": ""}))
    pings = [[device.up.delay(), device.back.delay()] for _ in range(int(until) + 32)]
    card = {"began": device.began, "skew": device.skew, "card": device.card, "rate": rate}
    return {**card, "seconds": until, "media": media, "pings": pings}


def written(folder: Path, scenarios: Sequence[dict[str, Any]]) -> list[str]:
    """Write each scenario to a file; their paths."""
    paths = []
    for number, each in enumerate(scenarios):
        path = folder / f"device{number}.json"
        path.write_text(json.dumps(each), encoding="utf-8")
        paths.append(str(path))
    return paths


def heard(told: str, pieces: Iterable[Piece]) -> list[dict[int, float]]:
    """Return, of each device, when what it plays at each tenth of a second is due, s of the server's clock."""
    starts: dict[int, list[tuple[int, float]]] = {}
    for piece in pieces:
        if piece.samples:
            starts.setdefault(piece.turn, []).append((piece.pts, piece.at / 1000))
    devices: list[dict[int, float]] = [{}]
    tenth = 0
    for line in told.splitlines():
        if line == "over":
            devices.append({})
            tenth = 0
            continue
        if not line.startswith(("[", "null")):
            continue  # of the runtime
        if place := json.loads(line):
            turn, pts = place
            start, at = next(each for each in reversed(starts[turn]) if each[0] <= pts)
            devices[-1][tenth] = at + (pts - start) / TICKS
        tenth += 1
    return devices[:-1]


def offsets(devices: Sequence[dict[int, float]]) -> tuple[list[float], list[float]]:
    """Return how far the two most distant are apart where all play, and each from the server's instant, ms."""
    spreads, errors = [], []
    for tenth in sorted(set().union(*devices)):
        places = [device[tenth] for device in devices if tenth in device]
        if len(places) == len(devices):
            spreads.append(1000 * (max(places) - min(places)))
            errors += [1000 * abs(place - tenth / 10) for place in places]
    return spreads, errors
