"""Voice detection by level above an adaptive noise floor: the light alternative to a network, a few µs per window.

It hears how loud it is and how steady, not whether it is speech: a door that slams counts as a voice for a moment, and
a tone counts as one until it has lasted `MEMORY`. The floor is the minimum of recent levels, after Martin, "Noise power
spectral density estimation based on optimal smoothing and minimum statistics" (IEEE TSAP 9(5), 2001), over the whole
band.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np

from engines.api import MIC_RATE
from engines.jobs import VadStream

SAMPLE: Final = np.dtype("<i2")
FULL_SCALE: Final = 32768.0**2
LOWEST: Final = -96.0  # dBFS, the floor before anything is known
MARGIN: Final = 9.0  # dB that a voice stands above the floor at least
SLOPE: Final = 1.5  # dB over which the odds change by a factor of e
MEMORY: Final = 3.0  # seconds after which a steady sound is background
BLOCKS: Final = 6  # the memory is the minima of so many stretches


class EnergyVad:
    """Voice activity by loudness.

    A window at `threshold_db` (dB below full scale, RMS without the mean) or 9 dB above the noise floor, whichever
    is more, has probability 0.5. `window` is in samples, 80 to 1600.
    """

    name = "energy"

    def __init__(self, *, threshold_db: float = -40.0, window: int = 320) -> None:
        if not -90.0 <= threshold_db <= 0.0:
            raise ValueError(f"threshold_db must be -90 to 0, not {threshold_db:g}")
        if not 80 <= window <= 1600:
            raise ValueError(f"a window must be 80 to 1600 samples, not {window}")
        self.window = window
        self._threshold = threshold_db

    async def start(self) -> None:
        """Load nothing."""

    async def close(self) -> None:
        """Release nothing."""

    def open(self) -> VadStream:
        """Open a stream that knows nothing of its background yet."""
        return EnergyStream(self._threshold, self.window)


class EnergyStream:
    """One microphone and its noise floor."""

    def __init__(self, threshold: float, window: int) -> None:
        self._threshold = threshold
        self._window = window
        self._samples = np.empty(window)
        self._ones = np.ones(window)
        self._block = max(1, round(MEMORY / BLOCKS * MIC_RATE / window))
        self.reset()

    def probability(self, window: bytes) -> float:
        """Return exactly 0.0 for digital silence; raises ValueError for a window of another length."""
        count = self._window
        if len(window) != 2 * count:
            raise ValueError(f"a window is {2 * count} bytes, not {len(window)}")
        samples = self._samples
        samples[:] = np.frombuffer(window, SAMPLE)
        mean = float(samples.dot(self._ones)) / count
        power = float(samples.dot(samples)) / count - mean * mean
        if power <= 0.0:
            return 0.0
        level = 10.0 * math.log10(power / FULL_SCALE)
        odds = (level - max(self._threshold, self._floor + MARGIN)) / SLOPE
        self._settle(level)
        return 1.0 / (1.0 + math.exp(-odds)) if odds > -60.0 else 0.0

    def reset(self) -> None:
        """Forget the background."""
        self._floor = LOWEST
        self._minima = deque([LOWEST] * BLOCKS, BLOCKS)
        self._least = 0.0
        self._seen = 0

    def _settle(self, level: float) -> None:
        self._least = min(self._least, level)
        self._floor = min(self._floor, level)
        self._seen += 1
        if self._seen == self._block:
            self._minima.append(self._least)
            self._floor = min(self._minima)
            self._least, self._seen = 0.0, 0
