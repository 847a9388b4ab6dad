"""Makes beards: ribbons that root in the skin of the jaw and move with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from studio.head.frame import frame
from studio.head.hair.grow import Growth, grow, settled
from studio.head.hair.make import Head, coloured, flat
from studio.head.hair.ribbons import ribbons
from studio.head.hair.roots import roots
from studio.head.hair.scalp import beard as grown
from studio.head.model import Floats, Part, Shape
from studio.head.stock import Points, stock
from studio.head.surface import vertex_normals

# The shapes that a beard follows: it is too large a part to follow those that hardly move it.
FOLLOWED: Final = (
    "jawOpen", "jawLeft", "jawRight", "jawForward", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft",
    "mouthRight", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthUpperUpLeft",
    "mouthUpperUpRight", "cheekPuff",
)  # fmt: skip


SEEN: Final = 1e-3  # metres: a beard that moves less does not show it


@dataclass(frozen=True, slots=True)
class Beard:
    """`count` ribbons of `length` metres at the cheeks, `chin` at the chin and `lip` over the lip.

    `part` is "all", "moustache" or "goatee", `stubs` how far short hairs stand off below them, metres.
    """

    count: int
    length: float
    chin: float
    lip: float
    stubble: float
    part: str = "all"
    width: float = 0.0060
    stubs: float = 0.0


KINDS: Final[Mapping[str, Beard]] = {
    "none": Beard(0, 0, 0, 0, 0.0),
    "stubble": Beard(0, 0, 0, 0, 0.85),
    "moustache": Beard(150, 0.014, 0.014, 0.016, 0.25, "moustache", stubs=0.0030),
    "goatee": Beard(200, 0.013, 0.018, 0.010, 0.35, "goatee", stubs=0.0040),
    "short": Beard(0, 0, 0, 0, 0.9, stubs=0.0050),
    "full": Beard(560, 0.018, 0.034, 0.013, 1.0, stubs=0.0060),
    "long": Beard(560, 0.028, 0.085, 0.016, 1.0, width=0.0080, stubs=0.0070),
}


def beard(head: Head, kind: Beard, moves: Mapping[str, Points], seed: int, *, share: float = 1.0) -> list[Part]:
    """Return the parts of a beard; `moves` are the person's shapes as motions of all points (n, 3)."""
    parts = []
    if kind.stubs:
        parts.append(_stubs(head, kind, moves, seed))
    if kind.count:
        parts.append(_ribbons(head, kind, moves, seed, share))
    return parts


def _stubs(head: Head, kind: Beard, moves: Mapping[str, Points], seed: int) -> Part:
    """Return shells of short hairs over the skin of the beard, which move as it does."""
    cut, rest = frame(), stock().points
    corners = cut.corners[cut.triangles[cut.island == 0]]
    amount = _where(rest, kind.part)
    chosen = corners[(amount[corners] > 0.30).all(axis=1)]
    used, numbers = np.unique(chosen, return_inverse=True)
    faces = numbers.reshape(-1, 3).astype(np.int32)
    places = head.points[used]
    normals = vertex_normals(places, faces)
    lift = kind.stubs * np.clip((amount[used] - 0.25) / 0.5, 0.05, 1)
    flat_uvs = np.stack([np.arctan2(rest[used, 0], rest[used, 2] - 0.06) * 5.5, rest[used, 1] * 52], axis=1)
    layers = (0.15, 0.55, 1.0)
    count = len(used)
    everywhere = np.arange(count)
    shapes = {}
    for name in FOLLOWED:
        own = moves[name][used]
        at = everywhere[np.abs(own).max(axis=1) > SEEN]
        if len(at):
            each = np.concatenate([at + count * number for number in range(len(layers))])
            shapes[name] = Shape(each.astype(np.int32), np.tile(own[at], (len(layers), 1)).astype(np.float32))
    share = np.repeat(np.array((0.4, 0.7, 1.0), np.float32), count)
    return Part(
        "beard stubs",
        np.concatenate([places + normals * (lift * part)[:, None] for part in layers]).astype(np.float32),
        np.tile(normals, (len(layers), 1)),
        np.concatenate([flat_uvs + 0.29 * number for number in range(len(layers))]).astype(np.float32),
        np.concatenate([faces + count * number for number in range(len(layers))]).astype(np.int32),
        "stubs",
        colours=coloured(share, np.zeros(len(share), np.int32), seed),
        shapes=shapes,
        bone="head",
    )


