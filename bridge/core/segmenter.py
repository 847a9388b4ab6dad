"""Turns speech probabilities into utterances: hysteresis in counted samples, with no clock and no audio.

Not voice detection (that is an engine's probability per window) and not endpointing (that is `turns`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """When speech has begun and when it is over; durations in seconds.

    Speech begins once `start_after` of sound at or above `enter` has come, with dips of less than `stop_after`
    allowed in between; it is over after `stop_after` below `leave`.
    """

    enter: float = 0.5
    leave: float = 0.35
    start_after: float = 0.06
    stop_after: float = 0.3


class Segmenter:
    """Hysteresis over one microphone's windows."""

    def __init__(self, settings: Hysteresis, rate: int) -> None:
        self._enter = settings.enter
        self._leave = settings.leave
        self._start = round(settings.start_after * rate)
        self._stop = round(settings.stop_after * rate)
        self.speaking = False
        self._loud = 0  # samples at or above `enter` while silent
        self._quiet = 0  # samples below since the last loud window

    @property
    def pausing(self) -> bool:
        """Return whether speech has begun and is silent just now."""
        return self.speaking and self._quiet > 0

    def push(self, probability: float, samples: int) -> bool | None:
        """Return True if speech has begun with this window, False if it is over, None if nothing changed."""
        if self.speaking:
            if probability >= self._leave:
                self._quiet = 0
                return None
            self._quiet += samples
            if self._quiet < self._stop:
                return None
            self.reset()
            return False
        if probability >= self._enter:
            self._quiet = 0
            self._loud += samples
            if self._loud < self._start:
                return None
            self.speaking = True
            self._loud = 0
            return True
        self._quiet += samples
        if self._quiet >= self._stop:
            self._loud = 0
        return None

    def reset(self) -> None:
        """Return to silence, as at the beginning."""
        self.speaking = False
        self._loud = 0
        self._quiet = 0
