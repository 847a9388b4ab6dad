"""Styles of hair: a mass behind the head, and before it a front with its shadow, strands and light."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from tools.face.rigging.builder import MIDDLE, Builder, Paint, smooth

STILL: Final[dict[str, Any]] = {"moves": {}}
Place = tuple[float, float]

# Short hair, parted on the face's own left: its outer edge from the left temple over the crown, then the hairline.
SHORT: Final = (
    (-199, 430), (-222, 392), (-231, 315), (-214, 222), (-160, 140), (-70, 96), (40, 88), (135, 118), (205, 190),
    (231, 290), (223, 392), (199, 430), (194, 352), (178, 292), (150, 252), (112, 216), (60, 246), (-20, 258),
    (-100, 250), (-158, 280), (-184, 330), (-193, 380),
)  # fmt: skip
# Long hair: a middle parting; two curtains before the ears.
LONG: Final = (
    (-150, 800), (-232, 760), (-262, 640), (-252, 500), (-246, 360), (-222, 222), (-150, 128), (-20, 92), (70, 98),
    (160, 140), (226, 226), (248, 360), (254, 500), (264, 640), (234, 760), (152, 800), (186, 690), (200, 560),
    (199, 440), (176, 330), (110, 252), (38, 186), (-30, 240), (-110, 296), (-172, 356), (-198, 440), (-200, 560),
    (-184, 690),
)  # fmt: skip
BOB: Final = (
    (-168, 640), (-238, 618), (-256, 500), (-248, 360), (-222, 222), (-150, 128), (-10, 92), (80, 98),
    (164, 140), (226, 226), (250, 360), (258, 500), (240, 618), (168, 640), (192, 560), (200, 450), (188, 350),
    (170, 322), (110, 336), (40, 326), (-40, 338), (-110, 330), (-172, 338), (-192, 370), (-201, 450), (-194, 560),
)  # fmt: skip
BUN: Final = (
    (-196, 425), (-214, 380), (-222, 300), (-204, 214), (-150, 142), (-60, 104), (20, 100), (110, 124), (186, 190),
    (218, 280), (214, 380), (196, 425), (190, 350), (160, 282), (96, 228), (20, 210), (-50, 224), (-120, 262),
    (-168, 312), (-188, 370),
)  # fmt: skip


def _depth(x: float, y: float) -> float:
    """Return how deep hair lies: over the head, and round it at the sides and below."""
    inside = max(0.0, 1.0 - (x / 208.0) ** 2 - (min(0.0, y - 440.0) / 345.0) ** 2)
    return 205.0 * math.sqrt(inside) * math.sqrt(math.sqrt(inside)) * (1.0 - smooth(430.0, 640.0, y))


def _points(rig: Builder, places: Sequence[Place], lift: float = 0.0) -> list[int]:
    return [rig.point(MIDDLE + x, y, _depth(x, y) + lift, share=_share(y), **STILL) for x, y in places]


def _share(y: float) -> float:
    """Return by how much hair goes along: ends that lie on the shoulders stay behind when the head turns."""
    return 1.0 if y < 560 else max(0.55, 1.0 - (y - 560) / 500)


def _paint(rig: Builder, high: Place = (430, 100), low: Place = (600, 640)) -> Paint:
    return rig.linear(high, low, [(0, "hairLight"), (0.28, "hair"), (0.7, "hair"), (1, "hairDark")], z=60, **STILL)


def _front(rig: Builder, name: str, style: str, places: Sequence[Place], corners: Sequence[int], fill: Paint) -> None:
    path = rig.path(name, _points(rig, places), corners=corners)
    when = {"hairStyle": style}
    rig.layer(path, fill="skinDeep:0.16", shift=(6, 26), clip="face", when=when)
    rig.layer(path, fill="skinDeep:0.3", shift=(3, 12), clip="face", when=when)
    rig.layer(path, fill=fill, when=when)


def _strands(
    rig: Builder, name: str, style: str, clip: str, curves: Sequence[Sequence[Place]], colour: str, width: float
) -> None:
    path = rig.strands(name, [_points(rig, curve) for curve in curves])
    rig.layer(path, stroke=colour, width=width, clip=clip, when={"hairStyle": style})


def _back(rig: Builder, name: str, style: str, places: Sequence[Place]) -> None:
    points = [rig.point(MIDDLE + x, y, -55.0, share=_share(y), **STILL) for x, y in places]
    fill = rig.linear((480, 380), (520, 800), [(0, "hairDark"), (0.4, "hairDark"), (1, "hairDeep")], z=-55, **STILL)
    rig.layer(rig.path(name, points), fill=fill, when={"hairStyle": style})


def back(rig: Builder) -> None:
    """Draw what hangs behind neck and head."""
    _back(rig, "longBack", "long", ((-225, 300), (-255, 560), (-245, 760), (-120, 850), (120, 850), (245, 760),
                                    (255, 560),
                                    (225, 300), (0, 130)))  # fmt: skip
    _back(rig, "bobBack", "bob", ((-225, 300), (-248, 500), (-220, 640), (-90, 672), (90, 672), (220, 640), (248, 500),
                                  (225, 300), (0, 130)))  # fmt: skip
    _back(
        rig, "shortBack", "short", ((-214, 300), (-212, 450), (-150, 560), (150, 560), (212, 450), (214, 300), (0, 130))
    )
    _back(rig, "bunBack", "bun", ((-206, 300), (-204, 440), (-140, 560), (140, 560), (204, 440), (206, 300), (0, 130)))
    ball = rig.ellipse("bunBall", 505, 112, 92, 74, z=-60.0, **STILL)
    rig.layer(ball, fill=rig.radial((480, 86), 120, [(0, "hairLight"), (0.4, "hair"), (1, "hairDark")], z=-60, **STILL),
              when={"hairStyle": "bun"})  # fmt: skip
    for number, shape in enumerate(
        (((430, 128), (470, 88), (540, 80), (585, 114)), ((440, 140), (490, 112), (550, 110), (590, 130)))
    ):
        arc = [rig.point(x, y, -55.0, **STILL) for x, y in shape]
        rig.layer(
            rig.path(f"bunArc{number}", arc, closed=False), stroke="hairDark:0.6", width=4, when={"hairStyle": "bun"}
        )
    curls = _arch(250.0, 790.0, 1.0)
    ring = _scallops([(x, y) for x, y in curls], 17.0)
    points = [rig.point(MIDDLE + x, y, -50.0, share=_share(y), **STILL) for x, y in ring]
    fill = rig.linear((480, 300), (520, 800), [(0, "hairDark"), (0.45, "hairDark"), (1, "hairDeep")], z=-50, **STILL)
    rig.layer(rig.path("curlyBack", points, corners=range(0, len(points), 2)), fill=fill, when={"hairStyle": "curly"})


def front(rig: Builder) -> None:
    """Draw what falls before forehead and temples."""
    _front(rig, "shortFront", "short", SHORT, (0, 11, 15), _paint(rig, (440, 90), (640, 420)))
    sweep = [
        [(112, 216), (90 - 20 * n, 168 - 4 * n), (-20 - 30 * n, 150 + 14 * n), (-110 - 24 * n, 190 + 30 * n)]
        for n in range(4)
    ]
    sweep += [
        [(112, 216), (150, 190 + 6 * n), (190 + 8 * n, 250 + 10 * n), (204 + 5 * n, 330 + 12 * n)] for n in range(2)
    ]
    _strands(rig, "shortStrand", "short", "shortFront", sweep, "hairDark:0.5", 4)
    shine = [
        [(70, 130), (-30, 126), (-120, 170)],
        [(60, 160), (-40, 158), (-150, 224)],
        [(40, 192), (-60, 196), (-160, 262)],
    ]
    _strands(rig, "shortShine", "short", "shortFront", shine, "hairLight:0.55", 6)

    _front(rig, "longFront", "long", LONG, (0, 15, 21), _paint(rig))
    fall = [
        [(38, 186), (-60 - 22 * n, 190 - 12 * n), (-186 - 14 * n, 330), (-222 - 10 * n, 560), (-205 - 10 * n, 770)]
        for n in range(3)
    ]
    fall += [
        [(38, 186), (100 + 22 * n, 196 - 14 * n), (192 + 14 * n, 340), (226 + 9 * n, 560), (205 + 10 * n, 770)]
        for n in range(3)
    ]
    _strands(rig, "longStrand", "long", "longFront", fall, "hairDark:0.5", 4.5)
    shine = [
        [(-60, 150), (-150, 196), (-196, 270)],
        [(-90, 170), (-160, 222), (-200, 300)],
        [(110, 150), (170, 200), (204, 262)],
    ]
    _strands(rig, "longShine", "long", "longFront", shine, "hairLight:0.6", 8)

    _front(rig, "bobFront", "bob", BOB, (0, 13), _paint(rig))
    fringe = [[(30 * n, 110 + 4 * abs(n)), (38 * n, 200), (44 * n, 326)] for n in (-3, -2, -1, 0, 1, 2, 3)]
    fringe += [[(side * 190, 200), (side * 226, 340), (side * 228, 500), (side * 210, 610)] for side in (-1, 1)]
    _strands(rig, "bobStrand", "bob", "bobFront", fringe, "hairDark:0.45", 4)
    shine = [
        [(-190, 236), (-120, 200), (-30, 192)],
        [(-196, 262), (-130, 226), (-50, 216)],
        [(70, 194), (130, 208), (188, 240)],
    ]
    _strands(rig, "bobShine", "bob", "bobFront", shine, "hairLight:0.6", 8)

    _front(rig, "bunFront", "bun", BUN, (0, 11), _paint(rig, (440, 90), (640, 440)))
    pull = [
        [(x, 222 + abs(x) * 0.28), (x * 0.86, 160 + abs(x) * 0.2), (x * 0.3, 108)]
        for x in (-150, -100, -50, 0, 50, 100, 150)
    ]
    _strands(rig, "bunStrand", "bun", "bunFront", pull, "hairDark:0.45", 4)
    shine = [
        [(-150, 220), (-90, 178), (-10, 164)],
        [(-160, 246), (-96, 200), (-20, 184)],
        [(60, 166), (110, 182), (150, 210)],
    ]
    _strands(rig, "bunShine", "bun", "bunFront", shine, "hairLight:0.6", 7)

    rig.glow(440, 222, 74, "skinLight", 0.9, squash=0.5, z=120, clip="face", when={"hairStyle": "bald"}, **STILL)
    _curls(rig)


def _arch(half: float, low: float, step: float) -> list[Place]:
    """Return points round the outside of shoulder-length curls, from the left end to the right end."""
    places: list[Place] = []
    for n in range(19):
        turn = math.pi * (1.28 - 1.56 * n / 18)
        x = half * math.cos(turn) * (1.0 + 0.1 * max(0.0, -math.sin(turn)))
        y = 395.0 - 300.0 * math.sin(turn)
        places.append((x, y))
    bottom = [(-half * 1.02, low - 160), (-half * 0.96, low - 70), (-half * 0.72, low)]
    return [*reversed(bottom), *places, *[(-x, y) for x, y in bottom]]


def _scallops(ring: Sequence[Place], size: float) -> list[Place]:
    """Return a closed line with a bulge between each two of its points; every other point is a corner."""
    out: list[Place] = []
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        by = min(size, 0.34 * length)
        out += [(x0, y0), ((x0 + x1) / 2 + by * (y1 - y0) / length, (y0 + y1) / 2 - by * (x1 - x0) / length)]
    return out


def _curls(rig: Builder) -> None:
    """Draw clumps of curls, from the outside in, each a soft ball with a turn of light on it."""
    when = {"hairStyle": "curly"}
    inner = ((172, 742), (196, 640), (205, 520), (203, 420), (182, 330), (128, 268), (40, 236), (-50, 238), (-130, 270),
             (-182, 330), (-203, 420), (-205, 520), (-196, 640), (-172, 742))  # fmt: skip
    outer = _arch(262.0, 770.0, 1.0)
    ring = _scallops([*outer, *inner], 20.0)
    path = rig.path("curlyFront", _points(rig, ring), corners=range(0, len(ring), 2))
    rig.layer(path, fill="skinDeep:0.16", shift=(6, 26), clip="face", when=when)
    rig.layer(path, fill="skinDeep:0.3", shift=(3, 12), clip="face", when=when)
    rig.layer(path, fill=_paint(rig), when=when)
    chance = random.Random(11)
    for share, count in ((0.74, 12), (0.26, 9)):
        for n in range(count):
            x, y = _between(outer, inner, (n + 0.5) / count, share)
            x, y, size = x + chance.uniform(-6, 6), y + chance.uniform(-6, 6), chance.uniform(50, 60)
            stops = [(0, "hairLight:0.55"), (0.5, "hair:0.5"), (0.8, "hairDark:0.55"), (1, "hairDark:0")]
            z, turn = _depth(x, y) + 6.0, _share(y)
            spot = (MIDDLE + x - 0.2 * size, y - 0.3 * size)
            fill = rig.radial(spot, size, stops, z=z, share=turn, **STILL)
            rig.layer("", fill=fill, clip="curlyFront", when=when)
    coils: list[list[int]] = []
    for number in range(76):
        share = (0.92, 0.62, 0.36, 0.1)[number % 4]
        x, y = _between(outer, inner, (number + 0.5) / 76, share)
        size, spin = chance.uniform(17, 27), chance.uniform(0, math.tau)
        way = chance.choice((-1, 1))
        turns = [(spin + way * 1.15 * n, size * (1.0 - 0.13 * n)) for n in range(5)]
        places = [(x + r * math.cos(t), y + 1.1 * r * math.sin(t)) for t, r in turns]
        coils.append(_points(rig, places, 8.0))
    paints = ("hairDeep:0.5", "hairLight:0.4", "hair:0.9")
    for number, (colour, width) in enumerate(zip(paints, (5, 5, 7), strict=True)):
        rig.layer(
            rig.strands(f"coils{number}", coils[number::3]), stroke=colour, width=width, clip="curlyFront", when=when
        )


def _between(outer: Sequence[Place], inner: Sequence[Place], along: float, share: float) -> Place:
    """Return a place between two lines that run in opposite directions."""
    a, b = _along(outer, along), _along(inner, 1.0 - along)
    return a[0] * share + b[0] * (1.0 - share), a[1] * share + b[1] * (1.0 - share)


def _along(line: Sequence[Place], share: float) -> Place:
    """Return the place at `share` of a line's length."""
    lengths = [math.dist(a, b) for a, b in pairwise(line)]
    left = share * sum(lengths)
    for ((x0, y0), (x1, y1)), length in zip(pairwise(line), lengths, strict=True):
        if left <= length:
            t = left / length
            return x0 + (x1 - x0) * t, y0 + (y1 - y0) * t
        left -= length
    return line[-1]
