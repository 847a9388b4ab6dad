"""The head without eyes and mouth: skull, ears, neck, cheeks, nose, and the light on them."""

from __future__ import annotations

from tools.face.rigging.builder import MIDDLE, SIDES, Builder
from tools.face.rigging.fields import skin

# Offsets from the middle line, heights and depths of the outline's left half, from the crown to the chin.
OUTLINE = (
    (0, 158, 40), (108, 180, 10), (178, 250, -5), (203, 345, -8), (203, 435, -6), (194, 515, 4), (170, 592, 22),
    (126, 652, 52), (66, 692, 82), (0, 705, 94),
)  # fmt: skip
BARE = {"hairStyle": ("short", "bun", "bald")}  # what leaves the ears free


def neck(rig: Builder) -> None:
    """Draw the neck, and the head's shadow on it."""
    half = ((92, 600, 1.0, 14), (84, 690, 0.8, 14), (84, 750, 0.35, 16), (104, 792, 0.0, 18), (165, 826, 0.0, 14))
    right = [
        rig.point(MIDDLE + x, y, -20.0, share=share, moves={"masculine": (wide, 0), "breath": (0, -4 * (1 - share))})
        for x, y, share, wide in half
    ]
    left = [
        rig.point(MIDDLE - x, y, -20.0, share=share, moves={"masculine": (-wide, 0), "breath": (0, -4 * (1 - share))})
        for x, y, share, wide in half
    ]
    bottom = rig.points([(0, 960, 0)], share=0.0)
    rig.path("neck", [*left, *bottom, *reversed(right)], corners=[0, 4, 5, 6, 10])
    tone = rig.linear((420, 700), (600, 760), [(0, "skin"), (0.5, "skin"), (1, "skinShade")], share=0.2, moves={})
    rig.layer("neck", fill=tone)
    for sign, name in SIDES:
        cord = [
            rig.point(MIDDLE + sign * x, y, 0, share=h, moves={})
            for x, y, h in ((62, 720, 0.5), (40, 775, 0.1), (16, 806, 0))
        ]
        rig.layer(rig.path(f"cord{name}", cord, closed=False), stroke="skinShade:0.5", width=5)


def chin_shadow(rig: Builder) -> None:
    """Draw what the head keeps from the light; painted before the head."""
    rig.layer("face", fill="skinDeep:0.5", shift=(6, 34), clip="neck")
    rig.layer("face", fill="skinDeep:0.35", shift=(2, 16), clip="neck")


def ears(rig: Builder) -> None:
    """Draw two ears, behind the head."""
    for sign, name in SIDES:
        shape = ((196, 418), (214, 398), (233, 408), (236, 446), (224, 488), (206, 508), (194, 500))
        points = [rig.point(MIDDLE + sign * x, y, -24.0, moves={}) for x, y in shape]
        rig.path(f"ear{name}", points)
        fill = {"linear": [points[0], points[3]], "stops": [[0, "skinShade"], [0.6, "skin"], [1, "skin"]]}
        rig.layer(f"ear{name}", fill=fill, when=BARE)
        inner = [
            rig.point(MIDDLE + sign * x, y, -24.0, moves={})
            for x, y in ((206, 424), (219, 418), (224, 436), (215, 460), (219, 474), (206, 486))
        ]
        rig.layer(rig.path(f"earFold{name}", inner, closed=False), stroke="skinDeep:0.5", width=4, when=BARE)


def outline(rig: Builder) -> None:
    """Draw only the path of the head, which many layers are clipped to."""
    right = [rig.point(MIDDLE + x, y, z) for x, y, z in OUTLINE]
    left = [rig.point(MIDDLE - x, y, z) for x, y, z in OUTLINE[1:-1]]
    rig.path("face", [*right, *reversed(left)])


