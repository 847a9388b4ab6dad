"""How the skin and the lips move under each channel: smooth fields over the picture, in units of the rig.

`lip` moves the four edges of the lips; `skin` moves everything else of the head and joins the lips' movement near them.
The directions follow Apple's descriptions of ARKit's shapes; how far they go is a matter of taste.
"""

from __future__ import annotations

import math
from typing import Final

from tools.face.rigging.builder import MIDDLE, SIDES, Moves, add, bump, scale, smooth

LINE: Final = 603.0  # height of the closed lips
HALF: Final = 82.0  # half the mouth's width
JAW: Final = 100.0  # how far the middle of the lower lip falls with the jaw
CHIN: Final = 54.0  # and the chin
CORNER: Final = 36.0  # and the mouth's corners
UPPER, LOWER = -1, 1


def line(s: float) -> float:
    """Return height of the closed lips at s = -1..1 across the mouth."""
    return LINE + 6.0 - 13.0 * math.pow(abs(s), 1.7) + 0.8 * math.exp(-((s / 0.3) ** 2))


def lip(edge: int, s: float, outer: bool) -> Moves:
    """Return movements of a lip's edge at s.

    `edge` UPPER or LOWER, its inner edge or the `outer` one against the skin.
    """
    swell = 1.0 - abs(s) ** 2.4
    out = 1.0 if outer else 0.0
    upper = edge == UPPER
    round_swell = 1.0 - abs(s) ** 3.6
    corner = CORNER * s * s
    jaw_upper, jaw_lower = corner - 3.0 * swell, corner + (JAW - corner) * round_swell
    gap = jaw_lower - jaw_upper
    jaw = jaw_upper if upper else jaw_lower + 3.0 * out * swell
    moves: Moves = {
        "jawOpen": (-13.0 * s, jaw),
        "mouthClose": (0.0, 0.41 * gap + 1.0 if upper else -0.61 * gap - 1.0),
        "mouthFunnel": (
            -HALF * (0.32 - 0.1 * out) * s,
            ((-16.0 - 6.0 * out) if upper else (18.0 + 9.0 * out)) * round_swell + 4.0 * s * s,
        ),
        "mouthPucker": (
            -HALF * (0.54 - 0.14 * out) * s,
            ((-7.0 - 6.0 * out) if upper else (4.0 + 8.0 * out)) * round_swell + 3.0 * s * s,
        ),
        "mouthLeft": (27.0 + 5.0 * s, -5.0 * s - 2.0),
        "mouthRight": (-27.0 + 5.0 * s, 5.0 * s - 2.0),
        "jawLeft": (5.0 if upper else 19.0 * swell + 6.0, 0.0),
        "jawRight": (-5.0 if upper else -19.0 * swell - 6.0, 0.0),
        "jawForward": (0.0, 0.0 if upper else (2.0 + 9.0 * out) * swell),
        "mouthRollLower": (0.0, (-3.0 if upper else (-3.0 - 15.0 * out)) * swell),
        "mouthRollUpper": (0.0, ((3.0 + 11.0 * out) if upper else (2.0 - 1.0 * out)) * swell),
        "mouthShrugLower": (0.0, ((-9.0 - 1.0 * out) if upper else (-11.0 - 5.0 * out)) * swell),
        "mouthShrugUpper": (0.0, ((-8.0 - 8.0 * out) if upper else (-8.0 + 4.0 * out)) * swell),
        "cheekPuff": (-6.0 * s, ((2.0 + 3.0 * out) if upper else (-2.0 - 3.0 * out)) * swell),
        "tongueOut": (0.0, -5.0 * swell if upper else 15.0 * swell),
        "age": (0.0, ((3.0 * out) if upper else (-4.0 * out)) * swell + 2.0 * s * s),
        "masculine": (4.0 * s, (4.5 * out if upper else -6.5 * out) * swell),
    }
    for sign, name in SIDES:
        near = max(0.0, (s * sign + 0.15) / 1.15) ** 2.2
        half = smooth(-0.75, 0.75, s * sign) * swell
        part = (7.0 - 8.0 * out) * half + (10.0 + 8.0 * out) * near * (1.0 - near)
        press = smooth(-0.75, 0.75, s * sign) * (1.0 - s**4)
        moves |= {
            f"mouthSmile{name}": (sign * 26.0 * near, -31.0 * near + ((-3.0 + 5.0 * out) * half if upper else part)),
            f"mouthFrown{name}": (sign * 3.0 * near, 30.0 * near - 4.0 * half),
            f"mouthDimple{name}": (
                sign * 18.0 * near,
                -2.0 * near + (1.5 * out * half if upper else -2.5 * out * half),
            ),
            f"mouthStretch{name}": (sign * 27.0 * near, 8.0 * near + (2.5 * out if upper else 2.0 - 5.0 * out) * half),
            f"mouthPress{name}": (-sign * 2.0 * near, ((11.0 - 3.0 * out) if upper else (-11.0 + 1.0 * out)) * press),
            f"mouthLowerDown{name}": (sign * 3.0 * near, 0.0 if upper else (27.0 - 4.0 * out) * half),
            f"mouthUpperUp{name}": (sign * 2.0 * near, (-22.0 + 3.0 * out) * half if upper else 0.0),
        }
    return moves


