"""Makes a head of hair from its style: parts of ribbons, shells and what is gathered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.interpolate import CubicSpline

from studio.head.hair.clumps import clumps
from studio.head.hair.extras import BUN, braid, bun, ponytail, shells, tufts
from studio.head.hair.field import Surface
from studio.head.hair.grow import Growth, grow, settled
from studio.head.hair.layers import Layer, Style
from studio.head.hair.ribbons import Ribbons, ribbons
from studio.head.hair.roots import Roots, roots
from studio.head.hair.scalp import scalp
from studio.head.model import Floats, Ints, Part
from studio.head.skin.noise import noise
from studio.head.stock import Points

FINE: Final = 0.005  # metres: hairs that a cartoon leaves out
FEWER: Final = 0.42  # of the strands are a cartoon's locks,
WIDER: Final = 1.75  # times as wide
LONGEST: Final = 24  # points of a cartoon's lock
BRIGHT: Final = 1.30  # how much brighter the brightest vertices are than the material


@dataclass(frozen=True, slots=True)
class Head:
    """The person's shape that hair grows on: all points (n, 3), and the body's surface."""

    points: Points
    body: Surface


def hair(head: Head, style: Style, seed: int, *, share: float = 1.0, drawn: bool = False) -> tuple[Part, ...]:
    """Return the parts of a head of hair; `share` 0..1 of its strands, made wider to cover as much.

    `drawn` makes a cartoon's: fewer locks, closed and pointed.
    """
    parts = []
    found = [
        _layer(head, style, layer, (seed, number), share, drawn=drawn)
        for number, layer in enumerate(style.layers)
        if not (drawn and layer.widths[1] < FINE)
    ]
    found += list(_gathered(head, style, seed, share, drawn=drawn))
    if found:
        parts.append(_part("hair", _joined(found), "hair", seed))
    if style.puff:
        levels = style.shells[-1:] if drawn else style.shells
        made = shells(head.points, style.puff, levels, style.tile, seed, style.receding)
        parts.append(_part("hair curls", made, "curls", seed))
        if style.fuzz and not drawn:
            random = np.random.default_rng((seed, 25))
            strands, widths = tufts(head.body, made, int(style.fuzz * share), random)
            columns = random.choice((1, 2), len(strands)).astype(float)
            loose = flat(ribbons(head.body, strands, widths * share**-0.5, columns, bend=0.0, round_=0.85, tilt=0.22))
            parts.append(_part("hair fuzz", loose, "hair", seed))
    return tuple(parts)


def coloured(share: Floats, strand: Ints, seed: int) -> Floats:
    """Return how bright vertices are (n, 4), linear: roots are dark, tips light, strands differ."""
    random = np.random.default_rng((seed, 21))
    tints = np.clip(1 + 0.10 * random.normal(size=int(strand.max()) + 1), 0.75, 1.25)
    bright = np.interp(share, [0, 0.2, 0.6, 1], [0.62, 0.86, 1.0, 1.08]) * tints[strand]
    out = np.ones((len(share), 4), np.float32)
    out[:, :3] = np.clip(bright / BRIGHT, 0, 1)[:, None]
    return out


# ------------------------------------------------------------------------------------------------ parts


def _part(name: str, made: Ribbons, material: str, seed: int) -> Part:
    colours = coloured(made.share, made.strand, seed)
    return Part(name, made.positions, made.normals, made.uvs, made.triangles, material, colours=colours, bone="head")


def _layer(
    head: Head, style: Style, layer: Layer, seed: tuple[int, int], share: float, *, drawn: bool
) -> Ribbons:  # fmt: skip
    random = np.random.default_rng((*seed, 22))
    where = layer.where or (lambda places: scalp(places, receding=style.receding))
    count = layer.count * share * (FEWER if drawn else 1.0)
    rooted = roots(head.points, where, max(8, int(count)), (*seed, 23))
    strands = _strands(head.body, rooted, layer, random)
    if layer.fine:
        strands = _finer(strands, layer.fine)
    strands = waved(head.body, strands, rooted, layer, random)
    wider = share**-0.75
    widths = random.uniform(*layer.widths, len(strands)) * wider
    columns = random.choice(layer.columns, len(strands)).astype(float)
    if drawn:
        thinned = strands[:, :: 1 + strands.shape[1] // LONGEST]
        return clumps(head.body, thinned, widths * WIDER * np.clip(_length(strands) / 0.05, 0.6, 1.0))
    if layer.across == 3:
        return ribbons(head.body, strands, widths, columns)
    # Narrow ribbons are lit as the mass that they are part of, not each as a leaf.
    return flat(ribbons(head.body, strands, widths, columns, bend=0.0, round_=0.85, tilt=0.22))


def _strands(body: Surface, rooted: Roots, layer: Layer, random: np.random.Generator) -> Points:
    count = len(rooted.at)
    lengths = layer.length(rooted.rest) * random.uniform(0.90, 1.06, count)
    heights = random.uniform(*layer.heights, count)
    mess = random.normal(0, layer.messy, (count, 3))

    def comb(places: Points, share: Points) -> Points:
        ways = layer.comb(places, share)
        size = np.linalg.norm(ways, axis=1, keepdims=True)
        return ways / np.maximum(size, 1e-9) + mess * (0.4 + 0.6 * share[:, None])

    strands = grow(body, rooted, lengths, comb, layer.growth, heights)
    return settled(body, strands, heights)


def _finer(strands: Points, steps: int) -> Points:
    """Return strands (k, n, 3) with more points on a smooth line through the given ones."""
    at = np.linspace(0, strands.shape[1] - 1, steps)
    return np.asarray(CubicSpline(np.arange(strands.shape[1]), strands, axis=1)(at))


def waved(body: Surface, strands: Points, rooted: Roots, layer: Layer, random: np.random.Generator) -> Points:
    """Return strands with their layer's waves or curls; neighbours wave together, curls each turn as they like."""
    if not (layer.wave or layer.curl):
        return strands
    from studio.head.hair.ribbons import outwards

    ahead = np.gradient(strands, axis=1)
    step = np.linalg.norm(ahead, axis=2, keepdims=True)
    ahead /= np.maximum(step, 1e-9)
    up = outwards(body, strands)
    side = np.cross(ahead, up)
    side /= np.maximum(np.linalg.norm(side, axis=2, keepdims=True), 1e-6)
    up = np.cross(side, ahead)
    along = np.cumsum(step[..., 0], axis=1)
    count = len(strands)
    if layer.curl:
        phase = random.uniform(0, 2 * np.pi, count)[:, None] + 2 * np.pi * along / (
            layer.wavelength * random.uniform(0.8, 1.3, count)[:, None]
        )
        ramp = np.clip(along / 0.03, 0, 1) * layer.curl * random.uniform(0.7, 1.25, count)[:, None]
        moved = side * (ramp * np.cos(phase))[..., None] + up * (ramp * np.sin(phase))[..., None]
        return strands + moved
    tied = noise(rooted.rest.astype(np.float32), 2.2, 77)[:, None] * 2.4 + random.normal(0, 0.35, count)[:, None]
    phase = tied + 2 * np.pi * along / layer.wavelength
    ramp = np.clip((along - 0.03) / 0.12, 0, 1) * layer.wave
    moved = side * (ramp * np.sin(phase))[..., None] + up * (ramp * 0.7 * (1 + np.cos(phase)))[..., None]
    return strands + moved


