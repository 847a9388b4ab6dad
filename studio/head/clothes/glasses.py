"""Makes glasses that sit on the person's nose and ears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.head.clothes.cloth import Cloth
from studio.head.clothes.garments import piece
from studio.head.clothes.trims import Sheet, tube
from studio.head.eyes import Ball
from studio.head.hair.field import Surface
from studio.head.model import Part
from studio.head.stock import Points

GAP: Final = 0.0015  # metres between a bridge and the nose


@dataclass(frozen=True, slots=True)
class Cut:
    """A lens: half its width and height in metres, how square it is (2 is an ellipse), the rim, the tilt of its top."""

    wide: float
    tall: float
    square: float
    rim: float
    cat: float = 0.0


SHAPES: Final[Mapping[str, Cut]] = {
    "round": Cut(0.0232, 0.0222, 2.0, 0.0013),
    "oval": Cut(0.0250, 0.0178, 2.0, 0.0013),
    "square": Cut(0.0262, 0.0196, 4.2, 0.0022),
    "cat-eye": Cut(0.0262, 0.0190, 2.7, 0.0020, 0.0062),
    "rimless": Cut(0.0250, 0.0172, 3.0, 0.0),
}


def glasses(shape: str, body: Surface, eyes: Mapping[str, Ball]) -> tuple[Part, ...]:
    """Return the frame and the lenses."""
    cut = SHAPES[shape]
    centre = (eyes["left"].middle + eyes["right"].middle) / 2
    half = max(float(eyes["left"].middle[0] - eyes["right"].middle[0]) / 2, cut.wide + 0.0075)
    level = float(centre[1]) - 0.0035
    front = max(float(ball.middle[2] + ball.radius) for ball in eyes.values()) + 0.0125
    bridge = _nose(body, level + 0.004)
    front = max(front, bridge + GAP - 0.004)
    outline = _outline(cut)
    empty = Cloth(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), ())
    frame: list[Sheet] = []
    lenses: list[Sheet] = []
    for side in (1, -1):
        ring = np.zeros((len(outline), 3))
        ring[:, 0] = side * (half + outline[:, 0])
        ring[:, 1] = level + outline[:, 1]
        # Frames curve around the face and lean in below.
        ring[:, 2] = front - 0.11 * np.clip(np.abs(ring[:, 0]) - 0.012, 0, None) ** 1.4 * 2.2 + 0.10 * outline[:, 1]
        if cut.rim:
            frame.append(_ring(ring, cut.rim))
        middle = ring[:-1].mean(axis=0)
        rows = np.array([middle + (ring - middle) * part for part in (1.0, 0.66, 0.33, 0.02)])
        rows[..., 2] += np.array((0, 0.0006, 0.0010, 0.0011))[:, None]
        lenses.append(Sheet(rows if side > 0 else rows[:, ::-1], closed=True))
        hinge = ring[int(np.argmax(np.abs(ring[:, 0]) + 0.8 * ring[:, 1]))]
        frame.append(_temple(body, hinge, side, max(cut.rim, 0.0012)))
    inner = half - cut.wide
    x = np.linspace(-inner - 0.001, inner + 0.001, 11)
    arc = 1 - (x / (inner + 0.001)) ** 2
    height = level + 0.30 * cut.tall + 0.0030 * arc
    frame.append(tube(np.stack([x, height, front - 0.0012 + 0.0018 * arc], axis=1), max(cut.rim * 0.85, 0.0011)))
    return (
        _on_head(piece("glasses", empty, frame, "frame")),
        _on_head(piece("lenses", empty, lenses, "lens")),
    )


# ------------------------------------------------------------------------------------------------ parts


def _on_head(part: Part) -> Part:
    from dataclasses import replace

    return replace(part, bone="head")


def _outline(cut: Cut) -> Points:
    angle = np.linspace(0, 2 * np.pi, 49)
    c, s = np.cos(angle), np.sin(angle)
    x = cut.wide * np.sign(c) * np.abs(c) ** (2 / cut.square)
    y = cut.tall * np.sign(s) * np.abs(s) ** (2 / cut.square)
    y += cut.cat * np.clip(x / cut.wide, 0, 1) ** 2 * np.clip(s + 0.2, 0, 1)
    return np.stack([x, y], axis=1)


def _ring(ring: Points, radius: float) -> Sheet:
    line = np.concatenate([ring[-2:-1], ring, ring[1:2]])
    ahead = line[2:] - line[:-2]
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    two = np.broadcast_to(np.array((0.0, 0.0, 1.0)), ahead.shape)
    one = np.cross(two, ahead)
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    turns = np.linspace(0, 2 * np.pi, 9)
    rows = [ring + one * radius * np.cos(a) + two * radius * 1.3 * np.sin(a) for a in turns]
    clockwise = ((ring[:-1, 0] * ring[1:, 1]) - (ring[1:, 0] * ring[:-1, 1])).sum() < 0
    return Sheet(np.array(rows if clockwise else rows[::-1]), closed=True)


def _nose(body: Surface, height: float) -> float:
    near = (np.abs(body.points[:, 0]) < 0.006) & (np.abs(body.points[:, 1] - height) < 0.005)
    return float(body.points[near, 2].max()) if near.any() else -1.0


def _temple(body: Surface, hinge: Points, side: int, radius: float) -> Sheet:
    ear = body.place(
        np.array([(0.0765 * side, 0.7385, 0.052), (0.0785 * side, 0.722, 0.034), (0.076 * side, 0.704, 0.030)])
    )
    ahead = np.array(
        [
            hinge,
            hinge + (0.0035 * side, 0, -0.006),
            ear[0] + (0.004 * side, 0.0015, 0.03),
            ear[0] + (0.003 * side, 0.0015, 0),
            ear[1] + (0.002 * side, 0, 0),
            ear[2],
        ]
    )
    fine = np.linspace(0, 5, 26)
    path = np.stack([np.interp(fine, np.arange(6), ahead[:, k]) for k in range(3)], axis=1)
    for _ in range(3):
        path[1:-1] = (path[:-2] + 2 * path[1:-1] + path[2:]) / 4
        level, normal = body.near(path[6:])
        path[6:] = path[6:] + normal * np.clip(radius * 1.1 - level, 0, 0.01)[:, None]
    return tube(path, radius, 6)
