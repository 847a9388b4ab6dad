"""A clock in seconds as a loudspeaker's, for playing in real time where there is none."""

from __future__ import annotations


class Wall:
    """Turns a clock in seconds into samples, for playing in real time without a device."""

    def __init__(self, rate: int, now: float) -> None:
        self._rate = rate
        self._from = now
        self._read = 0

    def due(self, now: float) -> int:
        """Return the samples since the last call; a gap over a second (the machine slept) counts as none."""
        samples = int((now - self._from) * self._rate) - self._read
        if samples > self._rate:
            self._from, self._read = now, 0
            return 0
        self._read += samples
        return samples