def face(x: float, y: float) -> Moves:
    """Return movements of the skin at a place, were there no lips."""
    across = x - MIDDLE
    jaw = smooth(500.0, 690.0, y)
    moves: Moves = {
        "jawOpen": (-0.07 * across * jaw, CHIN * jaw),
        "jawLeft": (25.0 * jaw, -0.03 * across * jaw),
        "jawRight": (-25.0 * jaw, 0.03 * across * jaw),
        "jawForward": (0.05 * across * jaw, 12.0 * jaw),
        "mouthShrugLower": (0.0, -9.0 * bump(across, y - 680.0, 60.0, 45.0)),
        "browInnerUp": (0.0, -8.0 * bump(across, y - 330.0, 90.0, 50.0)),
        "mouthPucker": (-0.05 * across * bump(0.0, y - 600.0, 1.0, 70.0), 0.0),
    }
    for sign, name in SIDES:
        side = across * sign
        cheek = bump(side - 122.0, y - 535.0, 75.0, 62.0)
        low = bump(side - 165.0, y - 585.0, 75.0, 88.0)
        wing = bump(side - 34.0, y - 525.0, 30.0, 34.0)
        moves = add(
            moves,
            {
                "cheekPuff": (sign * 25.0 * low, 5.0 * low),
                "age": (-sign * 5.0 * bump(side - 175.0, y - 545.0, 60.0, 60.0) + sign * 5.0 * low, 4.0 * low),
                "masculine": (
                    sign * 17.0 * bump(side - 135.0, y - 640.0, 70.0, 62.0),
                    7.0 * smooth(600.0, 700.0, y) / 2,
                ),
                f"mouthSmile{name}": (sign * (8.0 * cheek + 5.0 * low), -13.0 * cheek),
                f"mouthDimple{name}": (sign * 6.0 * low, 0.0),
                f"mouthStretch{name}": (sign * 8.0 * low, 3.0 * low),
                f"mouthFrown{name}": (0.0, 6.0 * low),
                f"cheekSquint{name}": (sign * 4.0 * cheek, -17.0 * cheek),
                f"noseSneer{name}": (sign * 5.0 * wing - sign * 3.0 * cheek, -15.0 * wing - 8.0 * cheek),
                f"mouthUpperUp{name}": (sign * 2.0 * wing, -5.0 * wing - 3.0 * cheek),
            },
        )
    return moves


def skin(x: float, y: float) -> Moves:
    """Return movements of the skin at a place of the picture; near the lips it follows them."""
    s = min(1.0, max(-1.0, (x - MIDDLE) / HALF))
    beyond = max(0.0, abs(x - MIDDLE) - HALF)
    below = y - line(s)
    thick = 24.0 if below > 0.0 else 15.0
    away = math.hypot(beyond, max(0.0, abs(below) - thick * (1.0 - s * s)))
    near = math.exp(-((away / 40.0) ** 2))
    if near < 0.02:
        return face(x, y)
    return add(scale(face(x, y), 1.0 - near), scale(lip(LOWER if below > 0.0 else UPPER, s, True), near))
