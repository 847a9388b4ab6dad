"""When a client tells where it is playing: at a turn's beginning, each 200 ms, at its end, and after a resume."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from talk.heard import Began, Ended, Heard
from talk.playout import LOST

EVERY_S = 0.2


class Reporter:
    """Says which playheads are to be sent; time is an argument, in seconds of any clock."""

    def __init__(self) -> None:
        self._last = float("-inf")
        self._resumed = False

    def resumed(self) -> None:
        """Note that the session was taken up again: the server waits for a playhead."""
        self._resumed = True

    def due(self, events: Iterable[Heard], turn: int, pts: int, now: float) -> Iterator[tuple[int, int]]:
        """Yield turn and pts of each playhead to send, after `events` were heard and `turn` (0: none) is at `pts`."""
        for event in events:
            match event:
                case Began():
                    yield self._told(event.turn, event.pts, now)
                case Ended() if event.reason != LOST:
                    yield self._told(event.turn, event.pts, now)
                case _:
                    pass
        if self._resumed or (turn and now - self._last >= EVERY_S):
            yield self._told(turn, pts, now)
        self._resumed = False

    def _told(self, turn: int, pts: int, now: float) -> tuple[int, int]:
        self._last = now
        return turn, pts
