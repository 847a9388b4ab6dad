"""Knows the workers of one front: who takes the next socket, who has which session, who inherits. Pure.

A worker sits in a slot; while it is replaced its slot has two, the one that starts or serves and the one that drains.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

FIRST_PAUSE: Final = 0.5  # seconds before a worker that has died is started again ...
LONGEST_PAUSE: Final = 30.0  # ... at most, when it dies again and again
LIVED: Final = 60.0  # seconds after which a death is the first


class Stage(Enum):
    """What a worker does."""

    STARTING = "starting"
    SERVING = "serving"
    DRAINING = "draining"
    LOST = "lost"  # its process is ending


@dataclass(slots=True)
class Worker:
    """One process; `key` tells it apart from others that sat in its slot."""

    key: int
    slot: int
    began: float
    stage: Stage = Stage.STARTING
    sockets: int = 0
    sessions: set[str] = field(default_factory=set)


class Roster:
    """Every worker that lives, and the sessions of each."""

    def __init__(self) -> None:
        self._workers: dict[int, Worker] = {}
        self._at: dict[str, int] = {}  # the worker of each session
        self._keys = 0
        self._deaths: dict[int, int] = {}  # of each slot, one soon after the other

    def all(self) -> list[Worker]:
        """Return every worker, the oldest first."""
        return list(self._workers.values())

    def begin(self, slot: int, now: float) -> Worker:
        """Note that a worker starts."""
        self._keys += 1
        worker = self._workers[self._keys] = Worker(self._keys, slot, now)
        return worker

    def get(self, key: int) -> Worker | None:
        """Return the worker with this key, if it lives."""
        return self._workers.get(key)

    def ready(self, key: int) -> None:
        """Note that a worker can serve."""
        worker = self._workers[key]
        if worker.stage is Stage.STARTING:
            worker.stage = Stage.SERVING

    def drain(self, key: int) -> None:
        """Note that a worker takes nobody any more."""
        self._workers[key].stage = Stage.DRAINING

    def lost(self, key: int) -> None:
        """Note that a worker hears nobody any more; it takes nobody, and what was its own is nowhere soon."""
        worker = self._workers.get(key)
        if worker is not None and worker.stage is not Stage.DRAINING:
            worker.stage = Stage.LOST

    def gone(self, key: int, now: float) -> float:
        """Forget a worker whose process is gone; return for how long its slot had better stay empty."""
        worker = self._workers.pop(key)
        for session in worker.sessions:
            if self._at.get(session) == key:
                del self._at[session]
        if worker.stage is Stage.DRAINING:
            return 0.0
        deaths = 0 if now - worker.began >= LIVED else self._deaths.get(worker.slot, 0)
        self._deaths[worker.slot] = deaths + 1
        return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**deaths)

    # ---------------------------------------------------------------------------------------------------- sockets

    def next(self) -> Worker | None:
        """Return who takes the next socket: of those that serve the one with the fewest; None while nobody does."""
        serving = [worker for worker in self._workers.values() if worker.stage is Stage.SERVING]
        return min(serving, key=lambda worker: (worker.sockets, worker.slot), default=None)

    def took(self, key: int, sockets: int = 1) -> None:
        """Note that a worker was given sockets."""
        if (worker := self._workers.get(key)) is not None:
            worker.sockets += sockets

    def left(self, key: int) -> None:
        """Note that one of them is closed, or in other hands."""
        if (worker := self._workers.get(key)) is not None:
            worker.sockets = max(0, worker.sockets - 1)

    # --------------------------------------------------------------------------------------------------- sessions

    def opened(self, session: str, key: int) -> None:
        """Note that a session is at a worker now, or on its way to it."""
        before = self._workers.get(self._at.get(session, 0))
        if before is not None:
            before.sessions.discard(session)
        worker = self._workers.get(key)
        if worker is not None:
            self._at[session] = key
            worker.sessions.add(session)

    def closed(self, session: str, key: int) -> None:
        """Note that a session is at this worker no longer; it may be at another already."""
        if (worker := self._workers.get(key)) is not None:
            worker.sessions.discard(session)
        if self._at.get(session) == key:
            del self._at[session]

    def has(self, session: str) -> Worker | None:
        """Return the worker that has a session."""
        return self._workers.get(self._at.get(session, 0))

    def heir(self, key: int) -> Worker | None:
        """Return who takes over the sessions of a worker: who serves in its slot, else whoever has least to do."""
        slot = self._workers[key].slot if key in self._workers else -1
        others = [w for w in self._workers.values() if w.stage is Stage.SERVING and w.key != key]
        return min(others, key=lambda worker: (worker.slot != slot, worker.sockets, worker.slot), default=None)
