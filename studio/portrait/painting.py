"""Paints people: candidates by seed, moods, the way from one person to another. Pure apart from the nets."""

from __future__ import annotations

from typing import Final

import numpy as np

from studio.portrait.model import Bytes, Floats, Nets, to_bytes
from studio.portrait.told import Traits, numbers

CALMER: Final = 0.8  # of chance's spread: what is far from its middle is painted worse
MOODS: Final = {"neutral": "calm", "happy": "happy", "sad": "sad", "surprised": "surprised"}  # names as cards have them


def drawn(nets: Nets, seed: int, number: int = 0, *, spread: float = CALMER) -> Floats:
    """Return the chance (chance,) of one candidate; the same seed and number give the same."""
    random = np.random.default_rng((seed, 42, number))
    return (random.standard_normal(nets.chance) * spread).astype(np.float32)


def painted(nets: Nets, chance: Floats, told: Floats) -> Bytes:
    """Paint one person (size, size, 3)."""
    picture: Bytes = to_bytes(nets.paint(chance[None], told[None]))[0]
    return picture


def candidates(nets: Nets, chosen: Traits, seed: int, count: int) -> Bytes:
    """Paint `count` different people of the same description (count, size, size, 3)."""
    chance = np.stack([drawn(nets, seed, number) for number in range(count)])
    return to_bytes(nets.paint(chance, np.tile(numbers(chosen), (count, 1))))


def moods(nets: Nets, chance: Floats, told: Floats) -> dict[str, Bytes]:
    """Paint one person in each mood, by the names that cards have for them."""
    rows = []
    for mood in MOODS.values():
        row = told.copy()
        row[-len(MOODS) :] = numbers({**_ANY, "mood": mood})[-len(MOODS) :]
        rows.append(row)
    pictures = to_bytes(nets.paint(np.tile(chance, (len(rows), 1)), np.stack(rows)))
    return dict(zip(MOODS, pictures, strict=True))


def between(nets: Nets, one: tuple[Floats, Floats], other: tuple[Floats, Floats], steps: int) -> Bytes:
    """Paint the way from one person (chance, told) to another (steps, size, size, 3), both ends included.

    Chance goes along the arc between the two, since it lies near a sphere; the description goes straight.
    """
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    chance = np.stack([arc(one[0], other[0], float(each)) for each in share[:, 0]])
    told = one[1] * (1 - share) + other[1] * share
    return to_bytes(nets.paint(chance.astype(np.float32), told.astype(np.float32)))


def arc(one: Floats, other: Floats, share: float) -> Floats:
    """Return the point at `share` of the way between two, along the arc (Shoemake 1985); its length goes straight."""
    first, second = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    if min(first, second) < 1e-6:
        return (one * (1 - share) + other * share).astype(np.float32)
    angle = float(np.arccos(np.clip(np.dot(one / first, other / second), -1, 1)))
    if angle < 1e-4 or np.pi - angle < 1e-4:
        return (one * (1 - share) + other * share).astype(np.float32)
    way = (np.sin((1 - share) * angle) * one / first + np.sin(share * angle) * other / second) / np.sin(angle)
    point: Floats = (way * (first * (1 - share) + second * share)).astype(np.float32)
    return point


def sheet(pictures: Bytes, columns: int) -> Bytes:
    """Lay pictures (n, size, size, 3) out in rows; places that are left over are white."""
    count, size = len(pictures), pictures.shape[1]
    columns = min(columns, count)
    rows = -(-count // columns)
    whole = np.full((rows * columns, size, size, 3), 255, np.uint8)
    whole[:count] = pictures
    return whole.reshape(rows, columns, size, size, 3).transpose(0, 2, 1, 3, 4).reshape(rows * size, columns * size, 3)


_ANY: Final = {
    "presentation": "female", "skin": "fair", "age": "young", "hair": "bob", "colour": "black", "eyes": "dark",
    "glasses": "none", "beard": "none", "clothes": "white", "mood": "calm",
}  # fmt: skip
