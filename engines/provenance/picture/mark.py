"""Puts a mark into a picture and finds it in copies that were coded anew and made larger or smaller.

The mark lies in the discrete cosine transform of the whole picture's lightness, in coefficients that are coarse enough
to survive JPEG and halving, and fine enough not to be seen. As a coefficient means the same wave whatever the picture's
size, a copy of another size needs no search. Each coefficient is compared with its neighbours' size and belongs to one
of 48 groups by the key: 16 are always positive, 32 carry the signs of the payload's code word. Whoever embeds knows the
picture, and so changes each group only as far as it is not yet what it is to be.

It does not survive cutting off more than a few percent at an edge, or turning.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engines.provenance.audio.code import LENGTH, nearest, word

Floats: TypeAlias = NDArray[np.float64]
Pixels: TypeAlias = NDArray[np.uint8]

LOW: Final = 20  # half waves across the picture: the coarsest that carry the mark
HIGH: Final = 112  # ... and the finest
SYNC: Final = 16
GROUPS: Final = SYNC + LENGTH
SMALLEST: Final = 120  # pixels of the shorter side: a picture holds as many half waves as it has pixels
LARGEST: Final = 64 * 1024 * 1024  # pixels
AIM: Final = 1.5  # what each group is to say, in standard deviations
STRONGEST: Final = 2.5  # root mean square of the change, of 255, above which less is aimed at
NEAR: Final = 0.05  # of a standard deviation: as good as reached
ROUNDS: Final = 8
CLIP: Final = 2.0  # a coefficient counts at most so many times its neighbours' size
# Scores of pictures without a mark have this mean and spread, by bench/marks.py; both are rounded up.
MEAN: Final = 3.5
SPREAD: Final = 0.7
CHANCE: Final = 1e-6
LIGHT: Final = np.array([0.299, 0.587, 0.114])
PUBLIC: Final = b"companion-bridge picture mark 1"


class NoRoom(ValueError):
    """A picture that is too small or too large for a mark."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture tells: whether there is a mark, whose (-1 without), how surely, and how likely chance would be."""

    marked: bool
    payload: int
    score: float
    chance: float
    mirrored: bool = False


def embed(pixels: Pixels, payload: int, *, key: bytes = PUBLIC) -> Pixels:
    """Return the picture with the mark: (height, width, 3 or 4) or (height, width), of 0..255; transparency stays.

    Raises NoRoom. A picture with nothing in it, of one colour alone, comes back as it was.
    """
    _check(pixels)
    light = _light(pixels)
    if light.std() < 0.5:
        return pixels
    tall, wide = _waves(light.shape[0]), _waves(light.shape[1])
    signs = np.concatenate([np.ones(SYNC), word(payload)])
    shape = _keyed(key)
    mask = _busy(light)
    made = light
    for _ in range(ROUNDS):
        said, size = _says(_coefficients(made, tall, wide), shape)
        lacking = np.maximum(0.0, AIM - signs * said)
        if lacking.max() < NEAR:
            break
        # The same step for every coefficient of a group: the least change for what it says, nearly.
        gain = np.bincount(shape.groups, weights=1 / size, minlength=GROUPS) / math.sqrt(shape.each)
        change = np.zeros((HIGH, HIGH))
        change[shape.rows, shape.columns] = shape.signs * (signs * lacking / gain)[shape.groups]
        step = _picture(change, tall, wide, light.shape) * mask
        made = np.clip(made + step, 0, 255)
        moved = float(np.sqrt(np.mean((made - light) ** 2)))
        if moved > STRONGEST:
            made = light + (made - light) * (STRONGEST / moved)
            break
    return _with_light(pixels, made - light)


def detect(pixels: Pixels, *, key: bytes = PUBLIC) -> Seen:
    """Look for the mark of `key`, also in a mirror image; raises NoRoom."""
    _check(pixels)
    light = _light(pixels)
    if light.std() < 0.5:
        return Seen(False, -1, 0.0, 1.0)
    found = _coefficients(light, _waves(light.shape[0]), _waves(light.shape[1]))
    shape = _keyed(key)
    best, most, turned = -1, 0.0, False
    for mirrored in (False, True):
        seen = found * np.where(np.arange(HIGH) % 2, -1, 1)[None, :] if mirrored else found
        said, _ = _says(seen, shape)
        payload, agrees = nearest(said[SYNC:])
        score = (agrees + float(said[:SYNC].sum())) / math.sqrt(GROUPS)
        if score > most:
            best, most, turned = payload, score, mirrored
    chance = min(1.0, math.erfc((most - MEAN) / (SPREAD * math.sqrt(2))))
    marked = chance <= CHANCE
    return Seen(marked, best if marked else -1, most, chance, turned and marked)


# ------------------------------------------------------------------------------------------------ parts


