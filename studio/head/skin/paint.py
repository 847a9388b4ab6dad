"""Paints the pictures of the skin: its colour, its bumps, and its gloss with the shade of its folds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.head.hair.scalp import beard, scalp
from studio.head.lashes import grid
from studio.head.model import Bytes, Floats
from studio.head.skin.brows import Brows, brows
from studio.head.skin.lines import lines
from studio.head.skin.noise import noise
from studio.head.skin.plane import Plane
from studio.head.skin.texels import Texels, mask, texels
from studio.head.skin.tone import deepened, to_linear, to_srgb, tone
from studio.head.stock import stock

EYE: Final = (0.0325, 0.728)


@dataclass(frozen=True, slots=True)
class Skin:
    """`monk` is the tone 1..10, `blood` its redness around 0, `age` in years; colours of hair are linear.

    `freckles`, `stubble`, `laughter`, `receding` and `cover` (how densely hair covers the scalp) are 0..1, `moles` a
    number, `lip` a colour that tints the lips by `lipstick` 0..1.
    """

    monk: float = 3.0
    blood: float = 0.0
    age: float = 30.0
    freckles: float = 0.0
    moles: int = 1
    brows: Brows = field(default_factory=Brows)
    hair: tuple[float, float, float] = (0.05, 0.03, 0.02)
    brow: tuple[float, float, float] = (0.05, 0.03, 0.02)
    beard: tuple[float, float, float] = (0.05, 0.03, 0.02)
    stubble: float = 0.0
    cover: float = 1.0
    receding: float = 0.0
    laughter: float = 0.0
    lip: tuple[float, float, float] = (0.45, 0.09, 0.10)
    lipstick: float = 0.0
    lashes: float = 0.6
    smooth: bool = False


@dataclass(frozen=True, slots=True)
class Painted:
    """Three pictures (size, size, 3) uint8: sRGB colour, bumps as glTF has them, and occlusion, roughness, metal."""

    colour: Bytes
    bumps: Bytes
    gloss: Bytes


def paint(skin: Skin, size: int, seed: int) -> Painted:
    """Paint the skin at `size` pixels; the same seed paints the same."""
    table = texels(size)
    places = table.places
    lip = mask("lips", size) * (table.island != 1)
    ear = mask("ears", size)
    base = tone(skin.monk)
    dark = np.clip((skin.monk - 4) / 5, 0, 1)
    blood, melanin = _zones(skin, table, ear, seed, dark)
    colour = deepened(base, (blood + skin.blood)[:, None], melanin[:, None])
    colour = _lips(colour, skin, lip, places, dark, seed)
    colour = _lids(colour, skin, size, table, dark)
    lines_ = lines(skin.age, skin.laughter, table, seed) if not skin.smooth else np.zeros(len(places), np.float32)
    colour = deepened(colour, (0.22 * lines_)[:, None], (0.5 * lines_)[:, None])
    colour = _spots(colour, skin, table, seed)
    # Reaches a little further than roots do, so that no skin shows between them.
    grown = scalp(places + (0, 0.0035, 0), receding=skin.receding, soft=0.010) * skin.cover
    # Short hair is seen as stubble; under long hair the scalp is only a ground that must not shine through.
    speckle = 0.20 if skin.cover < 0.95 else 0.05
    grown *= 1 - speckle + speckle * noise(places, 95, seed + 31)
    colour = _mixed(
        colour,
        np.array(skin.hair, np.float32) * (1.15 - 0.78 * skin.cover) + (0.16 - 0.145 * skin.cover) * base,
        np.clip(grown, 0, 1) * (0.80 + 0.19 * skin.cover),
    )
    shadow = beard(places) * (0.75 + 0.25 * noise(places, 40, seed + 32))
    dots = np.clip(noise(places, 190, seed + 33) * 1.6 - 0.1, 0, 1)
    cover = np.clip(shadow * skin.stubble * (0.42 + 0.75 * dots), 0, 1) * (1 - lip)
    colour = _mixed(colour, np.array(skin.beard, np.float32) * 0.8 + 0.16 * base * (0.8, 0.95, 1.1), cover)
    colour = _mixed(colour, np.array(skin.brow, np.float32), brows(skin.brows, table, seed) * 0.93)
    colour = _mouth(colour, table, size)
    height = _height(skin, table, lip, lines_, seed)
    return Painted(
        colour=_bytes(table.spread(to_srgb(colour))),
        bumps=bumps(table, height),
        gloss=_gloss(table, lip, ear, skin),
    )


# ------------------------------------------------------------------------------------------------ colour


def _zones(skin: Skin, table: Texels, ear: Floats, seed: int, dark: float) -> tuple[Floats, Floats]:
    """Return blood and melanin: mottled, redder at cheeks, nose, ears and chin, darker around the eyes."""
    places = table.places
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    soft = 0.35 if skin.smooth else 1.0
    blood = soft * (
        0.16 * noise(places, 3, seed) + 0.09 * noise(places, 9, seed + 1) + 0.10 * noise(places, 28, seed + 2)
    )
    melanin = soft * (
        0.07 * noise(places, 5, seed + 3) + 0.04 * noise(places, 24, seed + 4) + 0.045 * noise(places, 90, seed + 5)
    )
    cheek = _bump(x, y, 0.042, 0.697, 0.022, 0.020) * (z > 0.05)
    nose = _bump(x, y, 0.0, 0.692, 0.015, 0.012) * (z > 0.14)
    wings = _bump(x, y, 0.0165, 0.688, 0.006, 0.008) * (z > 0.12)
    chin = _bump(x, y, 0.0, 0.632, 0.018, 0.010) * (z > 0.1)
    brow = _bump(x, y, 0.0, 0.775, 0.05, 0.022) * (z > 0.1)
    socket = _bump(x, y, EYE[0], EYE[1] - 0.002, 0.024, 0.015) * (z > 0.09)
    under = _bump(x, y, EYE[0] - 0.002, EYE[1] - 0.0125, 0.013, 0.0055) * (z > 0.09)
    light = 1 - 0.55 * dark
    blood = blood + light * (
        0.48 * cheek + 0.42 * nose + 0.30 * wings + 0.22 * chin + 0.50 * ear - 0.10 * brow + 0.16 * socket
    )
    tired = 0.16 + 0.22 * np.clip((skin.age - 30) / 45, 0, 1)
    melanin = melanin + (0.07 + 0.12 * dark) * socket + tired * (0.5 if skin.smooth else 1.0) * under + 0.05 * wings
    # The beard's shadow under a man's shaved skin is painted as stubble; necks see less sun.
    melanin = melanin - 0.05 * np.clip((0.62 - y) / 0.03, 0, 1) * (z < 0.1)
    return blood.astype(np.float32), melanin.astype(np.float32)


def _lips(colour: Floats, skin: Skin, lip: Floats, places: Floats, dark: float, seed: int) -> Floats:
    y = places[:, 1]
    inner = np.exp(-(((y - 0.6605) / 0.0042) ** 2))
    own = deepened(
        colour,
        np.full((len(y), 1), 0.85 - 0.25 * dark, np.float32) + 0.25 * inner[:, None],
        0.10 + 0.30 * dark + 0.18 * inner[:, None],
    )
    tinted = own * (1 - skin.lipstick) + skin.lipstick * np.array(skin.lip, np.float32) * (
        1 - 0.25 * inner[:, None]
    ) * (0.55 + 0.45 * (1 - dark))
    streaks = 1 + 0.05 * noise(places * (1, 0.25, 1), 120, seed + 6)[:, None]
    edge = np.clip(lip * 1.15, 0, 1)[:, None] ** 1.4
    return (colour * (1 - edge) + tinted * streaks * edge).astype(np.float32)


def _lids(colour: Floats, skin: Skin, size: int, table: Texels, dark: float) -> Floats:
    """Darken the rims of the lids, where lashes root, and redden the inner corners."""
    lids = mask("eyelids", size)
    x, y, z = np.abs(table.places[:, 0]), table.places[:, 1], table.places[:, 2]
    off = np.hypot((x - 0.0325) / 0.0118, (y - 0.7285) / 0.0056)
    rim = np.exp(-(((off - 1.02) / 0.13) ** 2)) * (z > 0.1) * (table.island != 1)
    upper = np.clip((y - 0.7272) / 0.002, 0.25, 1)
    colour = deepened(colour, (0.28 * rim)[:, None], (1.25 * skin.lashes * rim * upper)[:, None])
    rims = Plane()
    for side in ("left", "right"):
        for lid, width, strength in (("upper", 0.0017, 1.0), ("lower", 0.0009, 0.42)):
            roots = stock().points[grid(f"{lid} lashes {side}")[0]][:, :2]
            rims.stroke(roots + (0, 0.0004 if lid == "upper" else -0.0002), width, strength)
    line = rims.seen(table, 0.00035) * (z > 0.1)
    colour = deepened(colour, (0.15 * line)[:, None], (2.4 * skin.lashes * line)[:, None])
    crease = _bump(x, y, 0.0325, 0.7362, 0.013, 0.0016) * (z > 0.1)
    inside = (table.island == 3).astype(np.float32)
    colour = deepened(colour, (0.10 * lids + 0.5 * inside)[:, None], (0.05 * lids + 0.30 * crease)[:, None])
    canthus = _bump(x, y, 0.0192, 0.7268, 0.0022, 0.0018) * (z > 0.1)
    pink = np.array((0.55, 0.20, 0.17), np.float32) * (1 - 0.5 * dark)
    return _mixed(colour, pink, canthus * 0.55)


def _spots(colour: Floats, skin: Skin, table: Texels, seed: int) -> Floats:
    """Add freckles, moles and the spots of age."""
    random = np.random.default_rng((seed, 13))
    sheet = Plane()
    count = int(520 * skin.freckles)
    for _ in range(count):
        x = random.normal(0, 0.030)
        y = 0.703 + random.normal(0, 0.016) if random.random() < 0.8 else random.uniform(0.63, 0.80)
        sheet.dot(x, y, abs(random.normal(0.00055, 0.0003)) + 0.0003, random.uniform(0.25, 0.8))
    freckle = sheet.seen(table, 0.0003)
    colour = deepened(colour, (0.25 * freckle)[:, None], (0.75 * freckle)[:, None])
    moles = Plane()
    for _ in range(skin.moles):
        moles.dot(random.uniform(-0.05, 0.05), random.uniform(0.635, 0.79), random.uniform(0.0006, 0.0011), 0.9)
    for _ in range(int(np.clip((skin.age - 55) / 3, 0, 9))):
        moles.dot(random.uniform(-0.065, 0.065), random.uniform(0.68, 0.83), random.uniform(0.001, 0.0026), 0.28)
    spot = moles.seen(table, 0.0003)
    return deepened(colour, (0.1 * spot)[:, None], (1.7 * spot)[:, None])


def _mouth(colour: Floats, table: Texels, size: int) -> Floats:
    """Paint the inside of the mouth, darker towards its depth."""
    inside = np.maximum(mask("inside-mouth", size), table.island == 1)[:, None]
    deep = np.clip((0.150 - table.places[:, 2]) / 0.05, 0, 1)[:, None]
    wet = np.array((0.34, 0.075, 0.065), np.float32) * (1 - 0.86 * deep)
    return (colour * (1 - inside) + wet * inside).astype(np.float32)


# ------------------------------------------------------------------------------------------------ relief and gloss


def _height(skin: Skin, table: Texels, lip: Floats, lines_: Floats, seed: int) -> Floats:
    """Return the height of the skin's relief, metres: pores, folds, the lips' creases."""
    places = table.places
    pores = noise(places, 230, seed + 7) + 0.7 * noise(places, 420, seed + 8) + 0.8 * noise(places, 120, seed + 9)
    rough = 0.45 if skin.smooth else 0.8 + 0.5 * np.clip((skin.age - 30) / 50, 0, 1)
    height = pores * 0.000020 * rough * (1 - lip) - 0.00055 * lines_
    creases = noise(places * (1, 0.12, 0.4), 150, seed + 10)
    hair = scalp(places) * noise(places, 150, seed + 11) * 0.00008 * skin.cover
    return (height + lip * creases * 0.00006 + hair).astype(np.float32)


def bumps(table: Texels, height: Floats, strength: float = 1.0) -> Bytes:
    """Turn heights (k,) in metres into a picture of normals in the surface's own space."""
    field_ = table.spread(height)
    step = np.maximum(np.linalg.norm(np.gradient(table.spread(table.places), axis=1), axis=-1), 1e-5)
    down = np.maximum(np.linalg.norm(np.gradient(table.spread(table.places), axis=0), axis=-1), 1e-5)
    x = -np.gradient(field_, axis=1) / step * strength
    y = np.gradient(field_, axis=0) / down * strength
    normal = np.stack([np.clip(x, -1, 1), np.clip(y, -1, 1), np.ones_like(x)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return ((normal * 0.5 + 0.5) * 255 + 0.5).astype(np.uint8)


def _gloss(table: Texels, lip: Floats, ear: Floats, skin: Skin) -> Bytes:
    """Return occlusion, roughness and metal: noses and foreheads shine, lips more, hair and cheeks less."""
    places = table.places
    x, y, z = np.abs(places[:, 0]), places[:, 1], places[:, 2]
    shine = (
        _bump(x, y, 0, 0.775, 0.03, 0.02)
        + _bump(x, y, 0, 0.70, 0.012, 0.03) * (z > 0.13)
        + 0.5 * _bump(x, y, 0, 0.632, 0.015, 0.01)
    )
    rough = 0.60 - 0.11 * np.clip(shine, 0, 1) + 0.04 * ear
    rough = rough * (1 - lip) + (0.40 - 0.12 * skin.lipstick) * lip
    rough = np.where(table.island == 1, 0.30, rough)
    rough = np.clip(rough + 0.12 * scalp(places) * skin.cover, 0.2, 0.95)
    picture = np.ones((len(rough), 3), np.float32)
    picture[:, 1], picture[:, 2] = rough, 0
    return _bytes(table.spread(picture))


def _bump(x: NDArray[np.floating], y: NDArray[np.floating], at: float, up: float, wide: float, tall: float) -> Floats:
    return np.exp(-(((x - at) / wide) ** 2) - ((y - up) / tall) ** 2).astype(np.float32)


def _mixed(colour: Floats, other: NDArray[np.floating], cover: NDArray[np.floating]) -> Floats:
    part = np.asarray(cover, np.float32)[:, None]
    return (colour * (1 - part) + other.astype(np.float32) * part).astype(np.float32)


def _bytes(picture: Floats) -> Bytes:
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


__all__ = ["Painted", "Skin", "bumps", "paint", "to_linear"]