def _gathered(head: Head, style: Style, seed: int, share: float, *, drawn: bool) -> Iterator[Ribbons]:
    random = np.random.default_rng((seed, 24))
    body = head.body
    for number, rest in enumerate(style.at):
        at = body.place(np.array([rest]))
        height, normals = body.near(at)
        at = at - normals * height[:, None]
        out = normals[0]
        count = max(10, int(90 * share))
        match style.gather:
            case "bun":
                middle = at[0] + out * BUN * 0.72
                strands = bun(middle, out, count, random)
                columns = random.choice((0, 0, 1), count).astype(float)
                yield _locks(body, strands, np.full(count, 0.013 * share**-0.5), columns, 0.2, drawn=drawn)
            case "ponytail":
                strands = ponytail(body, at[0] + out * 0.004, out + (0, 0.25, 0), 0.30, count, random)
                columns = random.choice((0, 1, 1, 2), count).astype(float)
                yield _locks(body, strands, np.full(count, 0.017 * share**-0.5), columns, 0.25, drawn=drawn)
            case "braids":
                side = 1 if rest[0] > 0 else -1
                rest_path = np.array(
                    [
                        rest,
                        (0.068 * side, 0.655, 0.028),
                        (0.070 * side, 0.61, 0.060),
                        (0.068 * side, 0.56, 0.095),
                        (0.066 * side, 0.50, 0.115),
                        (0.066 * side, 0.455, 0.122),
                    ]
                )
                path = body.place(rest_path)
                for _ in range(3):
                    height, normal = body.near(path)
                    path = path + normal * np.clip(0.013 - height, 0, 0.05)[:, None]
                yield braid(body, path)
                end = path[-1]
                tuft = 14
                begin = end + random.normal(0, 0.004, (tuft, 3))
                t = np.linspace(0, 1, 6)[None, :, None]
                strands = begin[:, None] + np.array((0, -0.055, 0.0)) * t + random.normal(0, 0.006, (tuft, 1, 3)) * t
                yield _locks(body, strands, np.full(tuft, 0.010), np.full(tuft, 2.0), 0.2, drawn=drawn)
            case _:
                return
        del number


def _locks(
    body: Surface, strands: Points, widths: Points, columns: Points, round_: float, *, drawn: bool
) -> Ribbons:  # fmt: skip
    return clumps(body, strands, widths) if drawn else ribbons(body, strands, widths, columns, round_=round_)


def _length(strands: Points) -> Points:
    return np.asarray(np.linalg.norm(np.diff(strands, axis=1), axis=2).sum(axis=1))


def flat(made: Ribbons) -> Ribbons:
    """Return ribbons without their middle line: half the vertices."""
    keep = np.ones(len(made.positions), bool)
    keep[1::3] = False
    number = np.cumsum(keep) - 1
    count = len(made.positions) // 3
    strand = made.strand[::3]
    left = np.arange(count) * 3
    inner = strand[:-1] == strand[1:]
    a, b = left[:-1][inner], left[1:][inner]
    triangles = np.concatenate([np.stack([a, b + 2, b], axis=1), np.stack([a, a + 2, b + 2], axis=1)])
    return Ribbons(
        made.positions[keep], made.normals[keep], made.uvs[keep], number[triangles].astype(np.int32),
        made.share[keep], made.strand[keep],
    )  # fmt: skip


def _joined(made: list[Ribbons]) -> Ribbons:
    before, strands = 0, 0
    triangles, numbers = [], []
    for each in made:
        triangles.append(each.triangles + before)
        numbers.append(each.strand + strands)
        before += len(each.positions)
        strands += int(each.strand.max()) + 1
    return Ribbons(
        np.concatenate([each.positions for each in made]),
        np.concatenate([each.normals for each in made]),
        np.concatenate([each.uvs for each in made]),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate([each.share for each in made]),
        np.concatenate(numbers).astype(np.int32),
    )


__all__ = ["Growth", "Head", "coloured", "flat", "hair", "waved"]
