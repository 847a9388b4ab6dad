"""What a child process has done, counted by operation: the measures behind `/metrics`. Time is an argument.

The process works for an operation while it owes an answer to a request of it: requests that it serves in turns count
once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Final, Literal, assert_never

from engines.measures.work import Tally, Work

Outcome = Literal["done", "failed", "cancelled", "hung"]

DEVICE: Final = "process"


class ChildWork:
    """The counts of one process and of those that replaced it; `name` begins the names of its stages."""

    def __init__(self, name: str, device: str = DEVICE) -> None:
        self._name = name
        self._device = device
        self._tallies: dict[str, Tally] = {}
        self._waiting: Counter[str] = Counter()
        self._owed: Counter[str] = Counter()
        self._since: dict[str, float] = {}
        # Seconds of work since a request of the operation was last done.
        self._spent: defaultdict[str, float] = defaultdict(float)

    def opened(self, op: str) -> None:
        """Count a request that waits for its turn."""
        self._tally(op)
        self._waiting[op] += 1

    def begun(self, op: str, seconds: float) -> None:
        """Count a request as begun, so many seconds after it was asked for."""
        self._waiting[op] -= 1
        self._tally(op).waited(seconds)

    def owes(self, op: str, now: float) -> None:
        """Note that the process has something to do for one more request."""
        if not self._owed[op]:
            self._since[op] = now
        self._owed[op] += 1

    def rests(self, op: str, now: float) -> None:
        """Note that the process owes one request less."""
        self._owed[op] -= 1
        if not self._owed[op]:
            self._spend(op, now)

    def over(self, op: str, outcome: Outcome, now: float, *, begun: bool) -> None:
        """Count a request that has ended."""
        tally = self._tally(op)
        if not begun:
            self._waiting[op] -= 1
        if self._owed[op]:
            self._spend(op, now)
        spent = self._spent.pop(op, 0.0)
        match outcome:
            case "done":
                tally.ran(1, spent)
                return
            case "failed":
                tally.failed += 1
            case "cancelled":
                tally.cancelled += 1
            case "hung":
                tally.hung += 1
            case _:
                assert_never(outcome)
        tally.busy += spent

    def credit(self, op: str, *, audio: float) -> None:
        """Count seconds of audio heard or spoken."""
        self._tally(op).audio += audio

    def restarted(self, op: str) -> None:
        """Count a request that found no process, so that another was started."""
        self._tally(op).restarts += 1

    def work(self) -> tuple[Work, ...]:
        """Measure every operation."""
        return tuple(tally.value(waiting=self._waiting[op], limit=1) for op, tally in sorted(self._tallies.items()))

    def _spend(self, op: str, now: float) -> None:
        self._spent[op] += now - self._since[op]
        self._since[op] = now

    def _tally(self, op: str) -> Tally:
        return self._tallies.setdefault(op, Tally(self._device, f"{self._name} {op}"))