@dataclass(frozen=True, slots=True)
class _Keyed:
    """Which coefficients carry the mark, with what sign, and to which group each belongs; `each` are in a group."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    signs: Floats
    groups: NDArray[np.int64]
    each: float


@lru_cache(maxsize=8)
def _keyed(key: bytes) -> _Keyed:
    row, column = np.mgrid[0:HIGH, 0:HIGH]
    far = np.hypot(row, column)
    rows, columns = np.nonzero((far >= LOW) & (far < HIGH) & (row > 0) & (column > 0))
    count = len(rows)
    drawn = np.frombuffer(hashlib.shake_256(b"signs\0" + key).digest(count), np.uint8)
    order = np.frombuffer(hashlib.shake_256(b"groups\0" + key).digest(8 * count), "<u8")
    # Neighbours in distance from the middle go to different groups, so that every group has coarse and fine ones.
    ranks = np.lexsort((order, far[rows, columns].astype(int) // 4))
    groups = np.empty(count, np.int64)
    groups[ranks] = np.arange(count) % GROUPS
    return _Keyed(rows, columns, np.where(drawn & 1, 1.0, -1.0), groups, count / GROUPS)


@lru_cache(maxsize=32)
def _waves(size: int) -> Floats:
    """Return the coarsest cosines over `size` pixels, (HIGH, size), orthonormal."""
    place = (np.arange(size) + 0.5) * (np.pi / size)
    waves = np.cos(np.arange(HIGH)[:, None] * place[None, :]) * math.sqrt(2 / size)
    waves[0] /= math.sqrt(2)
    waves.flags.writeable = False
    return waves


def _coefficients(light: Floats, tall: Floats, wide: Floats) -> Floats:
    """Return the coarse part of the transform, brought to the same scale for every size of picture."""
    made: Floats = (tall @ light @ wide.T) / math.sqrt(light.size)
    return made


def _picture(change: Floats, tall: Floats, wide: Floats, shape: tuple[int, ...]) -> Floats:
    made: Floats = (tall.T @ change @ wide) * math.sqrt(shape[0] * shape[1])
    return made


def _says(coefficients: Floats, shape: _Keyed) -> tuple[Floats, Floats]:
    """Return what each group says, in standard deviations, and the size of each coefficient's neighbours."""
    power = np.pad(coefficients**2, 3, mode="reflect")
    total = power.cumsum(0).cumsum(1)
    total = np.pad(total, ((1, 0), (1, 0)))
    around = total[7:, 7:] - total[:-7, 7:] - total[7:, :-7] + total[:-7, :-7]
    size = np.sqrt(np.maximum(around / 49, 1e-8))[shape.rows, shape.columns]
    plain = np.clip(coefficients[shape.rows, shape.columns] / size, -CLIP, CLIP) * shape.signs
    said = np.bincount(shape.groups, weights=plain, minlength=GROUPS)
    count = np.bincount(shape.groups, weights=np.clip(plain, -CLIP, CLIP) ** 2, minlength=GROUPS)
    spread = math.sqrt(float(count.mean())) or 1.0
    return said / spread, size


def _busy(light: Floats) -> Floats:
    """Return where a change hides: more in texture, less in plain places; of mean 1."""
    wide = np.pad(light, 2, mode="edge")
    beside = (wide[:-4, 2:-2], wide[4:, 2:-2], wide[2:-2, :-4], wide[2:-2, 4:])
    rough: Floats = np.mean([np.abs(light - each) for each in beside], axis=0)
    for axis in (0, 1):
        rough = _averaged(rough, max(3, light.shape[axis] // 40) | 1, axis)
    mask = 0.35 + np.clip(rough / (rough.mean() + 1e-9), 0, 2.5)
    made: Floats = mask / mask.mean()
    return made


def _averaged(values: Floats, size: int, axis: int) -> Floats:
    """Return the mean of `size` (odd) neighbours along an axis."""
    pads = [(0, 0), (0, 0)]
    pads[axis] = (size // 2 + 1, size // 2)
    total = np.cumsum(np.pad(values, pads, mode="edge"), axis=axis)
    ahead, behind = np.moveaxis(total, axis, 0)[size:], np.moveaxis(total, axis, 0)[:-size]
    made: Floats = np.moveaxis(ahead - behind, 0, axis) / size
    return made


def _light(pixels: Pixels) -> Floats:
    if pixels.ndim == 2:
        return pixels.astype(np.float64)
    light: Floats = pixels[..., :3].astype(np.float64) @ LIGHT
    return light


def _with_light(pixels: Pixels, change: Floats) -> Pixels:
    if pixels.ndim == 2:
        return np.clip(np.rint(pixels + change), 0, 255).astype(np.uint8)
    made = pixels.copy()
    made[..., :3] = np.clip(np.rint(pixels[..., :3] + change[..., None]), 0, 255).astype(np.uint8)
    return made


def _check(pixels: Pixels) -> None:
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))):
        raise NoRoom("a picture is marked as 8-bit grey, RGB or RGBA")
    if min(pixels.shape[:2]) < SMALLEST or pixels.shape[0] * pixels.shape[1] > LARGEST:
        raise NoRoom(f"a mark needs a picture of at least {SMALLEST} pixels each way, and at most 64 megapixels")
