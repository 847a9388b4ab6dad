"""Which work a device does next: earliest due first, like with like in one batch, smaller batches after memory ran out.

Decides only; `engines.device.loop` holds the lock, the thread and the clock.
"""

from __future__ import annotations

import asyncio
from bisect import insort
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from engines.api import EngineError

I = TypeVar("I")  # noqa: E741 - what goes in
R = TypeVar("R")

RECOVERY: Final = 64  # batches of the reduced size that succeed before one more item is tried


class Priority(Enum):
    """How long an item may wait, in seconds: what is due first goes first, so nothing waits for ever.

    A fresh FINAL overtakes every FIRST that waits less than 0.1 s, a fresh FIRST every NEXT that waits less than 0.9 s.
    """

    FINAL = 0.0  # the user has stopped: the final transcript, the first token
    FIRST = 0.1  # the first phrase of an answer
    NEXT = 1.0  # later phrases, which play after what is playing
    PARTIAL = 1.5  # what may come late or never: partial transcripts


@dataclass(frozen=True, slots=True, eq=False)
class Stage(Generic[I, R]):
    """One kind of blocking work: `run` takes up to `max_batch` items and gives one result (or EngineError) for each.

    `name` is the label of its measures; `code` that of the EngineErrors which stand for what it raises. After
    `patience` seconds in one `run` it counts as hung.
    """

    name: str
    run: Callable[[list[I]], Sequence[R | EngineError]]
    code: str
    max_batch: int = 1
    patience: float = 60.0


@dataclass(slots=True, eq=False)
class Job:
    """One item that waits or runs; `future` belongs to `home`, the loop of the task that awaits it."""

    stage: Stage[Any, Any]
    item: Any
    group: Hashable
    due: float
    since: float
    number: int
    home: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    cancelled: bool = False
    counted: bool = True

    def __lt__(self, other: Job) -> bool:
        return (self.due, self.number) < (other.due, other.number)


@dataclass(slots=True)
class _Limit:
    """Additive increase, multiplicative decrease of a stage's batch."""

    size: int
    good: int = 0


@dataclass(slots=True)
class Waiting:
    """Jobs in the order in which they are due, at most `bound` of them."""

    bound: int
    _jobs: list[Job] = field(default_factory=list)
    _limits: dict[Stage[Any, Any], _Limit] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def full(self) -> bool:
        """Whether no further job may be added."""
        return len(self._jobs) >= self.bound

    def add(self, job: Job) -> None:
        """Queue a job."""
        insort(self._jobs, job)

    def remove(self, job: Job) -> bool:
        """Take the job out; whether it was waiting."""
        try:
            self._jobs.remove(job)
        except ValueError:
            return False
        return True

    def clear(self, stage: Stage[Any, Any] | None = None) -> list[Job]:
        """Take all jobs, or those of one stage, out."""
        gone = [job for job in self._jobs if stage is None or job.stage is stage]
        self._jobs = [job for job in self._jobs if stage is not None and job.stage is not stage]
        return gone

    def take(self) -> list[Job]:
        """Take the job that is due first and all that may share its batch, in order; [] when nothing waits."""
        if not self._jobs:
            return []
        first = self._jobs[0]
        room = self.limit(first.stage)
        batch = [job for job in self._jobs if job.stage is first.stage and job.group == first.group][:room]
        taken = set(map(id, batch))
        self._jobs = [job for job in self._jobs if id(job) not in taken]
        return batch

    def count(self, stage: str) -> int:
        """Count the waiting jobs of the stages of that name."""
        return sum(job.stage.name == stage for job in self._jobs)

    # ------------------------------------------------------------------------------------------ batch sizes

    def limit(self, stage: Stage[Any, Any]) -> int:
        """Return how many items of a stage go into one batch now."""
        limit = self._limits.get(stage)
        return limit.size if limit else stage.max_batch

    def shrink(self, stage: Stage[Any, Any], size: int) -> None:
        """Halve the limit: memory ran out with a batch of `size`."""
        self._limits[stage] = _Limit(max(1, size // 2))

    def grow(self, stage: Stage[Any, Any], size: int) -> None:
        """Note that a batch of `size` succeeded; after RECOVERY full ones the limit rises by one."""
        limit = self._limits.get(stage)
        if limit is None or size < limit.size:
            return
        limit.good += 1
        if limit.good >= RECOVERY:
            limit.good, limit.size = 0, limit.size + 1
            if limit.size >= stage.max_batch:
                del self._limits[stage]


def out_of_memory(error: BaseException) -> bool:
    """Say whether an exception means that memory ran out: Python's own, torch's or CTranslate2's."""
    names = {kind.__name__ for kind in type(error).__mro__}
    text = str(error).lower()
    phrases = ("out of memory", "alloc_failed", "allocate memory")
    return bool(names & {"MemoryError", "OutOfMemoryError"}) or any(phrase in text for phrase in phrases)
