"""Eyes, lids, lashes, brows, and glasses before them."""

from __future__ import annotations

from dataclasses import dataclass

from tools.face.rigging.builder import MIDDLE, SIDES, Builder, Moves, add, scale

CENTRE = 97.0  # from the middle line
HALF = 60.0  # half an eye's width
ALONG = (-1.0, -0.74, -0.38, 0.0, 0.38, 0.74, 1.0)  # from the inner corner to the outer one
IRIS = 33.0
BROW = ((49, 359, 5.0), (67, 353, 7.5), (95, 345, 8.0), (125, 341, 7.0), (153, 347, 4.5), (177, 363, 0.0))
YES = {"glasses": "yes"}


def _base(s: float) -> float:
    return 447.0 - 4.5 * s


def _lid(s: float, upper: bool) -> tuple[float, Moves]:
    """Return height and movements of a lid's edge, names without their side."""
    arch = 1.0 - abs(s) ** 2.4
    base, shut = _base(s), _base(s) + 17.0 * arch
    y = base - 43.0 * arch if upper else base + 24.0 * arch
    if upper:
        return y, {
            "eyeBlink": (0.0, shut - y), "eyeSquint": (0.0, 8.0 * arch), "eyeWide": (0.0, -15.0 * arch),
            "eyeLookUp": (0.0, -7.0 * arch), "eyeLookDown": (0.0, 15.0 * arch),
            "browDown": (0.0, (7.0 - 4.0 * s) * arch),
            "age": (0.0, 3.5 * arch), "masculine": (0.0, 6.0 * arch),
        }  # fmt: skip
    return y, {
        "eyeBlink": (0.0, shut - y), "eyeSquint": (0.0, -13.0 * arch), "eyeWide": (0.0, 6.0 * arch),
        "eyeLookUp": (0.0, -3.0 * arch), "eyeLookDown": (0.0, 5.0 * arch), "cheekSquint": (0.0, -8.0 * arch),
        "masculine": (0.0, -1.5 * arch),
    }  # fmt: skip


def _sided(moves: Moves, name: str) -> Moves:
    """Return movements with the side put after the channels that have one."""
    return {channel if channel in ("age", "masculine") else channel + name: move for channel, move in moves.items()}


def _gaze(sign: int, name: str, reach: float = 1.0) -> Moves:
    """Return movements of what turns with the eye."""
    return {
        f"eyeLookOut{name}": (sign * 25.0 * reach, 0.0), f"eyeLookIn{name}": (-sign * 25.0 * reach, 0.0),
        f"eyeLookUp{name}": (0.0, -17.0 * reach), f"eyeLookDown{name}": (0.0, 19.0 * reach),
    }  # fmt: skip


def eyes(rig: Builder) -> None:
    """Draw both eyes with everything that lies on the lids."""
    for sign, name in SIDES:
        rig.glow(MIDDLE + sign * (CENTRE - 6), 428, 92, "skinShade", 0.5, squash=0.6, moves={}, clip="face")
        _eye(rig, sign, name)


@dataclass(frozen=True, slots=True)
class Side:
    """One eye: where along its lids a point lies, and how it moves with them."""

    rig: Builder
    sign: int
    name: str

    def at(self, s: float) -> float:
        """Return the place across the picture at s = -1..1 from the inner corner to the outer one."""
        return MIDDLE + self.sign * (CENTRE + HALF * s)

    def edge(
        self, s: float, upper: bool, dx: float = 0.0, dy: float = 0.0, more: Moves | None = None, share: float = 1.0
    ) -> int:
        """Return a point on a lid's edge or beside it, that goes with the lid by `share`; dx is outwards."""
        y, moves = _lid(s, upper)
        mirrored = {channel: (self.sign * out, down) for channel, (out, down) in (more or {}).items()}
        moves = _sided(add(scale(moves, share), mirrored), self.name)
        return self.rig.point(self.at(s) + self.sign * dx, y + dy, moves=moves)


