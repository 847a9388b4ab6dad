"""Says when each moment of a reply is heard by everybody in a room. Pure: time is an argument.

Every device plays what it gets by one clock, so all get the same instant: late enough for the slowest line that is
still good, and never before what was said last has ended.
"""

from __future__ import annotations

from typing import Final

from bridge.core.timeline import MEDIA_RATE

DELAY: Final = 0.15  # seconds from the first media of a reply to its first sound
LEAST: Final = 0.05  # seconds that media must be ahead of its instant; what is later begins anew with DELAY


class Downbeat:
    """The shared clock of one room's replies."""

    def __init__(self) -> None:
        self._turn = 0
        self._origin = 0.0  # when tick 0 of the turn is heard
        self._end = float("-inf")  # when all that was sent will have been heard

    def at(self, turn: int, pts: int, length: int, now: float) -> float:
        """Return when tick `pts` of `turn` is heard, for media of `length` ticks that leaves at `now` (seconds)."""
        offset = pts / MEDIA_RATE
        if turn != self._turn or self._origin + offset < now + LEAST:
            # A turn begins, or its voice had to wait for words: everybody waits as long.
            self._turn = turn
            self._origin = max(now + DELAY, self._end) - offset
        at = self._origin + offset
        self._end = max(self._end, at + length / MEDIA_RATE)
        return at

    def cut(self, now: float) -> None:
        """Note that what was sent is not heard any further."""
        self._end = min(self._end, now)
        self._turn = 0
