"""How loud speech is, for jaws to follow: relative to the same voice's recent past, never to its future.

Works on s16le samples of one stream in whatever pieces they come; knows nothing of phones or frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

FLOOR_DB: Final = -90.0
STRIDE: Final = 8  # power is measured on every eighth sample

GAIN_PER_DB: Final = 0.02
GAINS: Final = (0.86, 1.16)
MEMORY: Final = 0.15  # share of each vowel in the remembered level


def decibels(pcm: bytes, bounds: Sequence[tuple[int, int]]) -> list[float]:
    """Measure the mean level (dB of full scale) of each ascending (start, end) sample span of s16le `pcm`."""
    samples = np.frombuffer(pcm, "<i2")[::STRIDE].astype(np.float32)
    if not bounds or not len(samples):
        return [FLOOR_DB] * len(bounds)
    samples *= samples
    edges = np.minimum(np.array(bounds).ravel() // STRIDE, len(samples) - 1)
    power = np.add.reduceat(samples, edges)[::2] / np.maximum(edges[1::2] - edges[::2], 1) / 2**30
    levels: list[float] = (10.0 * np.log10(power + 1e-9)).tolist()
    return levels


class VowelGain:
    """How much wider than usual the jaw opens for a vowel, from its level and those of the vowels before it."""

    def __init__(self) -> None:
        self._usual: float | None = None

    def gain(self, level: float) -> float:
        """Return the factor for the next vowel, of `level` dB: within GAINS, 1 for the first."""
        if self._usual is None:
            self._usual = level
        factor = 1.0 + GAIN_PER_DB * (level - self._usual)
        self._usual += MEMORY * (max(level, self._usual - 12.0) - self._usual)
        return min(GAINS[1], max(GAINS[0], factor))
