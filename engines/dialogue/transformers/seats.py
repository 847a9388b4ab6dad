"""Which conversation has which row of the cache, and what of it is still good. Decides only; it moves no memory.

Rows that write come first, then those that read their prompt, then the idle ones, so that each kind is one slice of the
cache. An idle row keeps its conversation until somebody else needs it: the longest unused goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

J = TypeVar("J")


@dataclass(slots=True, eq=False)
class Seat(Generic[J]):
    """Holds one row: the tokens whose states it holds, whose they are, and the job that runs in it."""

    tokens: list[int] = field(default_factory=list)
    owner: str = ""
    adapter: str = ""
    used: int = 0
    job: J | None = None


class Seats(Generic[J]):
    """Keeps the rows, by index. `swap(i, k, length)` and `copy(from, to, length)` are told what to move."""

    def __init__(self, rows: int, swap: Callable[[int, int, int], None], copy: Callable[[int, int, int], None]) -> None:
        self.rows: list[Seat[J]] = [Seat() for _ in range(rows)]
        self.writing = 0  # rows 0..writing write
        self.reading = 0  # the next `reading` rows read their prompt
        self._swap = swap
        self._copy = copy
        self._clock = 0

    @property
    def active(self) -> int:
        """Count the rows that have a job."""
        return self.writing + self.reading

    @property
    def full(self) -> bool:
        """Say whether no job can be admitted."""
        return self.active >= len(self.rows)

    def admit(self, job: J, owner: str, adapter: str, prompt: Sequence[int]) -> Seat[J]:
        """Find a row for a job, now the last of those that read; its tokens are the part of `prompt` that is known.

        At least the last token of the prompt is left to read, since its logits are needed.
        """
        prompt = list(prompt)
        idle = self.rows[self.active :]
        known = {id(seat): _shared(seat.tokens, prompt) if seat.adapter == adapter else 0 for seat in self.rows}
        own = [seat for seat in idle if seat.owner == owner and seat.adapter == adapter]
        seat = max(own, key=lambda seat: known[id(seat)]) if own else min(idle, key=lambda seat: seat.used)
        best = max(self.rows, key=lambda other: known[id(other)])
        if known[id(best)] > known[id(seat)]:
            self._copy(self.rows.index(best), self.rows.index(seat), known[id(best)])
        length = min(max(known[id(best)], known[id(seat)]), len(prompt) - 1)
        self._clock += 1
        seat.tokens, seat.owner, seat.adapter, seat.used, seat.job = (
            list(prompt[:length]),
            owner,
            adapter,
            self._clock,
            job,
        )
        self._move(seat, self.active)
        self.reading += 1
        return seat

    def promote(self, seat: Seat[J]) -> None:
        """Let a row that has read its prompt write from now on."""
        self._move(seat, self.writing)
        self.writing += 1
        self.reading -= 1

    def release(self, seat: Seat[J]) -> None:
        """Take a row's job away; what it holds stays for the next one."""
        if self.rows.index(seat) < self.writing:
            self._move(seat, self.writing - 1)
            self.writing -= 1
            self.reading += 1
        self._move(seat, self.active - 1)
        self.reading -= 1
        self._clock += 1
        seat.job, seat.used = None, self._clock

    def forget(self, owner: str) -> None:
        """Drop a conversation: its idle rows are the first to be taken."""
        for seat in self.rows:
            if seat.owner == owner:
                seat.owner, seat.used = "", 0

    def clear(self) -> None:
        """Drop all that the rows hold."""
        for seat in self.rows:
            seat.tokens = []

    def _move(self, seat: Seat[J], to: int) -> None:
        at = self.rows.index(seat)
        if at != to:
            other = self.rows[to]
            self._swap(at, to, max(len(seat.tokens), len(other.tokens)))
            self.rows[at], self.rows[to] = other, seat


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Return the length of the common beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # slices compare at the speed of C
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
