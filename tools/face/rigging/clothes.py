"""Shoulders and what they wear; everything here breathes and nothing turns with the head."""

from __future__ import annotations

from typing import Any, Final

from tools.face.rigging.builder import MIDDLE, SIDES, Builder

HALF: Final = ((78, 778), (112, 796), (196, 826), (282, 862), (334, 920), (356, 1010), (0, 1010))
JACKET: Final = {"outer": "jacket"}
KNIT: Final = {"outer": "cardigan"}
OPEN: Final = {"outer": ("cardigan", "jacket")}
SWEATER: Final = {"outer": "sweater"}


def _points(rig: Builder, places: Any) -> list[int]:
    """Return points of the body: it rises with the breath, its sides a little outwards."""
    out = []
    for dx, y in places:
        lift = -8.0 + 0.012 * abs(dx)
        wide = 26.0 * min(1.0, abs(dx) / 250.0)
        moves = {"breath": (0.009 * dx, lift), "masculine": (wide if dx > 0 else -wide, 0.0)}
        out.append(rig.point(MIDDLE + dx, y, 0.0, share=0.0, moves=moves))
    return out


def _torso(rig: Builder, name: str, neck: tuple[tuple[float, float], ...]) -> str:
    """Draw shoulders with a neckline, given from the face's right to its left."""
    right = _points(rig, [(-x, y) for x, y in reversed(HALF[1:-1])])
    line = _points(rig, neck)
    left = _points(rig, HALF[1:-1])
    count = len(right)
    return rig.path(name, [*right, *line, *left], corners=[0, count, count + len(line) - 1, 2 * count + len(line) - 1])


def _cloth(rig: Builder, name: str) -> Any:
    stops = [(0, f"{name}Light"), (0.4, name), (1, f"{name}Shade")]
    return rig.linear((330, 790), (680, 1010), stops, share=0.0, moves={})


def draw(rig: Builder) -> None:
    """Draw inner layer, its collar, outer layer."""
    round_neck = ((-96, 786), (-72, 832), (0, 862), (72, 832), (96, 786))
    rig.layer(_torso(rig, "innerTee", round_neck), fill=_cloth(rig, "inner"), when={"inner": "tee"})
    hem = _points(rig, round_neck)
    rig.layer(rig.path("teeHem", hem, closed=False), stroke="innerShade", width=9, when={"inner": "tee"})
    rig.layer(rig.path("teeEdge", hem, closed=False), stroke="innerLight:0.7", width=2.5, when={"inner": "tee"})

    shirt_neck = ((-92, 782), (-48, 846), (0, 880), (48, 846), (92, 782))
    rig.layer(_torso(rig, "innerShirt", shirt_neck), fill=_cloth(rig, "inner"), when={"inner": "shirt"})
    placket = _points(rig, ((0, 878), (0, 1010)))
    rig.layer(rig.path("placket", placket, closed=False), stroke="innerShade", width=3, when={"inner": "shirt"})

    vee = ((-104, 790), (-86, 880), (-10, 1012), (10, 1012), (86, 880), (104, 790))
    rig.layer(_torso(rig, "outerVee", vee), fill="innerDeep:0.4", shift=(0, 8), clip="innerShirt", when=OPEN)
    rig.layer("outerVee", fill=_cloth(rig, "outer"), when=OPEN)
    for sign, name in SIDES:
        fold = _points(rig, [(sign * x, y) for x, y in ((246, 1010), (240, 960), (262, 910))])
        rig.layer(
            rig.path(f"sleeve{name}", fold, closed=False), stroke="outerDeep:0.5", width=4,
            when={"outer": ("cardigan", "jacket", "sweater")},
        )  # fmt: skip
        edge = _points(rig, [(sign * x, y) for x, y in ((102, 806), (92, 882), (16, 1016))])
        rig.path(f"band{name}", edge, closed=False)
        rig.layer(f"band{name}", stroke="outerShade", width=24, when=KNIT)
        rig.layer(f"band{name}", stroke="outer", width=18, when=KNIT)
        lapel = _points(
            rig,
            [
                (sign * x, y)
                for x, y in ((98, 782), (140, 800), (166, 880), (132, 890), (142, 914), (8, 1016), (76, 890))
            ],
        )
        rig.path(f"lapel{name}", lapel, corners=[0, 2, 3, 4, 5])
        rig.layer(f"lapel{name}", fill="outerDeep:0.35", shift=(0, 7), clip="outerVee", when=JACKET)
        rig.layer(f"lapel{name}", fill=_cloth(rig, "outer"), when=JACKET)
        rig.layer(f"lapel{name}", stroke="outerDeep:0.6", width=2.5, when=JACKET)
    crew = ((-98, 786), (-74, 826), (0, 852), (74, 826), (98, 786))
    rig.layer(_torso(rig, "outerSweater", crew), fill=_cloth(rig, "outer"), when=SWEATER)
    rig.path("crew", _points(rig, crew), closed=False)
    rig.layer("crew", stroke="outerShade", width=24, when=SWEATER)
    rig.layer("crew", stroke="outer", width=17, when=SWEATER)
    for sign, name in SIDES:
        flap = _points(
            rig, [(sign * x, y) for x, y in ((86, 764), (102, 790), (116, 862), (62, 906), (0, 872), (44, 838))]
        )
        rig.path(f"collar{name}", flap, corners=[0, 2, 3, 4])
        shirt = {"inner": "shirt"}
        rig.layer(f"collar{name}", fill="innerDeep:0.3", shift=(0, 8), when=shirt)
        rig.layer(f"collar{name}", fill=_cloth(rig, "inner"), when=shirt)
        rig.layer(f"collar{name}", stroke="innerShade:0.8", width=2.5, when=shirt)
    for number, (x, y) in enumerate(((38, 944), (20, 985))):
        when = KNIT
        middle = _points(rig, ((x + 12, y),))[0]
        around = _points(rig, [(x + 12 + a, y + b) for a, b in ((8, 0), (4, 7), (-4, 7), (-8, 0), (-4, -7), (4, -7))])
        path = rig.path(f"button{number}", around)
        for kind, colours in (
            ("brass", ("white", "brass", "brassShade")),
            ("plain", ("outerLight", "outerShade", "outerDeep")),
        ):
            stops = [[0, colours[0]], [0.35, colours[1]], [1, colours[2]]]
            rig.layer(path, fill={"radial": middle, "radius": 9, "stops": stops}, when=when | {"buttons": kind})
