"""The mouth: what is seen inside, the lips over it, the line between them, and the tongue that comes out."""

from __future__ import annotations

from tools.face.rigging.builder import MIDDLE, SIDES, Builder, Moves, Paint, add, scale
from tools.face.rigging.fields import HALF, JAW, LOWER, UPPER, line, lip, skin

INNER = (-1.0, -0.72, -0.37, 0.0, 0.37, 0.72, 1.0)
# Thickness of the upper and lower lip, where; the first and last are the corners.
UPPER_LIP = ((-0.7, 10.0), (-0.38, 16.5), (-0.17, 19.5), (0.0, 15.5), (0.17, 19.5), (0.38, 16.5), (0.7, 10.0))
LOWER_LIP = ((-0.72, 16.0), (-0.37, 25.5), (0.0, 28.0), (0.37, 25.5), (0.72, 16.0))
DEPTH = 158.0


def _place(s: float) -> tuple[float, float, float]:
    """Return the closed lips at s."""
    return MIDDLE + HALF * s, line(s), DEPTH - 34.0 * s * s


def _edge(rig: Builder, edge: int, places: tuple[tuple[float, float], ...]) -> list[int]:
    points = []
    for s, thick in places:
        x, y, z = _place(s)
        points.append(rig.point(x, y + edge * thick, z, moves=lip(edge, s, True)))
    return points


def _jaw(by: float) -> Moves:
    """Return movements of what sits on the lower jaw."""
    return {
        "jawOpen": (0.0, by), "jawLeft": (22.0, 0.0), "jawRight": (-22.0, 0.0), "jawForward": (0.0, 3.0),
        "mouthLeft": (4.0, 0.0), "mouthRight": (-4.0, 0.0),
    }  # fmt: skip


def draw(rig: Builder) -> None:
    """Draw everything between the nose and the chin, and the lips' shading."""
    left, right = (rig.point(*_place(s), moves=lip(UPPER, s, False)) for s in (-1.0, 1.0))
    upper = [rig.point(*_place(s), moves=lip(UPPER, s, False)) for s in INNER[1:-1]]
    lower = [rig.point(*_place(s), moves=lip(LOWER, s, False)) for s in INNER[1:-1]]
    over = _edge(rig, UPPER, UPPER_LIP)
    under = _edge(rig, LOWER, LOWER_LIP)
    partners = zip(upper, lower, ([0], [1, 2], [3], [4, 5], [6]), range(5), strict=True)
    for high, low, above, below in partners:
        rig.meet(high, low, [over[n] for n in above], [under[below]])

    rig.glow(
        MIDDLE, 648.0, 48.0, "skinShade", 0.5, squash=0.3, moves=lip(LOWER, 0.0, True),
        alpha={"base": 1, "jawForward": 0.5, "mouthShrugLower": 0.8, "mouthRollLower": 0.5},
    )  # fmt: skip
    rig.path("mouth", [left, *upper, right, *reversed(lower)], corners=[0, 6])
    _inside(rig)
    rig.path("upperLip", [left, *over, right, *reversed(upper)], corners=[0, 4, 8])
    rig.path("lowerLip", [left, *lower, right, *reversed(under)], corners=[0, 6])
    rig.layer("lowerLip", fill=_shade(rig, [(0, "lipDark"), (0.3, "lip"), (0.7, "lip"), (1, "lipDark")], LOWER, 27.0))
    for s, radius, strength in ((-0.2, 24.0, 0.75), (0.3, 14.0, 0.4)):
        x, y, _ = _place(s)
        moves = add(scale(lip(LOWER, s, True), 0.55), scale(lip(LOWER, s, False), 0.45))
        rig.glow(
            x, y + 11.0, radius, "lipLight", strength, squash=0.32, moves=moves, clip="lowerLip",
            alpha={"base": 1, "masculine": -0.6, "mouthRollLower": -0.9},
        )  # fmt: skip
    _tongue_out(rig, left, upper, right)
    bite = rig.points(
        [(-50, 588), (-46, 600), (-24, 607), (0, 608.5), (24, 607), (46, 600), (50, 588)],
        z=150.0, moves={"mouthRollLower": (0.0, 6.0), "mouthLeft": (4.0, 0.0), "mouthRight": (-4.0, 0.0)},
    )  # fmt: skip
    rig.path("bite", bite, corners=[0, 6])
    biting: list[dict[str, float]] = [
        {"base": -0.6, "mouthRollLower": 3, "mouthClose": -3},
        {"base": 0, "jawOpen": 3, "mouthUpperUpLeft": 2, "mouthUpperUpRight": 2},
    ]
    rig.layer("bite", fill="teeth", clip="tongueRoom", alpha=biting)
    rig.layer("bite", stroke="lipDark:0.6", width=2, clip="tongueRoom", alpha=biting)
    rig.layer("upperLip", fill=_shade(rig, [(0, "lipDark"), (0.55, "lip"), (1, "lipDark")], UPPER, 20.0))
    for path in ("upperLip", "lowerLip"):
        rig.layer(path, fill="skin:0.36", alpha={"base": -0.2, "masculine": 1.1})
    rig.path("lipLine", [left, *upper, right], closed=False)
    rig.layer("lipLine", stroke="lipLine", width=3.4)
    for number, (sign, name) in enumerate(SIDES):
        corner = right if number == 0 else left
        _corner(rig, corner, sign, name)


