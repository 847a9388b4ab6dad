"""The shape of the mark: which tones it is made of, and which of them carry which sign. Pure.

It repeats every 0.64 s, so it is made of harmonics of 1.5625 Hz between 1500 and 6000 Hz, each with a phase that the
key tells. Every 48 neighbouring harmonics belong to 48 groups in an order that the key tells as well: 16 groups are
always positive (they tell where a period begins), 32 carry the signs of the payload's code word. All groups are
orthogonal over a period, at every sample rate.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engines.provenance.audio.code import LENGTH, word

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

PERIOD: Final = 0.64  # s; a whole number of samples at 8, 11.025, 12, 16, 22.05, 24, 32, 44.1 and 48 kHz
SYNC: Final = 16  # groups that are always positive
GROUPS: Final = SYNC + LENGTH
EDGES: Final = (1500, 1800, 2100, 2500, 3000, 3600, 4300, 5100, 6000)  # Hz: bands that follow the voice each for itself
RATES: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
TOP: Final = 0.46  # of the sample rate: no tone lies above
PUBLIC: Final = b"companion-bridge audio mark 1"  # the key that everybody has, so that everybody can detect


@dataclass(frozen=True, slots=True)
class Keyed:
    """What a key makes of the harmonics: their numbers, their phases (rad) and their groups, all of one length."""

    numbers: Ints
    phases: Floats
    groups: Ints


@lru_cache(maxsize=8)
def keyed(key: bytes) -> Keyed:
    """Derive phases and groups from a key of any length."""
    numbers = np.arange(round(EDGES[0] * PERIOD), round(EDGES[-1] * PERIOD))
    drawn = hashlib.shake_256(b"phases\0" + key).digest(4 * len(numbers))
    phases = np.frombuffer(drawn, "<u4").astype(np.float64) * (2 * np.pi / 2**32)
    order = np.frombuffer(hashlib.shake_256(b"groups\0" + key).digest(8 * (len(numbers) + GROUPS)), "<u8")
    blocks = [np.argsort(order[at : at + GROUPS], kind="stable") for at in range(0, len(numbers), GROUPS)]
    return Keyed(numbers, phases, np.concatenate(blocks)[: len(numbers)])


@lru_cache(maxsize=64)
def carriers(key: bytes, payload: int, rate: int) -> Floats:
    """Return one period of the mark, shape (bands, samples), each band of root mean square 1 (0 where it cannot be)."""
    shape, size = keyed(key), samples(rate)
    signs = np.concatenate([np.ones(SYNC), word(payload)])[shape.groups]
    frequencies = shape.numbers / PERIOD
    made = np.zeros((len(EDGES) - 1, size))
    for band, (low, high) in enumerate(pairwise(EDGES)):
        inside = (frequencies >= low) & (frequencies < min(high, TOP * rate))
        if not inside.any():
            continue
        tones = np.zeros(size // 2 + 1, complex)
        tones[shape.numbers[inside]] = np.exp(1j * shape.phases[inside]) * signs[inside]
        wave = np.fft.irfft(tones, size)
        made[band] = wave / wave.std()
    made.flags.writeable = False
    return made


def samples(rate: int) -> int:
    """Return the samples of a period; ValueError for a rate at which it is not a whole number."""
    size = rate * 16
    if size % 25:
        raise ValueError(f"a mark has no whole period at {rate} Hz")
    return size // 25
