"""Keeps token buckets that several processes draw on: each process draws on its own, and what it took is settled later.

A process decides at once, by what it knows. What it took since it last asked goes to a store that all share, which
answers how far ahead of the clock all of them together are; the process goes on from there. So the average holds over
all processes, and a burst exceeds it by no more than what is taken between two settlements. Time is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bridge.core.rate import Bucket

MOST: Final = 256  # buckets that are settled in one go


class Drawn(Bucket):
    """A bucket that others draw on too; `name` is the same for all of them."""

    __slots__ = ("_changed", "name", "spent")

    def __init__(self, name: str, per_s: float, most: float, changed: Callable[[Drawn], None]) -> None:
        super().__init__(per_s, most)
        self.name = name
        self.spent = 0.0  # units that the others do not know of
        self._changed = changed

    @property
    def each(self) -> float:
        """Return the seconds in which one unit is paid for."""
        return self._each

    @property
    def window(self) -> float:
        """Return the seconds in which what may be taken at once is paid for."""
        return self._window

    def take(self, cost: float) -> None:
        """Take `cost` units, and have them settled."""
        super().take(cost)
        self._note(cost)

    def spend(self, now: float, cost: float) -> float:
        """Take `cost` units, on tick if need be, and have them settled."""
        wait = super().spend(now, cost)
        self._note(cost)
        return wait

    def grant(self, units: float) -> None:
        """Add credit, and have it settled."""
        super().grant(units)
        self._note(-units)

    def follow(self, now: float, ahead: float) -> None:
        """Go on from where all are, `ahead` seconds before `now`; what they do not know of yet is added."""
        self._paid_at = now + ahead + self.spent * self._each

    def _note(self, cost: float) -> None:
        self.spent += cost
        self._changed(self)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be settled of one bucket: `units` that were taken of it; negative is credit."""

    bucket: Drawn
    units: float


class Ledger:
    """The buckets of which something is to be settled; each stands in it once, so it is bounded by those there are."""

    def __init__(self, urgent: Callable[[], None] = lambda: None) -> None:
        """Make it empty; `urgent` is told when a bucket is drawn on that is to be settled at once."""
        self._open: dict[int, Drawn] = {}
        self._urgent = urgent

    def bucket(self, name: str, per_s: float, most: float) -> Drawn:
        """Make a bucket that is settled in good time."""
        return Drawn(name, per_s, most, self._changed)

    def costly(self, name: str, per_s: float, most: float) -> Drawn:
        """Make a bucket that is settled at once."""
        return Drawn(name, per_s, most, self._changed_now)

    def due(self, most: int = MOST) -> list[Entry]:
        """Take what is to be settled, the oldest first, at most `most` buckets."""
        numbers = list(self._open)[:most]
        return [self.draw(self._open[number]) for number in numbers]

    def draw(self, bucket: Drawn) -> Entry:
        """Take what is to be settled of one bucket, whether there is anything or not."""
        self._open.pop(id(bucket), None)
        units, bucket.spent = bucket.spent, 0.0
        return Entry(bucket, units)

    def _changed(self, bucket: Drawn) -> None:
        self._open[id(bucket)] = bucket

    def _changed_now(self, bucket: Drawn) -> None:
        self._open[id(bucket)] = bucket
        self._urgent()
