"""Beards: they lie on the skin and move with it and with the lips."""

from __future__ import annotations

from typing import Any

from tools.face.rigging.builder import MIDDLE, Builder, Moves, Paint, add, scale
from tools.face.rigging.fields import HALF, LOWER, UPPER, face, line, lip

HAIRY = ("full", "goatee", "moustache")


def _near(x: float, y: float, edge: int, share: float) -> Moves:
    """Return movements of hair that goes with a lip by `share` and with the jaw otherwise."""
    s = min(1.0, max(-1.0, x / HALF))
    return add(scale(face(MIDDLE + x, y), 1.0 - share), scale(lip(edge, s, True), share))


def _both(places: list[Any]) -> list[Any]:
    """Return places of the left half and, back again, of the right one."""
    return [*places, *[(-x, *rest) for x, *rest in reversed(places) if x]]


def _shape(rig: Builder, name: str, half: list[tuple[float, float, int, float]], corners: tuple[int, ...]) -> str:
    points = [rig.point(MIDDLE + x, y, moves=_near(x, y, edge, share)) for x, y, edge, share in _both(half)]
    return rig.path(name, points, corners=corners)


def draw(rig: Builder) -> None:
    """Draw the beard, after the face and before the lips."""
    fill = _paint(rig)
    jaw = [
        (-206, 400, LOWER, 0.0), (-212, 470, LOWER, 0.0), (-204, 550, LOWER, 0.0), (-186, 624, LOWER, 0.0),
        (-140, 694, LOWER, 0.0), (-76, 738, LOWER, 0.05), (0, 752, LOWER, 0.05),
    ]  # fmt: skip
    edge = [
        (0, line(0) + 31, LOWER, 0.9), (-20, line(0) + 31, LOWER, 0.9), (-40, line(0.4) + 33, LOWER, 0.85),
        (-74, line(0.9) + 16, LOWER, 0.85), (-95, line(1.0) - 2, UPPER, 0.8), (-106, 585, UPPER, 0.4),
        (-142, 572, LOWER, 0.0), (-174, 532, LOWER, 0.0), (-187, 460, LOWER, 0.0), (-194, 400, LOWER, 0.0),
    ]  # fmt: skip
    places = [*_both(jaw), *[(-x, *rest) for x, *rest in reversed(edge)], *edge[1:]]
    points = [rig.point(MIDDLE + x, y, moves=_near(x, y, e, share)) for x, y, e, share in places]
    full = {"beard": "full"}
    rig.path("beardFull", points, corners=[0, 12, 13, len(points) - 1])
    rig.layer("beardFull", fill=fill, when=full)
    rig.path("stubble", points, corners=[0, 12, 13, len(points) - 1])
    rig.layer("stubble", fill="beardDark:0.16", clip="face", when={"beard": "stubble"})
    for width in (8, 18, 30):
        rig.layer("stubble", stroke="beardDark:0.05", width=width, clip="face", when={"beard": "stubble"})
    for number, (x, y, x1, y1) in enumerate(
        ((-196, 470, -180, 560), (-182, 560, -150, 640), (-150, 600, -116, 690), (-112, 620, -78, 716),
         (-60, 664, -44, 734), (-22, 672, -14, 742), (20, 668, 16, 742), (56, 664, 44, 732), (106, 622, 78, 712),
         (146, 604, 116, 690), (180, 560, 154, 640), (196, 470, 184, 560))
    ):  # fmt: skip
        middle = ((x + x1) / 2 + (6 if x > 0 else -6), (y + y1) / 2)
        tuft = [rig.point(MIDDLE + a, b) for a, b in ((x, y), middle, (x1, y1))]
        colour = "beardLight:0.55" if number % 2 == 0 else "beardDark:0.5"
        rig.layer(rig.path(f"tuft{number}", tuft, closed=False), stroke=colour, width=5, clip="beardFull", when=full)
    goatee = _shape(
        rig, "goatee",
        [(0, line(0) + 38, LOWER, 0.75), (-22, line(0) + 36, LOWER, 0.8), (-34, 668, LOWER, 0.3),
         (-46, 700, LOWER, 0.0),
         (-28, 738, LOWER, 0.0), (0, 750, LOWER, 0.0)],
        (),
    )  # fmt: skip
    rig.layer(goatee, fill=fill, when={"beard": "goatee"})
    moustache = _shape(
        rig, "moustache",
        [(0, 572, UPPER, 0.5), (-30, 561, UPPER, 0.4), (-66, 577, UPPER, 0.7), (-106, 618, UPPER, 0.85),
         (-60, 600, UPPER, 0.95), (-28, 592, UPPER, 1.0), (0, 594, UPPER, 1.0)],
        (0, 3, 9),
    )  # fmt: skip
    rig.layer(moustache, fill="skinDeep:0.25", shift=(2, 7), when={"beard": HAIRY})
    rig.layer(moustache, fill=_paint(rig, 560, 616), when={"beard": HAIRY})
    for number, (x, x1) in enumerate(((-14, -74), (-30, -86), (16, 76), (32, 88))):
        hair = [
            rig.point(MIDDLE + a, b, moves=_near(a, b, UPPER, 0.7))
            for a, b in ((x, 572), ((x + x1) / 2, 578), (x1, 602))
        ]
        path = rig.path(f"whisker{number}", hair, closed=False)
        rig.layer(path, stroke="beardLight:0.6", width=3.5, clip="moustache", when={"beard": HAIRY})


def _paint(rig: Builder, high: float = 520, low: float = 750) -> Paint:
    return rig.linear((470, high), (540, low), [(0, "beard"), (0.35, "beardLight"), (0.6, "beard"), (1, "beardDark")])
