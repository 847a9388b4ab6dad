"""Measures out what a client may cost: token buckets, and how long a flood is put up with. Time is an argument."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

PATIENCE: Final = 10.0  # seconds over the rate, each within one of the last, after which a client is closed
ROUNDING: Final = 1e-9  # seconds: less than any cost, more than what sums of floats are off by
TOLD_EVERY: Final = 1.0  # seconds between two complaints


class Bucket:
    """Allows `per_s` units a second on average and `most` at once; `now` in seconds of any monotonic clock.

    It keeps one number, the instant at which all that was taken is paid for (the generic cell rate algorithm of ITU-T
    I.371): every frame of a microphone asks several buckets.
    """

    __slots__ = ("_each", "_paid_at", "_window", "most")

    def __init__(self, per_s: float, most: float) -> None:
        self.most = most
        self._each = 1.0 / per_s
        self._window = most / per_s  # how long what may be taken at once takes to be paid for
        self._paid_at = float("-inf")

    def has(self, now: float, cost: float) -> bool:
        """Return whether there is credit for `cost` units."""
        if self._paid_at < now - self._window:
            self._paid_at = now - self._window
        return self._paid_at + cost * self._each <= now + ROUNDING

    def due(self, now: float, cost: float) -> float:
        """Return the seconds until there is credit for `cost` units, or for as many as there can be."""
        if self._paid_at < now - self._window:
            self._paid_at = now - self._window
        wait = self._paid_at + min(cost, self.most) * self._each - now
        return wait if wait > ROUNDING else 0.0

    def take(self, cost: float) -> None:
        """Take `cost` units, which `has` has just said to be there."""
        self._paid_at += cost * self._each

    def spend(self, now: float, cost: float) -> float:
        """Take `cost` units, on tick if need be; return the seconds until the debt is paid."""
        if self._paid_at < now - self._window:
            self._paid_at = now - self._window
        self._paid_at += cost * self._each
        wait = self._paid_at - now
        return wait if wait > ROUNDING else 0.0

    def grant(self, units: float) -> None:
        """Add credit beyond the average, up to the most."""
        self._paid_at -= units * self._each

    def full(self, now: float) -> bool:
        """Return whether nothing of what was spent is still missing."""
        return self._paid_at <= now - self._window + ROUNDING


# Makes the bucket of a name that allows so many units a second, and so many at once.
Opening: TypeAlias = Callable[[str, float, float], Bucket]


def own(name: str, per_s: float, most: float) -> Bucket:
    """Make a bucket that nobody else draws on."""
    return Bucket(per_s, most)


class Pace:
    """Buckets by name, for those of whom nothing else is known; remembers about `most_names`.

    Nobody waits longer than `longest` seconds: who comes after a rush is not made to pay for all of it.
    """

    def __init__(
        self, per_s: float, most: float, *, longest: float = 1.0, most_names: int = 4096, opening: Opening = own
    ) -> None:
        self._per_s = per_s
        self._most = most
        self._longest = longest
        self._most_names = most_names
        self._opening = opening
        self._buckets: dict[str, Bucket] = {}

    def wait(self, name: str, now: float) -> float:
        """Take one unit of `name`'s; return the seconds until it is paid for."""
        if name not in self._buckets and len(self._buckets) >= self._most_names:
            self._buckets = {known: bucket for known, bucket in self._buckets.items() if not bucket.full(now)}
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = self._opening(name, self._per_s, self._most)
        wait = bucket.spend(now, 1.0)
        if wait > self._longest:
            bucket.grant((wait - self._longest) * self._per_s)
        return min(wait, self._longest)


class Verdict(Enum):
    """What to do about one message."""

    TAKEN = "taken"
    DROPPED = "dropped"
    TOLD = "told"  # dropped, and it is time to say so
    FLOOD = "flood"  # dropped, and the client is to be closed


class Patience:
    """Says how to answer what is over a budget: in silence, with a complaint once a second, at last with a close."""

    def __init__(self) -> None:
        self._flood_from = 0.0  # when the client began to exceed its budget
        self._told_at = float("-inf")

    def exceeded(self, now: float) -> Verdict:
        """Return what to do about a message that there was no credit for."""
        if now - self._told_at < TOLD_EVERY:
            return Verdict.DROPPED
        if now - self._told_at > 2 * TOLD_EVERY:
            self._flood_from = now
        self._told_at = now
        return Verdict.FLOOD if now - self._flood_from >= PATIENCE else Verdict.TOLD
