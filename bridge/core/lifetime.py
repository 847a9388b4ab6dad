"""Decides when a session ends by itself: its client says nothing, or is gone, or the server goes down."""

from __future__ import annotations

from enum import Enum


class Over(Enum):
    """Why a session is over."""

    IDLE = "idle"  # the client said nothing for too long
    LOST = "lost"  # nobody came back for it
    DRAINED = "drained"  # the server goes down, and the running reply has been heard


class Lifetime:
    """The lifetime of one session; durations and `now` in seconds of any monotonic clock."""

    def __init__(self, *, idle_after: float, resume_after: float, now: float) -> None:
        self._idle_after = idle_after
        self._resume_after = resume_after
        self._said_at = now
        self._parked_at: float | None = now  # when the connection was lost; None while there is one
        self._draining = False

    def heard(self, now: float) -> None:
        """Note that the client is there."""
        self._said_at = now

    def attach(self, now: float) -> None:
        """Note that there is a connection."""
        self._parked_at, self._said_at = None, now

    def park(self, now: float) -> None:
        """Note that the connection is gone."""
        self._parked_at = now

    def standing(self, now: float) -> tuple[float, float | None]:
        """Return for how long the client has said nothing, and for how long it has been gone (None: it is there)."""
        return now - self._said_at, None if self._parked_at is None else now - self._parked_at

    def restore(self, now: float, silent: float, away: float | None) -> None:
        """Go on from what `standing` told elsewhere."""
        self._said_at, self._parked_at = now - silent, None if away is None else now - away

    def drain(self) -> None:
        """End as soon as nothing is being said."""
        self._draining = True

    @property
    def deadline(self) -> float:
        """Return when `over` may first say so, if nothing happens before."""
        return self._said_at + self._idle_after if self._parked_at is None else self._parked_at + self._resume_after

    def over(self, now: float, *, busy: bool) -> Over | None:
        """Return why the session is over at `now`; `busy` while a reply is being heard, None while it goes on."""
        if self._draining and (self._parked_at is not None or not busy):
            return Over.DRAINED
        if now < self.deadline:
            return None
        return Over.IDLE if self._parked_at is None else Over.LOST
