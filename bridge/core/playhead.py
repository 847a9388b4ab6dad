"""Estimates where the client is playing: its reports, carried on by the clock, never past what was sent."""

from __future__ import annotations

from typing import Final

from bridge.core.timeline import MEDIA_RATE, Ticks

TRUST: Final = 1.0  # seconds for which a report is carried on
SILENCE: Final = 3.0  # seconds without a report after which a client counts as one that does not report


class Playhead:
    """The playhead of one turn; `now` in seconds of any monotonic clock.

    What is sent into silence is heard `late` seconds after that.
    """

    def __init__(self, late: float = 0.0) -> None:
        self._late = late
        self.sent = Ticks(0)  # end of what was let go
        self._pts = 0  # last known position ...
        self._at: float | None = None  # ... and when; None before the first sound
        self._reported = False
        self._held = False

    @property
    def started(self) -> bool:
        """Return whether anything was let go."""
        return self._at is not None

    def let_go(self, end: Ticks, now: float) -> None:
        """Note that media up to `end` was sent."""
        if self._at is None:
            self._at = now + self._late
        elif not self._held and self._reach(now) > self.sent:
            # It ran dry: what is sent now is heard now.
            self._pts, self._at, self._reported = self.sent, now + self._late, False
        self.sent = max(self.sent, end)

    def report(self, pts: Ticks, now: float) -> bool:
        """Take the client's report; False for a position that was never sent."""
        if pts > self.sent:
            return False
        self._pts, self._at, self._reported = pts, now, True
        return True

    def hold(self, now: float) -> None:
        """Stop at the present position until `resume`: the connection is gone."""
        self._pts = self.at(now)
        self._held = True

    def resume(self, now: float) -> None:
        """Go on from there: a connection is back."""
        self._held = False
        if self._at is not None:
            self._at, self._reported = now, False

    def at(self, now: float) -> Ticks:
        """Return the estimated position."""
        return Ticks(min(self.sent, self._reach(now)))

    def when(self, pts: int, now: float) -> float | None:
        """Return when the estimate reaches `pts` without another report; None while held or before the first sound."""
        if self._at is None or self._held:
            return None
        wait = (pts - self._pts) / MEDIA_RATE
        if self._reported and wait > TRUST:
            wait = max(wait, SILENCE + wait - TRUST)
        # A hair late rather than early: an early riser finds nothing to do and sleeps again.
        return max(now, self._at + wait + 2 / MEDIA_RATE)

    def _reach(self, now: float) -> int:
        """Return where the clock alone would put it."""
        if self._at is None or self._held:
            return self._pts
        elapsed = max(0.0, now - self._at)
        if self._reported and elapsed > TRUST:
            elapsed = TRUST + max(0.0, elapsed - SILENCE)
        return self._pts + int(elapsed * MEDIA_RATE + 1e-6)
