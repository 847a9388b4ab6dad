"""Keeps one device in step with all others of a room: by the server's clock, whatever its own clock and card do. Pure.

Feed it the answers to pings; ask it when a moment of the server's clock is due here, and how fast to play so that what
is heard is what everybody hears. Times called `now` are ms of the device's own clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

KEPT: Final = 10  # pings that are looked at
EVERY_MS: Final = 2000.0  # between two of them
FIRST_MS: Final = 200.0  # between the first ones
OFF_MS: Final = 4.0  # how far beside the instant is too far ...
THERE_MS: Final = 0.5  # ... and how near is near enough
NUDGE: Final = 0.01  # how much faster or slower is played meanwhile: nobody hears it
FAR_MS: Final = 250.0  # from where on it is quicker to skip, or to wait


@dataclass(frozen=True, slots=True)
class _Answer:
    round_trip: float
    offset: float


class InStep:
    """The server's clock as one device knows it."""

    def __init__(self) -> None:
        self._answers: deque[_Answer] = deque(maxlen=KEPT)
        self._pinged: float | None = None
        self._nudging = 0.0

    def due(self, now: float) -> bool:
        """Return whether a ping is due, and note that it is sent: quickly at first, until the line is known."""
        wait = FIRST_MS if len(self._answers) < KEPT else EVERY_MS
        if self._pinged is not None and now - self._pinged < wait:
            return False
        self._pinged = now
        return True

    def pong(self, stamp: float, server: float, now: float) -> None:
        """Take the answer to the ping that was sent at `stamp`."""
        if now >= stamp:
            self._answers.append(_Answer(now - stamp, server - (stamp + now) / 2))

    @property
    def known(self) -> bool:
        """Return whether the server's clock is known at all."""
        return bool(self._answers)

    @property
    def offset(self) -> float:
        """Return how far the server's clock is ahead of this one, ms: by the quickest answer, the least delayed one."""
        return min(self._answers, key=lambda answer: answer.round_trip).offset if self._answers else 0.0

    def here(self, at: float) -> float:
        """Return when the instant `at` of the server's clock (ms, as `media.at`) comes on this device's clock."""
        return at - self.offset

    def speed(self, at: float, now: float) -> float:
        """Return how fast to play where the sample that is heard at `now` is due at `at`; 1.0: as it is.

        0.0 asks to wait, and infinity to skip, until it fits: what is heard is too far beside.
        """
        late = now - self.here(at)
        if not self.known:
            return 1.0
        if abs(late) > FAR_MS:
            self._nudging = 0.0
            return float("inf") if late > 0 else 0.0
        if abs(late) > OFF_MS:
            self._nudging = NUDGE if late > 0 else -NUDGE
        elif abs(late) < THERE_MS or late * self._nudging < 0:
            self._nudging = 0.0
        return 1.0 + self._nudging
