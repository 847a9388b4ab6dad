"""Makes eyeballs that turn, with painted irises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.head.model import Bytes, Floats, Part, Shape
from studio.head.skin.noise import noise
from studio.head.skin.tone import to_linear, to_srgb
from studio.head.stock import Points, stock
from studio.head.surface import vertex_normals
from studio.head.units import units

IRIS: Final = 0.00655  # metres, radius
BIG: Final = 1.22  # how much larger a stylised iris is
PUPIL: Final = 0.36  # of the iris
RINGS, SPOKES = 18, 32
BACK: Final = 1.85  # rad from the front to where the ball ends, which lids hide
POWER: Final = 0.62  # of the picture's radius over the angle: gives the iris more texels
BULGE: Final = 0.0  # metres that the cornea stands out
# sRGB: the iris's outer and inner colour.
IRISES: Final[Mapping[str, tuple[tuple[int, int, int], tuple[int, int, int]]]] = {
    "brown": ((62, 38, 24), (104, 64, 36)),
    "dark": ((46, 28, 20), (72, 44, 28)),
    "hazel": ((92, 84, 50), (146, 100, 48)),
    "amber": ((138, 84, 30), (190, 128, 52)),
    "green": ((74, 104, 72), (142, 136, 78)),
    "blue": ((70, 108, 152), (142, 172, 194)),
    "grey": ((96, 110, 120), (150, 158, 160)),
    "violet": ((92, 74, 148), (150, 122, 184)),
}


@dataclass(frozen=True, slots=True)
class Ball:
    """Where an eyeball is: `middle` (3,) and `radius`, metres; `stretch` is what it is scaled by once it has turned."""

    middle: Points
    radius: float
    stretch: tuple[float, float, float] = (1.0, 1.0, 1.0)


def balls(points: Points) -> dict[str, Ball]:
    """Return the balls "left" and "right" of a shaped mesh."""
    found = {}
    for side in ("left", "right"):
        corners = np.unique(stock().groups[f"eye {side}"].points)
        middle = points[corners].mean(axis=0)
        radius = float(np.linalg.norm(points[corners] - middle, axis=1).mean())
        found[side] = Ball(middle, radius)
    return found


def eye(side: str, ball: Ball, *, bulge: float = BULGE) -> Part:
    """Return the ball as a part "eye left" or "eye right", with the shapes eyeLook* as turns about its middle."""
    theta = np.concatenate([[0.0], np.linspace(0, 1, RINGS)[1:] ** 1.25 * BACK])
    angle = np.linspace(0, 2 * np.pi, SPOKES, endpoint=False)
    away = np.array([(0.0, 0.0)] + [(t, a) for t in theta[1:] for a in angle])
    ways = np.stack(
        [np.sin(away[:, 0]) * np.cos(away[:, 1]), np.sin(away[:, 0]) * np.sin(away[:, 1]), np.cos(away[:, 0])], axis=1
    )
    edge = IRIS / ball.radius
    lift = bulge * np.clip(1 - (away[:, 0] / (edge * 1.08)) ** 2, 0, 1) ** 0.8
    local = ways * (ball.radius + lift)[:, None]
    radius = (away[:, 0] / BACK) ** POWER / 2
    uvs = np.stack([0.5 + radius * np.cos(away[:, 1]), 0.5 - radius * np.sin(away[:, 1])], axis=1)
    triangles = _wheel()
    shapes = {}
    for name, turn in turns(side).items():
        moved = (local @ turn.T - local) * np.array(ball.stretch)
        shapes[name] = Shape(np.arange(len(local), dtype=np.int32), moved.astype(np.float32))
    positions = (local * np.array(ball.stretch) + ball.middle).astype(np.float32)
    return Part(
        f"eye {side}",
        positions,
        vertex_normals(positions, triangles),
        uvs.astype(np.float32),
        triangles,
        "eye",
        shapes=shapes,
        bone=f"{side}Eye",
    )


def turns(side: str) -> dict[str, NDArray[np.float64]]:
    """Return how the data's own eye turns at each full eyeLook of this side, as matrices (3, 3).

    The turn is fitted to the moved points of the data's eye (Kabsch 1976).
    """
    rest = stock().points
    corners = np.unique(stock().groups[f"eye {side}"].points)
    found = {}
    for way in ("Up", "Down", "In", "Out"):
        name = f"eyeLook{way}{side.capitalize()}"
        unit = units()[name]
        moved = rest.copy()
        moved[unit.at] += unit.by
        a, b = rest[corners], moved[corners]
        u, _, vt = np.linalg.svd((a - a.mean(axis=0)).T @ (b - b.mean(axis=0)))
        flip = np.diag([1, 1, np.sign(np.linalg.det(vt.T @ u.T))])
        found[name] = vt.T @ flip @ u.T
    return found


def paint_eye(colour: str, size: int, seed: int, *, radius: float = 0.01496, big: bool = False) -> Bytes:
    """Paint an eyeball as seen from the front: white, iris, pupil, the lid's shade. `big` is for stylised eyes."""
    grid = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(grid, -grid)
    r = np.hypot(x, y)
    edge = (IRIS * (BIG if big else 1.0) / radius / BACK) ** POWER
    ring, angle = r / edge, np.arctan2(y, x)
    flat = np.stack([x.ravel() * 0.1, y.ravel() * 0.1, np.zeros(x.size)], axis=1).astype(np.float32)
    white = np.array((0.79, 0.755, 0.735), np.float32) * np.ones((size, size, 1), np.float32)
    far = np.clip((r - edge) / (1 - edge), 0, 1)[..., None]
    veins = np.abs(noise(flat * (1, 2.6, 1), 9, seed)).reshape(size, size, 1)
    white = white * (1 - 0.50 * far * (0.55, 0.85, 0.95)) - 0.10 * far**0.6 * np.clip(0.18 - veins, 0, 1) / 0.18 * (
        0.1,
        1,
        1,
    )
    outer, inner = (to_linear((np.array(each) / 255).astype(np.float32)) for each in IRISES[colour])
    rays = np.stack([np.cos(angle) * 0.1, np.sin(angle) * 0.1, ring * 0.012], axis=-1).reshape(-1, 3).astype(np.float32)
    fibres = (noise(rays, 34, seed + 1) + 0.7 * noise(rays, 75, seed + 2)).reshape(size, size, 1)
    collar = np.exp(-(((ring - 0.52) / 0.13) ** 2))[..., None]
    toward = np.clip((ring - 0.35) / 0.6, 0, 1)[..., None]
    iris = inner * (1 - toward) + outer * toward
    iris = iris * (1 + 0.34 * fibres) + inner * collar * 0.35
    iris = iris * (1 - 0.62 * np.clip((ring - 0.80) / 0.2, 0, 1) ** 1.5)[..., None]
    up = np.clip(y / edge, -1, 1)[..., None]
    iris = iris * (1.12 - 0.50 * np.clip(up + 0.1, 0, 1)) * (1 + 0.35 * np.clip(-up - 0.15, 0, 1))
    soft = 2.2 / size / edge
    hole = np.clip((ring - PUPIL) / soft + 0.5, 0, 1)[..., None]
    iris = iris * hole + 0.004 * (1 - hole)
    blend = np.clip((1.0 - ring) / (0.075) + 0.5, 0, 1)[..., None]
    dark_rim = 1 - 0.40 * np.exp(-(((ring - 1.04) / 0.055) ** 2))[..., None]
    whole = white * dark_rim * (1 - blend) + iris * blend
    lid = np.clip((y - 0.10) / 0.42, 0, 1)[..., None]
    whole = whole * (1 - 0.42 * lid)
    if big:
        # A drawing's eye has its lights painted on.
        for across, above, size_ in ((-0.34, 0.40, 0.26), (0.36, -0.38, 0.12)):
            off = np.hypot(x / edge - across, y / edge - above)[..., None]
            glint = np.clip((size_ - off) / 0.05 + 0.5, 0, 1)
            whole = whole * (1 - glint) + 0.95 * glint
    return (np.clip(to_srgb(whole.astype(np.float32)), 0, 1) * 255 + 0.5).astype(np.uint8)


def _wheel() -> NDArray[np.int32]:
    rows = [(0, 1 + a, 1 + (a + 1) % SPOKES) for a in range(SPOKES)]
    for ring in range(RINGS - 2):
        one, two = 1 + ring * SPOKES, 1 + (ring + 1) * SPOKES
        for a in range(SPOKES):
            b = (a + 1) % SPOKES
            rows += [(one + a, two + a, two + b), (one + a, two + b, one + b)]
    return np.array(rows, np.int32)


__all__ = ["Ball", "Floats", "balls", "eye", "paint_eye", "turns"]
