"""Keeps the client a fixed lead ahead of what it is playing: the server's half of smooth playback.

Media waits here until the playhead is within `lead` of it, so the first burst leaves at once and the rest in real
time. The kernel would swallow more than a minute of speech before a send blocks: blocking is not a measure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from bridge.core.playhead import Playhead
from bridge.core.timeline import MEDIA_RATE, PIECE, MediaPiece, Stamped, Ticks

AHEAD: Final = Ticks(10 * MEDIA_RATE)  # how far synthesis may run ahead of the playhead


class Pacer:
    """Holds one turn's stamped items."""

    def __init__(self, lead: Ticks, late: float = 0.0) -> None:
        self._lead = lead
        self._queue: deque[tuple[int, Stamped]] = deque()  # with the pts at which each leaves
        self.playhead = Playhead(late)
        self.end = Ticks(0)  # of all media pushed
        self.complete = False  # nothing more will be pushed

    def push(self, items: Sequence[Stamped]) -> None:
        """Queue items in order of their pts; words and cues leave with the piece that they stand before."""
        leaves: list[tuple[int, Stamped]] = []
        at: int | None = None
        for item in reversed(items):
            at = item.pts if at is None or isinstance(item, MediaPiece) else at
            leaves.append((at, item))
            if isinstance(item, MediaPiece):
                self.end = max(self.end, item.end)
        self._queue.extend(reversed(leaves))

    def full(self, now: float) -> bool:
        """Return whether enough is waiting, so that the reply should pause."""
        return self.end - self.playhead.at(now) > AHEAD

    def due(self, now: float) -> list[Stamped]:
        """Return what must leave now."""
        out: list[Stamped] = []
        limit = self.playhead.at(now) + self._lead
        if not self._queue or self._queue[0][0] >= limit:
            return out
        if not self.playhead.started:
            # The first sound need not wait until those after it are encoded.
            limit = min(limit, self._queue[0][0] + 1)
        elif self._queue[0][0] >= self._lead:
            # Two pieces at a time after the first burst: half the wakes, and the lead swings by one piece.
            limit += PIECE
        while self._queue and self._queue[0][0] < limit:
            _, item = self._queue.popleft()
            out.append(item)
            if isinstance(item, MediaPiece):
                self.playhead.let_go(item.end, now)
        return out

    def deadline(self, now: float) -> float | None:
        """Return when `due` has something or the turn has been heard to its end, if nothing is reported before."""
        if self._queue:
            if not self.playhead.started:
                return now
            return self.playhead.when(self._queue[0][0] - self._lead + 1, now)
        return self.playhead.when(self.end, now) if self.complete else None

    @property
    def all_sent(self) -> bool:
        """Return whether everything was made and let go."""
        return self.complete and not self._queue

    def heard_all(self, now: float) -> bool:
        """Return whether everything was made, let go and heard."""
        return self.all_sent and self.playhead.at(now) >= self.end