def _eye(rig: Builder, sign: int, name: str) -> None:
    side = Side(rig, sign, name)
    at, edge = side.at, side.edge
    inner, outer = edge(-1.0, True, 0.0, 3.0), edge(1.0, True)
    upper = [edge(s, True) for s in ALONG[1:-1]]
    lower = [edge(s, False) for s in ALONG[1:-1]]
    crease = [edge(s, True, 0, -12 + 4 * abs(s), share=0.3) for s in (-0.95, -0.6, -0.1, 0.4, 0.8, 1.12)]
    rig.path(f"lidSkin{name}", [inner, *upper, outer, *reversed(crease)], corners=[0, 6])
    rig.layer(f"lidSkin{name}", fill="skinShade:0.35")
    rig.path(f"eye{name}", [inner, *upper, outer, *reversed(lower)], corners=[0, 6])
    _ball(rig, sign, name)
    rig.path(f"lid{name}", [inner, *upper, outer], closed=False)
    rig.layer(f"lid{name}", stroke="lash:0.2", width=20, clip=f"eye{name}")
    tear = rig.ellipse(f"tear{name}", at(-1.0) + sign * 3, 449, 7, 6, count=6, moves={})
    rig.layer(tear, fill="blush:0.6", clip=f"eye{name}")
    rig.path(f"underLid{name}", [lower[2], lower[3], lower[4], outer], closed=False)
    rig.layer(f"underLid{name}", stroke="lash:0.45", width=2.2)
    rig.path(f"underLidInner{name}", [inner, lower[0], lower[1], lower[2]], closed=False)
    rig.layer(f"underLidInner{name}", stroke="skinDeep:0.4", width=1.8)
    _lashes(side, inner, upper, outer, lower)
    rig.path(f"crease{name}", crease, closed=False)
    rig.layer(f"crease{name}", stroke="skinDeep:0.6", width=2.6, alpha={"base": 1, f"eyeBlink{name}": -0.65})
    for number, (dy, weights) in enumerate(
        (
            (17.0, {"base": 0.05, f"cheekSquint{name}": 0.85, f"eyeSquint{name}": 0.5, "age": 0.25,
                    f"mouthSmile{name}": 0.15}),
            (27.0, {"base": -0.05, "age": 0.6, f"cheekSquint{name}": 0.25}),
        )
    ):  # fmt: skip
        bag = [edge(s, False, 0, dy - 8 * abs(s), share=0.6) for s in (-0.72, -0.3, 0.2, 0.66)]
        rig.layer(rig.path(f"bag{number}{name}", bag, closed=False), stroke="skinDeep:0.5", width=2.6, alpha=weights)
    for number, (y0, y1) in enumerate(((440, 432), (452, 455), (463, 474))):
        ray = [rig.point(MIDDLE + sign * x, y) for x, y in ((166, y0), (177, (y0 + y1) / 2 + 1), (188, y1))]
        weights = {"base": -0.15, "age": 0.75, f"eyeSquint{name}": 0.35, f"cheekSquint{name}": 0.3}
        rig.layer(rig.path(f"ray{number}{name}", ray, closed=False), stroke="skinDeep:0.5", width=2.2, alpha=weights)


def _ball(rig: Builder, sign: int, name: str) -> None:
    """Draw white, iris, pupil and lights, seen between the lids."""
    eye, x, y = f"eye{name}", MIDDLE + sign * CENTRE, 441.0
    z = rig_depth = 150.0
    white = rig.radial((x - 6, y + 2), 62, [(0, "white"), (0.6, "sclera"), (1, "scleraShade")], moves={}, z=rig_depth)
    rig.layer(eye, fill=white)
    gaze = _gaze(sign, name)
    iris = rig.ellipse(f"iris{name}", x, y, IRIS, IRIS, moves=gaze, z=z)
    colour = rig.radial(
        (x, y + 11), IRIS + 9, [(0, "irisLight"), (0.5, "iris"), (0.86, "irisDark"), (1, "irisDark")], moves=gaze, z=z
    )
    rig.layer(iris, fill=colour, clip=eye)
    rig.layer(iris, stroke="irisDark", width=3, clip=eye)
    rig.layer(rig.ellipse(f"pupil{name}", x, y, 13.5, 13.5, count=6, moves=gaze, z=z), fill="black", clip=eye)
    less = _gaze(sign, name, 0.8)
    rig.layer(rig.ellipse(f"light{name}", x - 11, y - 12, 9.5, 10, count=6, moves=less, z=z), fill="white", clip=eye)
    rig.layer(
        rig.ellipse(f"glint{name}", x + 12, y + 13, 4.5, 4.5, count=6, moves=less, z=z), fill="white:0.75", clip=eye
    )


def _lashes(side: Side, inner: int, upper: list[int], outer: int, lower: list[int]) -> None:
    """Draw the upper lashes' dark line, thicker outwards to a wing, and three fine ones; lids take them along."""
    rig, edge, name = side.rig, side.edge, side.name
    tops = []
    for s in ALONG[1:-1]:
        thick = 3.0 + 5.5 * ((s + 1) / 2) ** 1.3
        tops.append(edge(s, True, 0, -thick, {"masculine": (0, thick * 0.45)}))
    wing = edge(1.0, True, 17, -12, {"eyeBlink": (0, 17), "masculine": (-13, 10)})
    rig.path(f"lashes{name}", [inner, *upper, outer, wing, *reversed(tops)], corners=[0, 6, 7])
    rig.layer(f"lashes{name}", fill="lash")
    fine = []
    for s, reach in ((0.42, 5), (0.66, 9), (0.86, 13)):
        root = edge(s, True, 0, -5)
        middle = edge(s, True, 0.45 * reach, -12, {"eyeBlink": (0, 14)})
        fine.append([root, middle, edge(s, True, reach, -15.5, {"eyeBlink": (0, 24)})])
    alpha = {"base": 1, "masculine": -1.3}
    rig.layer(rig.strands(f"fine{name}", fine), stroke="lash", width=2.3, alpha=alpha)
    for high, low, top in zip(upper, lower, tops, strict=True):
        rig.meet(high, low, [top], [])