def face(rig: Builder) -> None:
    """Draw the head's skin with its light, cheeks and nose."""
    stops = [(0, "skinLight"), (0.42, "skin"), (0.8, "skin"), (1, "skinShade")]
    rig.layer("face", fill=rig.radial((462, 372), 370, stops, moves={}, squash=1.05))
    side = [rig.point(MIDDLE + x, y, z) for x, y, z in ((204, 345, -8), (204, 435, -6), (195, 515, 4), (171, 592, 22))]
    side += [rig.point(MIDDLE + x, y, z) for x, y, z in ((127, 652, 52), (66, 694, 82), (20, 706, 90))]
    side += [rig.point(MIDDLE + x, y) for x, y in ((40, 660), (96, 600), (122, 545), (128, 450), (134, 372))]
    rig.path("faceSide", side, corners=[0, 6])
    dark = rig.linear((634, 520), (712, 540), [(0, "skinShade:0"), (1, "skinShade:0.75")], z=40)
    rig.layer("faceSide", fill=dark, clip="face")
    for sign, name in SIDES:
        x = MIDDLE + sign * 126
        rig.glow(
            x, 540, 74, "blush", 0.38, squash=0.74, clip="face",
            alpha={"base": 0.75, f"mouthSmile{name}": 0.35, f"cheekSquint{name}": 0.4, "cheekPuff": 0.5,
                   "masculine": -0.3},
        )  # fmt: skip
        rig.glow(
            x - 14, 512, 50, "skinLight", 0.7, squash=0.6, clip="face",
            alpha={"base": 0.45, f"mouthSmile{name}": 0.5, f"cheekSquint{name}": 0.5, "cheekPuff": 0.3},
        )  # fmt: skip
        rig.glow(
            x + sign * 16 - 10, 560, 50, "skinLight", 0.6, clip="face",
            alpha={"base": 0, "cheekPuff": 0.9},
        )  # fmt: skip
        hollow = [rig.point(MIDDLE + sign * dx, y) for dx, y in ((112, 640), (122, 605), (116, 570))]
        rig.layer(
            rig.path(f"hollow{name}", hollow, closed=False), stroke="skinDeep:0.3", width=4,
            alpha={"base": 0, "cheekPuff": 0.9, f"mouthStretch{name}": 0.9, f"mouthFrown{name}": 0.6},
        )  # fmt: skip
    rig.glow(492, 674, 44, "skinLight", 0.6, squash=0.6, clip="face")
    for sign, name in SIDES:
        mark = [rig.point(MIDDLE + sign * dx, y) for dx, y in ((15, 664), (24, 678), (16, 690))]
        rig.layer(
            rig.path(f"chinMark{name}", mark, closed=False), stroke="skinDeep:0.45", width=3,
            alpha={"base": 0, "mouthShrugLower": 0.9, "jawForward": 0.4},
        )  # fmt: skip


def nose(rig: Builder) -> None:
    """Draw a short nose: shade on its far side, a round tip, wings that sneer."""

    def at(places: tuple[tuple[float, float, float], ...]) -> list[int]:
        return [rig.point(MIDDLE + x, y, z, moves=skin(MIDDLE + x, y)) for x, y, z in places]

    rig.glow(524, 468, 30, "skinShade", 0.55, squash=2.6, z=190)
    rig.glow(536, 518, 26, "skinShade", 0.6, z=196)
    rig.glow(494, 470, 30, "skinLight", 0.55, squash=2.0, z=206)
    under = at(((-38, 526, 186), (-22, 527, 200), (-9, 534, 212), (0, 537, 216), (9, 534, 212), (22, 527, 200),
                (38, 526, 186), (27, 543, 192), (8, 549, 206), (-8, 549, 206), (-27, 543, 192)))  # fmt: skip
    rig.path("noseUnder", under, corners=[0, 6])
    rig.layer("noseUnder", fill="skinShade:0.8")
    rig.glow(496, 515, 25, "skinLight", 0.95, squash=0.85, z=216)
    for sign, name in SIDES:
        hole = at(((sign * 9, 540, 204), (sign * 18, 535, 200), (sign * 26, 539, 196), (sign * 17, 543, 200)))
        rig.layer(rig.path(f"nostril{name}", hole), fill="skinDeep:0.85")
        wing = at(((sign * 34, 514, 190), (sign * 40, 525, 184), (sign * 36, 537, 184), (sign * 28, 541, 190)))
        rig.layer(rig.path(f"wing{name}", wing, closed=False), stroke="skinDeep:0.38", width=2.8)
    rig.glow(499, 568, 11, "skinShade", 0.4, squash=1.5)
