"""One worker for each device, shared by all sessions and engines of the process: batches, priorities, measures.

An engine opens the loop of its device in `start`, awaits `run` for each piece of work and closes it at its end. Models
run in the device's own thread and never on the event loop; what they give crosses back in one call for each batch.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeVar

from engines.api import EngineError
from engines.device.queue import Job, Priority, Stage, Waiting
from engines.device.thread import Stepper, Worker
from engines.measures.work import Tally, Work

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - what goes in
R = TypeVar("R")

BOUND: Final = 1024  # items that may wait for one device
SWITCH: Final = 0.0005  # seconds until a model's thread must let the event loop have the interpreter
LOADING: Final = 3600.0  # seconds that a model may take to load

__all__ = ["DeviceLoop", "Priority", "Stage", "Stepper", "open_device"]

_loops: dict[str, DeviceLoop] = {}
_registry = threading.Lock()


def open_device(device: str, *, lane: str = "", bound: int = BOUND) -> DeviceLoop:
    """Open the loop of `device` ("cuda:0", "mps", "cpu"), shared by its users; close it once for each open.

    An accelerator has one worker for everything. A CPU has one for each `lane`, since it has several cores.
    """
    name = f"cpu/{lane}" if device.startswith("cpu") and lane else device
    with _registry:
        loop = _loops.get(name)
        if loop is None:
            loop = _loops[name] = DeviceLoop(name, clock=asyncio.get_running_loop().time, bound=bound)
        loop.users += 1
        return loop


class DeviceLoop:
    """The worker of one device; made by `open_device`.

    `run` raises EngineError with the stage's code: retryable when memory ran out, the stage hung or too much waits,
    not retryable when the stage failed on this very item.
    """

    def __init__(self, name: str, *, clock: Callable[[], float], bound: int = BOUND) -> None:
        self.name = name
        self.clock = clock
        self.users = 0
        self._waiting = Waiting(bound)
        self._tallies: dict[str, Tally] = {}
        self._limits: dict[str, Callable[[], int]] = {}
        self._lock = threading.Condition()
        self._number = 0
        self._worker = Worker(name, self._waiting, self._lock, self.clock, self._tally)
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH))

    # ------------------------------------------------------------------------------------------------- work

    async def run(
        self,
        stage: Stage[I, R],
        item: I,
        *,
        priority: Priority = Priority.NEXT,
        group: Hashable = None,
        counted: bool = True,
    ) -> R:
        """Return the stage's result for `item`; only items of the same `group` share a batch.

        Cancelling it takes an item that still waits out of the queue; what already runs is finished and thrown away.
        """
        home = asyncio.get_running_loop()
        now = self.clock()
        with self._lock:
            self._worker.check(stage)
            if self._waiting.full:
                raise EngineError(stage.code, f"Too much waits for {self.name}; try again.", retryable=True)
            self._number += 1
            job = Job(
                stage, item, group, now + priority.value, now, self._number, home, home.create_future(), False, counted
            )
            self._waiting.add(job)
            self._lock.notify_all()
        try:
            result: R = await job.future
        except asyncio.CancelledError:
            with self._lock:
                job.cancelled = True
                self._waiting.remove(job)
                self._tally(stage.name).cancelled += 1
            raise
        return result

    async def call(self, function: Callable[[], T], *, code: str, name: str = "call") -> T:
        """Call `function()` in the device's own thread, to load, compile or release; what it raises is raised here."""

        def once(items: list[None]) -> list[Any]:
            try:
                return [(function(), None) for _ in items]
            except Exception as error:  # it crosses the threads as a value and is raised again below
                return [(None, error)]

        stage: Stage[None, Any] = Stage(name, once, code, patience=LOADING)
        result, error = await self.run(stage, None, priority=Priority.FINAL, counted=False)
        if error is not None:
            raise error
        value: T = result
        return value

    async def warm(self, stage: Stage[I, R], items: Iterable[I]) -> None:
        """Run items side by side as a warm-up, unmeasured. Awaited in `Engine.start`."""
        await asyncio.gather(*(self.run(stage, item, counted=False) for item in items))

    def attach(self, stepper: Stepper) -> None:
        """Attach long-lived work: after each `wake` it is stepped between batches until it says that it is done."""
        with self._lock:
            self._worker.steppers.append(stepper)

    def detach(self, stepper: Stepper) -> None:
        """Begin no further step."""
        with self._lock:
            if stepper in self._worker.steppers:
                self._worker.steppers.remove(stepper)
            self._worker.ready.discard(stepper)

    def wake(self, stepper: Stepper) -> None:
        """Tell that the stepper has something to do; EngineError when its last step never ended. From any thread."""
        with self._lock:
            self._worker.check(stepper)
            self._worker.ready.add(stepper)
            self._lock.notify_all()

    def post(self, home: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
        """Call `function()` on the event loop `home`, with all else of this batch. In the device's thread."""
        self._worker.post(home, function)

    # --------------------------------------------------------------------------------------------- measures

    def credit(self, stage: str, *, tokens: int = 0, audio: float = 0.0, waited: float | None = None) -> None:
        """Count what a running batch of `stage` has made: tokens, or seconds of audio. From any thread."""
        with self._lock:
            tally = self._tally(stage)
            tally.tokens += tokens
            tally.audio += audio
            if waited is not None:
                tally.waited(waited)

    def lost(self, stage: str) -> None:
        """Count that a running stage found memory too short and deals with it itself. From any thread."""
        with self._lock:
            self._tally(stage).out_of_memory += 1

    def work(self) -> tuple[Work, ...]:
        """Measure every stage."""
        with self._lock:
            limits = {stage.name: self._waiting.limit(stage) for stage in self._worker.stages}
            limits |= {stepper.name: stepper.max_batch for stepper in self._worker.steppers}
            return tuple(
                tally.value(waiting=self._waiting.count(name), limit=limits.get(name, 0))
                for name, tally in sorted(self._tallies.items())
            )

    def _tally(self, stage: str) -> Tally:
        return self._tallies.setdefault(stage, Tally(self.name, stage))

    # -------------------------------------------------------------------------------------------------- end

    async def close(self) -> None:
        """Drop one user; the last one ends the thread, and whatever still waits fails."""
        with _registry:
            self.users -= 1
            if self.users:
                return
            if _loops.get(self.name) is self:
                del _loops[self.name]
        await asyncio.to_thread(self._worker.end)