def _ribbons(head: Head, kind: Beard, moves: Mapping[str, Points], seed: int, share: float) -> Part:
    random = np.random.default_rng((seed, 41))
    rooted = roots(head.points, lambda places: _where(places, kind.part), int(kind.count * share), (seed, 42))
    x, y, z = rooted.rest.T
    chin = np.exp(-((x / 0.030) ** 2)) * np.clip((0.650 - y) / 0.02, 0, 1) * np.clip((z - 0.09) / 0.03, 0, 1)
    lip = np.clip((y - 0.6665) / 0.004, 0, 1) * np.clip((0.036 - np.abs(x)) / 0.006, 0, 1)
    lengths = kind.length + (kind.chin - kind.length) * chin
    lengths = lengths + (kind.lip - lengths) * lip
    high = np.clip((y - 0.70) / 0.02, 0, 1)
    lengths = lengths * (1 - 0.55 * high) * random.uniform(0.75, 1.1, len(x))
    heights = random.uniform(0.0008, 0.0008 + 0.22 * lengths.clip(0, 0.03))
    mess = random.normal(0, 0.22, (len(x), 3))

    def comb(places: Points, share_: Points) -> Points:
        px, py, _ = places.T
        over = np.clip((py - 0.6655) / 0.004, 0, 1) * np.clip((0.034 - np.abs(px)) / 0.006, 0, 1)
        ways = np.stack([0.25 * px / 0.06, np.full(len(px), -1.0), np.full(len(px), 0.10)], axis=1)
        sideways = np.stack(
            [np.sign(px) * (0.5 + 22 * np.abs(px)), np.full(len(px), -0.75), np.full(len(px), 0.15)], axis=1
        )
        ways = ways * (1 - over[:, None]) + sideways * over[:, None]
        tuck = np.clip(np.abs(px) / 0.05, 0, 1) * np.clip((0.64 - py) / 0.03, 0, 1)
        ways[:, 0] -= np.sign(px) * 0.5 * tuck
        return ways / np.linalg.norm(ways, axis=1, keepdims=True) + mess

    how = Growth(
        steps=4 if kind.chin < 0.05 else 6, lift=0.38, weight=0.12, cling=0.0, tuck=0.0, stiff=0.45, face=False
    )
    strands = settled(head.body, grow(head.body, rooted, lengths, comb, how, heights), heights, 1)
    wider = share**-0.7
    made = flat(
        ribbons(
            head.body,
            strands,
            random.uniform(0.75, 1.25, len(x)) * kind.width * wider,
            random.choice((0, 1, 1, 2), len(x)).astype(float),
            round_=0.45,
        )
    )
    shapes = {}
    for name in FOLLOWED:
        own = (moves[name][rooted.corners] * rooted.weights[..., None]).sum(axis=1)
        each = own[made.strand]
        at = np.nonzero(np.abs(each).max(axis=1) > SEEN)[0].astype(np.int32)
        if len(at):
            shapes[name] = Shape(at, each[at].astype(np.float32))
    return Part(
        "beard", made.positions, made.normals, made.uvs, made.triangles, "beard",
        colours=coloured(made.share, made.strand, seed), shapes=shapes, bone="head",
    )  # fmt: skip


def _where(places: Points, part: str) -> Floats:
    x, y = np.abs(places[:, 0]), places[:, 1]
    whole = grown(places)
    match part:
        case "moustache":
            return (whole * (y > 0.6655) * np.clip((0.033 - x) / 0.004, 0, 1)).astype(np.float32)
        case "goatee":
            ring = np.clip((0.030 - x) / 0.004, 0, 1) * (y > 0.60)
            return (whole * ring).astype(np.float32)
        case _:
            return whole