def _shade(rig: Builder, stops: list[tuple[float, str]], edge: int, thick: float) -> Paint:
    """Return a lip's colours, from the line between the lips outwards."""
    x, y, z = _place(0.0)
    ends = [
        rig.point(x, y, z, moves=lip(edge, 0.0, False)),
        rig.point(x, y + edge * thick, z, moves=lip(edge, 0.0, True)),
    ]
    return {"linear": ends, "stops": [list(stop) for stop in stops]}


def _inside(rig: Builder) -> None:
    """Draw dark, teeth and tongue, seen through the opening only."""
    dark = rig.linear((500, 590), (500, 660), [(0, "mouthDeep"), (1, "mouth")], moves={"jawOpen": (0.0, 60.0)}, z=110.0)
    rig.layer("mouth", fill=dark)
    skull: Moves = {
        "mouthLeft": (4.0, 0.0),
        "mouthRight": (-4.0, 0.0),
        "mouthPucker": (0.0, -24.0),
        "mouthFunnel": (0.0, -20.0),
    }
    low = _jaw(JAW - 16.0)
    lower = rig.points(
        [(-50, 627), (-30, 622), (0, 620), (30, 622), (50, 627), (46, 660), (0, 668), (-46, 660)], z=112.0, moves=low
    )
    rig.layer(rig.path("lowerTeeth", lower, corners=[0, 4]), fill="teethShade", clip="mouth")
    tongue = add(_jaw(64.0), {"tongueOut": (0.0, -14.0)})
    hump = rig.points(
        [(-50, 668), (-40, 636), (-16, 623), (0, 626), (16, 623), (40, 636), (50, 668), (0, 700)], z=112.0, moves=tongue
    )
    flesh = rig.linear((500, 622), (500, 668), [(0, "tongueLight"), (0.5, "tongue"), (1, "tongueShade")], moves=tongue)
    rig.layer(rig.path("tongue", hump, corners=[0, 6]), fill=flesh, clip="mouth")
    groove = rig.points([(0, 628), (1, 645), (0, 664)], z=112.0, moves=tongue)
    rig.layer(rig.path("groove", groove, closed=False), stroke="tongueShade:0.5", width=4, clip="mouth")
    row = rig.points(
        [(-68, 570), (-66, 605), (-42, 614), (-20, 618), (0, 619), (20, 618), (42, 614), (66, 605), (68, 570)],
        z=118.0,
        moves=skull,
    )
    shade = rig.linear((500, 588), (500, 618), [(0, "teethShade"), (0.55, "teeth"), (1, "teeth")], moves=skull, z=118.0)
    rig.layer(rig.path("upperTeeth", row, corners=[0, 1, 7, 8]), fill=shade, clip="mouth")
    gaps = [rig.points([(x * 0.98, 590), (x, 613)], z=118.0, moves=skull) for x in (-42, -20, 0, 20, 42)]
    rig.layer(rig.strands("gaps", gaps), stroke="teethShade:0.5", width=1.6, clip="mouth")
    # The upper lip's shadow on what is behind it.
    rig.layer("mouth", fill="mouthDeep:0.75", alpha={"base": 0, "mouthPucker": 0.8, "mouthFunnel": 0.6})
    rig.layer("mouth", stroke="mouthDeep:0.25", width=6, clip="mouth")