def brows(rig: Builder) -> None:
    """Draw two brows and what frowning and raising draws between and above them."""
    for sign, name in SIDES:
        top, bottom = [], []
        for x, y, half in BROW:
            near = max(0.0, 1.0 - (x - 46) / 95.0)
            far = min(1.0, max(0.0, (x - 60) / 80.0))
            moves: Moves = {
                f"browDown{name}": (-sign * 11.0 * near, 27.0 * near + 9.0 * (1 - near)),
                "browInnerUp": (sign * 1.0 * near, -46.0 * near + 3.0),
                f"browOuterUp{name}": (0.0, -34.0 * far - 3.0),
                f"eyeBlink{name}": (0.0, 2.0), f"eyeWide{name}": (0.0, -4.0), f"eyeSquint{name}": (0.0, 3.0),
                f"noseSneer{name}": (-sign * 2.0 * near, 7.0 * near), f"cheekSquint{name}": (0.0, 2.0),
            }  # fmt: skip
            strong = {"masculine": (0.0, 7.0)}
            top.append(rig.point(MIDDLE + sign * x, y - half, moves=moves | {"masculine": (0.0, 2.0)}))
            if half:
                bottom.append(rig.point(MIDDLE + sign * x, y + half, moves=moves | strong))
        rig.path(f"brow{name}", [*top, *reversed(bottom)], corners=[5])
        fill = {"linear": [top[0], top[3]], "stops": [[0, "brow:0.75"], [0.35, "brow"], [1, "browDark"]]}
        rig.layer(f"brow{name}", fill=fill)
        frown = [
            rig.point(MIDDLE + sign * x, y, moves={f"browDown{name}": (-sign * 4.0, 5.0)})
            for x, y in ((15, 346), (19, 362), (16, 380))
        ]
        rig.layer(
            rig.path(f"frown{name}", frown, closed=False), stroke="skinDeep:0.7", width=3.2,
            alpha={"base": -0.1, f"browDown{name}": 0.9, f"noseSneer{name}": 0.3, "age": 0.25},
        )  # fmt: skip
        for number, y in enumerate((418, 430)):
            crinkle = [
                rig.point(MIDDLE + sign * dx, y + dy, moves={f"noseSneer{name}": (0.0, -6.0)})
                for dx, dy in ((6, 4), (18, 0), (28, -7))
            ]
            rig.layer(
                rig.path(f"crinkle{number}{name}", crinkle, closed=False), stroke="skinDeep:0.7", width=2.6,
                alpha={"base": 0, f"noseSneer{name}": 0.9},
            )  # fmt: skip
    for number, (y, half) in enumerate(((318, 92), (294, 80))):
        lift: Moves = {"browInnerUp": (0.0, -9.0), "browOuterUpLeft": (0.0, -3.0), "browOuterUpRight": (0.0, -3.0)}
        wave = rig.points(
            [(-half, y + 4), (-half / 2, y - 2), (0, y + 3), (half / 2, y - 2), (half, y + 4)], moves=lift
        )
        rig.layer(
            rig.path(f"worry{number}", wave, closed=False), stroke="skinDeep:0.45", width=2.8, clip="face",
            alpha={"base": -0.15, "browInnerUp": 0.75, "browOuterUpLeft": 0.3, "browOuterUpRight": 0.3, "age": 0.5},
        )  # fmt: skip


def glasses(rig: Builder) -> None:
    """Round frames with a bridge, arms, a shadow and a breath of reflection."""
    nudge = {"noseSneerLeft": (0.0, -2.0), "noseSneerRight": (0.0, -2.0)}
    for sign, name in SIDES:
        shape = ((18, 432), (34, 396), (90, 386), (150, 394), (172, 424), (165, 478), (128, 508), (72, 506), (30, 482))
        points = [rig.point(MIDDLE + sign * x, y, 178.0 - 0.0022 * x * x, moves=nudge) for x, y in shape]
        rig.path(f"lens{name}", points)
        ends = [rig.point(MIDDLE + sign * x, y, z, moves=nudge) for x, y, z in ((171, 424, 108), (216, 414, -20))]
        rig.path(f"arm{name}", ends, closed=False)
        rig.layer(f"arm{name}", stroke="frame", width=9, when=YES)
        rig.layer(f"lens{name}", stroke="skinDeep:0.28", width=8, shift=(2, 9), clip="face", when=YES)
        glass = {"linear": [points[1], points[6]], "stops": [[0, "white:0.2"], [0.4, "white:0.03"], [1, "white:0.1"]]}
        rig.layer(f"lens{name}", fill=glass, when=YES)
        rig.layer(f"lens{name}", stroke="frame", width=8.5, when=YES)
        rig.path(f"rim{name}", points[1:4], closed=False)
        rig.layer(f"rim{name}", stroke="frameLight:0.7", width=2.2, shift=(0, -1.5), when=YES)
    bridge = rig.points([(-20, 430, 178), (0, 420, 186), (20, 430, 178)], moves=nudge)
    rig.layer(rig.path("bridge", bridge, closed=False), stroke="frame", width=8.5, when=YES)
