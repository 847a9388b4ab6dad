"""How loud speech is, for jaws to follow: relative to the same voice's recent past, never to its future.

Works on s16le samples of one stream in whatever pieces they come; knows nothing of phones or frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.arkit import Floats

FLOOR_DB: Final = -90.0
STRIDE: Final = 8  # power is measured on every eighth sample
BIN_S: Final = 0.010
KEPT_BINS: Final = 24

GAIN_PER_DB: Final = 0.02
GAINS: Final = (0.86, 1.16)
MEMORY: Final = 0.15  # share of each vowel in the remembered level

SPAN_DB: Final = 26.0  # from a closed to an open jaw
FALL_DB_PER_S: Final = 3.0  # how fast the loudest moment is forgotten
QUIET_DB: Final = -46.0  # of full scale: nothing below counts as speech
SMOOTHING: Final = np.exp(-0.5 * (np.arange(-6, 7) / 2.5) ** 2)


def decibels(pcm: bytes, bounds: Sequence[tuple[int, int]]) -> list[float]:
    """Mean level (dB of full scale) of each ascending (start, end) sample span of s16le `pcm`."""
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
        """The factor for the next vowel, of `level` dB: within GAINS, 1 for the first."""
        if self._usual is None:
            self._usual = level
        factor = 1.0 + GAIN_PER_DB * (level - self._usual)
        self._usual += MEMORY * (max(level, self._usual - 12.0) - self._usual)
        return min(GAINS[1], max(GAINS[0], factor))


class Swing:
    """A jaw that swings with loudness, when no more is known of a voice than its sound."""

    def __init__(self, rate: int) -> None:
        self._bin = max(1, round(rate * BIN_S))
        self._size = self._bin / rate
        self._rest = np.zeros(0, np.int16)
        self._levels = np.full(0, FLOOR_DB)
        self._first = 0  # number of the first kept bin
        self._peak = -26.0

    def push(self, pcm: bytes) -> None:
        """Hear the next piece of the stream."""
        samples = np.concatenate([self._rest, np.frombuffer(pcm, "<i2")])
        whole = len(samples) // self._bin * self._bin
        bins = samples[:whole].reshape(-1, self._bin).astype(np.float32)
        self._rest = samples[whole:]
        levels = 10.0 * np.log10((bins * bins).mean(1) / 2**30 + 1e-9) if whole else np.zeros(0)
        dropped = max(0, len(self._levels) - KEPT_BINS)
        self._first += dropped
        self._levels = np.concatenate([self._levels[dropped:], self._relative(levels)])

    def _relative(self, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Jaw opening 0..1 a bin, against the loudest recent one."""
        fall = FALL_DB_PER_S * self._size * np.arange(1, len(levels) + 1)
        peaks = np.maximum(np.maximum.accumulate(levels + fall), self._peak) - fall
        if len(peaks):
            self._peak = float(peaks[-1])
        opening = np.clip((levels - peaks) / SPAN_DB + 1.0, 0.0, 1.0)
        return np.where(levels < QUIET_DB, 0.0, opening)

    def at(self, times: NDArray[np.float64]) -> Floats:
        """Jaw opening 0..1 at `times` (s of the stream); beyond what was heard the last value holds."""
        if not len(self._levels):
            return np.zeros(len(times), np.float32)
        padded = np.pad(self._levels, len(SMOOTHING) // 2, mode="edge")
        curve = np.convolve(padded, SMOOTHING / SMOOTHING.sum(), mode="valid")
        centres = (self._first + np.arange(len(curve)) + 0.5) * self._size
        return np.interp(times, centres, curve).astype(np.float32)
