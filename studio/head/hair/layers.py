"""Makes the layers of strands that hair styles consist of: where they root, how long, how thick, which way combed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from studio.head.hair import combs
from studio.head.hair.grow import Comb, Growth
from studio.head.model import Floats
from studio.head.stock import Points

Lengths = Callable[[Points], Points]  # places at rest -> metres
Where = Callable[[Points], Floats]  # places at rest -> 0..1


@dataclass(frozen=True, slots=True)
class Layer:
    """Strands of one kind.

    `count` at the finest level, `length` metres, `heights` and `widths` metres from..to, `columns` of the strands'
    picture. `fine` is how many points a strand has in the end (0: as grown). Waves:
    `wave` metres to each side every `wavelength` metres; curls: a spiral of `curl` metres radius.
    """

    count: int
    length: Lengths
    comb: Comb
    growth: Growth
    heights: tuple[float, float] = (0.003, 0.010)
    widths: tuple[float, float] = (0.013, 0.019)
    columns: tuple[int, ...] = (0, 1, 1, 2)
    where: Where | None = None
    wave: float = 0.0
    wavelength: float = 0.07
    curl: float = 0.0
    messy: float = 0.15
    across: int = 3
    fine: int = 0


@dataclass(frozen=True, slots=True)
class Style:
    """A head of hair. `gather` names what is made of the gathered ends: "bun", "ponytail", "braids".

    `cover` is how densely the scalp is painted, `puff` metres that `shells` (parts of it) of tight
    curls stand off the skull, with `tile` the repeats of their picture and `fuzz` the locks that break their outline.
    """

    layers: tuple[Layer, ...] = ()
    cover: float = 1.0
    receding: float = 0.0
    gather: str = ""
    at: tuple[tuple[float, float, float], ...] = ()
    puff: float = 0.0
    shells: tuple[float, ...] = (0.0, 0.45, 0.75, 1.0)
    tile: float = 1.0
    fuzz: int = 0
    swings: bool = field(default=False)


def even(metres: float) -> Lengths:
    """Return one length for all."""
    return lambda places: np.full(len(places), metres)


def graded(top: float, side: float, nape: float, front: float | None = None) -> Lengths:
    """Return lengths that change from the top of the head to its sides and nape, and towards the forehead."""

    def lengths(places: Points) -> Points:
        y, z = places[:, 1], places[:, 2]
        high = np.clip((y - 0.765) / 0.05, 0, 1)
        low = np.where(z < 0.01, nape, side)
        found = low + (top - low) * high
        if front is not None:
            found += (front - found) * np.clip((z - 0.095) / 0.03, 0, 1) * high
        return found

    return lengths


def hanging(bottom: float, layered: float = 0.0) -> Lengths:
    """Return lengths that end at about the height `bottom` (metres at rest), `layered` shorter on top."""

    def lengths(places: Points) -> Points:
        x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
        over = np.clip(0.075 - x, 0, None) * np.clip((y - 0.78) / 0.05, 0, 1) * 1.05
        behind = np.clip((y - 0.80) / 0.05, 0, 1) * np.clip((0.06 - z) / 0.09, 0, 1) * 0.035
        return np.maximum(0.03, (y - bottom) + over + behind - layered * np.clip((y - 0.76) / 0.08, 0, 1))

    return lengths


def _fringe(places: Points) -> Floats:
    x, y, z = places.T
    return (np.clip((z - 0.076) / 0.01, 0, 1) * np.clip((0.046 - np.abs(x)) / 0.006, 0, 1) * (y > 0.79)).astype(
        np.float32
    )


def _around_fringe(places: Points) -> Floats:
    x, y, z = places.T
    return (np.clip((z - 0.066) / 0.008, 0, 1) * np.clip((0.056 - np.abs(x)) / 0.006, 0, 1) * (y > 0.78)).astype(
        np.float32
    )


def _off_ears(places: Points) -> Floats:
    """Return where hair roots that is combed back: not in front of the ears."""
    from studio.head.hair.scalp import azimuth, scalp

    angle = azimuth(places)
    beside = (angle > 58) & (angle < 100) & (places[:, 1] < 0.748)
    return (scalp(places) * ~beside).astype(np.float32)


def _fringe_length(places: Points) -> Points:
    return 0.050 + np.clip(0.128 - places[:, 2], 0, None) * 1.15


HANG: Final = Growth(steps=14, lift=0.16, weight=0.72, cling=0.55, tuck=0.75, stiff=0.42)
SHORT: Final = Growth(steps=5, lift=0.42, weight=0.10, cling=0.30, tuck=0.2, stiff=0.35, face=False)
FLAT: Final = Growth(steps=10, lift=0.10, weight=0.05, cling=0.7, tuck=0.0, stiff=0.30)


def long(
    bottom: float,
    at: float,
    *,
    layered: float = 0.02,
    count: int = 420,
    wave: float = 0.0,
    wavelength: float = 0.07,
    fine: int = 0,
) -> tuple[Layer, ...]:
    """Return hair that hangs to about the height `bottom` on both sides of a parting `at` metres left of the middle."""
    base = Layer(
        count,
        hanging(bottom, layered),
        combs.parted(at),
        HANG,
        (0.002, 0.013),
        (0.016, 0.024),
        (0, 0, 1, 1),
        wave=wave,
        wavelength=wavelength,
        fine=fine,
    )
    loose = Layer(
        count // 6,
        hanging(bottom + 0.015, layered * 2),
        combs.parted(at),
        HANG,
        (0.011, 0.017),
        (0.010, 0.016),
        (2, 3),
        messy=0.3,
        wave=wave,
        wavelength=wavelength,
        fine=fine,
    )
    beside = Layer(
        170,
        hanging(bottom + 0.01, layered),
        combs.parted(at),
        HANG,
        (0.0012, 0.005),
        (0.009, 0.014),
        (0, 0, 1),
        _beside_parting(at),
        messy=0.06,
        wave=wave,
        wavelength=wavelength,
        fine=fine,
        across=2,
    )
    return base, loose, beside


def _beside_parting(at: float) -> Where:
    """Return where hair roots that keeps a parting narrow."""

    def where(places: Points) -> Floats:
        from studio.head.hair.scalp import scalp

        x, y, z = places.T
        near = np.exp(-(((x - at * np.clip(z / 0.06, 0, 1)) / 0.006) ** 2))
        return (scalp(places) * near * (z > -0.03) * (y > 0.795)).astype(np.float32)

    return where


def edge(comb: Comb, receding: float = 0.0) -> Layer:
    """Return the fine short hair along the hairline, which lets it begin softly."""

    def where(places: Points) -> Floats:
        from studio.head.hair.scalp import azimuth, hairline, scalp

        above = places[:, 1] - hairline(azimuth(places), receding)
        near = np.clip((above + 0.004) / 0.004, 0, 1) * np.clip((0.011 - above) / 0.004, 0, 1)
        grown = scalp(places + (0, 0.003, 0), receding=receding, soft=0.006)
        return (grown * near).astype(np.float32)

    growth = Growth(steps=4, lift=0.16, weight=0.05, cling=0.5, tuck=0.0, stiff=0.4, face=False)
    return Layer(
        240,
        even(0.017),
        comb,
        growth,
        (0.0006, 0.0022),
        (0.0034, 0.0049),
        (2, 2, 3),
        where,
        messy=0.16,
        across=2,
    )


def bangs(count: int = 240) -> Layer:
    """Return a fringe over the forehead."""
    growth = Growth(steps=7, lift=0.35, weight=0.35, cling=0.35, tuck=0.0, stiff=0.45, face=False)
    return Layer(
        count,
        _fringe_length,
        combs.fringed(0.0, 0.066),
        growth,
        (0.003, 0.009),
        (0.0060, 0.0092),
        (0, 0, 1, 1, 2),
        _fringe,
        messy=0.07,
        across=2,
    )


def _no_fringe(places: Points) -> Floats:
    from studio.head.hair.scalp import scalp

    return (scalp(places) * (1 - _around_fringe(places))).astype(np.float32)


def short(
    comb: Comb,
    lengths: Lengths,
    *,
    count: int = 1150,
    growth: Growth = SHORT,
    messy: float = 0.22,
    heights: tuple[float, float] = (0.002, 0.009),
    receding: float = 0.0,
) -> tuple[Layer, ...]:
    """Return a dense layer that covers and a loose one that breaks its outline, of ribbons too narrow for leaves."""
    return (
        Layer(count, lengths, comb, growth, heights, (0.0058, 0.0088), (0, 1, 1), messy=messy, across=2),
        Layer(
            count // 3,
            lengths,
            comb,
            growth,
            (heights[1] * 0.7, heights[1] * 1.15),
            (0.0042, 0.0066),
            (2, 2, 3),
            messy=messy * 1.6,
            across=2,
        ),
        edge(comb, receding),
    )


def with_bangs(bottom: float) -> tuple[Layer, ...]:
    """Return hair to the height `bottom` with a fringe."""
    base = Layer(
        400, hanging(bottom, 0.0), combs.parted(0.0), HANG, (0.002, 0.012), (0.016, 0.024), (0, 0, 1, 1), _no_fringe
    )
    return base, bangs()


def gathered(places: tuple[tuple[float, float, float], ...], *, parting: bool = False) -> tuple[Layer, ...]:
    """Return hair that is combed to `places` and bound there."""
    targets = np.array(places)

    def lengths(at: Points) -> Points:
        off = np.linalg.norm(at[:, None] - targets[None], axis=2)
        if len(targets) > 1:
            off = np.where(np.sign(targets[None, :, 0]) * np.sign(at[:, None, 0]) < 0, 9.0, off)
        nearest = off.min(axis=1)
        return np.maximum(0.02, nearest * (1.02 + 1.1 * nearest))

    comb = combs.gathered(targets)
    return (
        Layer(430, lengths, comb, FLAT, (0.001, 0.006), (0.013, 0.019), (0, 0, 1), _off_ears, messy=0.04),
        Layer(40, lengths, comb, FLAT, (0.005, 0.009), (0.008, 0.012), (2, 3), _off_ears, messy=0.18),
        edge(comb),
    )