def _tongue_out(rig: Builder, left: int, upper: list[int], right: int) -> None:
    """Draw the tongue over the lower lip: nothing until it is put out."""
    room = rig.points([(150, 603), (150, 1000), (-150, 1000), (-150, 603)], z=DEPTH)
    rig.path("tongueRoom", [left, *upper, right, *room], corners=[0, 6, 7, 8, 9, 10])
    places = ((-29, 0.0), (-25, 0.46), (-14, 0.86), (0, 1.0), (14, 0.86), (25, 0.46), (29, 0.0))
    points = []
    for x, reach in places:
        out: Moves = {"tongueOut": (0.0, 82.0 * reach)}
        points.append(rig.point(MIDDLE + x, 603.0, 165.0, moves=add(_jaw(66.0), out)))
    root = [rig.point(MIDDLE + x, 597.0, 165.0, moves=_jaw(52.0)) for x in (28, -28)]
    rig.path("tongueTip", [*points, *root], corners=[7, 8])
    fill = {
        "linear": [root[0], points[3]],
        "stops": [[0, "tongueShade"], [0.45, "tongue"], [1, "tongueLight"]],
    }
    out_alpha = {"base": 0, "tongueOut": 5}
    rig.layer("tongueTip", fill=fill, clip="tongueRoom", alpha=out_alpha)
    rig.layer("tongueTip", stroke="tongueShade:0.7", width=2, clip="tongueRoom", alpha=out_alpha)
    middle = [rig.point(MIDDLE, 598.0, 165.0, moves=_jaw(56.0))]
    middle.append(rig.point(MIDDLE + 1, 601.0, 165.0, moves=add(_jaw(66.0), {"tongueOut": (0.0, 46.0)})))
    rig.layer(
        rig.path("tongueFold", middle, closed=False), stroke="tongueShade:0.6", width=4, clip="tongueRoom",
        alpha={"base": -0.6, "tongueOut": 2},
    )  # fmt: skip


def _corner(rig: Builder, corner: int, sign: int, name: str) -> None:
    """Draw the shade beside a corner, the dimple, and the fold from the nose that smiles and age draw."""
    x, y = rig.at(corner)
    follow = lip(UPPER, float(sign), False)
    rig.glow(x + sign * 5, y, 15.0, "skinShade", 0.45, moves=follow)
    arc = [rig.point(x + sign * dx, y + dy, moves=follow) for dx, dy in ((13, -15), (19, -2), (14, 12))]
    rig.layer(
        rig.path(f"dimple{name}", arc, closed=False), stroke="skinDeep:0.75", width=3,
        alpha={"base": 0, f"mouthDimple{name}": 0.9, f"mouthSmile{name}": 0.15, f"mouthPress{name}": 0.7,
               f"mouthStretch{name}": 0.3},
    )  # fmt: skip
    places = ((47, 528), (68, 549), (88, 578), (93, 604))
    fold = [rig.point(MIDDLE + sign * dx, dy, moves=skin(MIDDLE + sign * dx, dy)) for dx, dy in places]
    rig.layer(
        rig.path(f"fold{name}", fold, closed=False), stroke="skinShade:0.9", width=4.5,
        alpha={"base": 0.02, f"mouthSmile{name}": 0.6, f"noseSneer{name}": 0.7, f"mouthUpperUp{name}": 0.35, "age": 0.4,
               f"cheekSquint{name}": 0.2, "cheekPuff": -0.8},
    )  # fmt: skip
