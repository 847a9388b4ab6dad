"""The sound of one utterance as a recogniser looks at it: what was heard until now, and where speech ended last. Pure.

Levels are judged frame by frame as they come and never again, so that the same samples give the same answers however
they were cut. All positions are samples at MIC_RATE.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.api import MIC_RATE

FRAME: Final = MIC_RATE // 50
TAIL: Final = round(0.16 * MIC_RATE)  # of what follows the last loud frame belongs to it
SILENT: Final = -55.0  # dBFS; below it nothing is heard
ABOVE_NOISE: Final = 6.0  # dB above the quietest tenth of a second
BELOW_PEAK: Final = 32.0  # dB below the loudest frame
SMOOTH: Final = 5  # frames over which the quietest stretch is taken


class Utterance:
    """The samples since its beginning, s16le."""

    def __init__(self) -> None:
        self._sound = bytearray()
        self._loud: list[bool] = []
        self._levels: list[float] = []
        self._peak = self._floor = -math.inf
        self._last = 0  # end of the last loud frame
        self._audible = False

    def push(self, data: bytes) -> None:
        """Take more sound; an odd byte waits for its other half."""
        self._sound += data
        while (len(self._loud) + 1) * FRAME * 2 <= len(self._sound):
            self._judge(len(self._loud))

    @property
    def samples(self) -> int:
        """How much was heard."""
        return len(self._sound) // 2

    @property
    def silent(self) -> bool:
        """Whether nothing could be heard at all."""
        return not self._audible

    @property
    def paused(self) -> bool:
        """Whether speech has stopped for now."""
        return self._last > 0 and self.samples >= self._last + TAIL

    @property
    def end(self) -> int:
        """Where the speech ends: a little after the last loud frame, or with the sound itself."""
        return self._last + TAIL if self.paused else self.samples

    def loudness(self, start: int, end: int) -> float:
        """Measure the share 0..1 of a stretch's frames that are loud."""
        frames = self._loud[start // FRAME : max(start // FRAME + 1, end // FRAME)]
        return sum(frames) / len(frames) if frames else 0.0

    def tight(self, start: int, end: int) -> tuple[int, int]:
        """Trim the quiet at a stretch's ends, as far as that leaves anything."""
        first, last = start // FRAME, min(len(self._loud), -(-end // FRAME))
        loud = [number for number in range(first, last) if self._loud[number]]
        return (max(start, loud[0] * FRAME), min(end, (loud[-1] + 1) * FRAME)) if loud else (start, end)

    def audio(self, start: int, end: int) -> NDArray[np.float32]:
        """Return the samples of a stretch, -1..1."""
        return np.frombuffer(bytes(self._sound[2 * start : 2 * end]), "<i2").astype(np.float32) / np.float32(32768)

    def _judge(self, number: int) -> None:
        samples = np.frombuffer(bytes(self._sound[2 * number * FRAME : 2 * (number + 1) * FRAME]), "<i2")
        power = float(np.mean(np.square(samples, dtype=np.float64))) / 2**30
        level = 10 * math.log10(power) if power > 0 else -120.0
        self._levels = [*self._levels[1 - SMOOTH :], level]
        self._peak = max(self._peak, level)
        if len(self._levels) == SMOOTH:
            mean = sum(self._levels) / SMOOTH
            self._floor = mean if self._floor == -math.inf else min(self._floor, mean)
        floor = level if self._floor == -math.inf else self._floor
        loud = level > max(SILENT, self._peak - BELOW_PEAK, floor + ABOVE_NOISE)
        self._audible = self._audible or level > SILENT
        self._loud.append(loud)
        if loud:
            self._last = (number + 1) * FRAME
