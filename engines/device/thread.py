"""The thread of one device: runs batches and steps, survives whatever they raise, and is replaced when one hangs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

from engines.api import EngineError
from engines.device.queue import Job, Stage, Waiting, out_of_memory
from engines.measures.work import Tally

log = logging.getLogger("engines.device")

GRACE: Final = 5.0  # seconds that the thread may take to finish its last batch


class Stepper(Protocol):
    """Work without an end, such as a language model's batch: done in short steps between the batches of stages."""

    @property
    def name(self) -> str:
        """The label of its measures."""
        ...

    @property
    def code(self) -> str:
        """The code of its EngineErrors."""
        ...

    @property
    def max_batch(self) -> int:
        """How many it may step at once now."""
        ...

    @property
    def patience(self) -> float:
        """Seconds after which one step counts as hung."""
        ...

    def step(self) -> tuple[int, bool]:
        """Step once in the device's thread: how many it stepped, and whether there is more to do."""
        ...

    def fail(self, error: EngineError) -> None:
        """Fail everything in it: a step raised, hung or can no longer come. From any thread."""
        ...


Task = Stage[Any, Any] | Stepper


@dataclass(slots=True, eq=False)
class _Shift:
    """What one thread is doing; an abandoned one may still return from a hung batch, and then ends."""

    task: Task | None = None
    jobs: Sequence[Job] = ()
    since: float = 0.0
    abandoned: bool = False
    posts: dict[asyncio.AbstractEventLoop, list[Callable[[], None]]] = field(default_factory=dict)


class Worker:
    """Runs what waits. `lock` guards everything that is shared; no batch, step or delivery holds it."""

    def __init__(
        self,
        device: str,
        waiting: Waiting,
        lock: threading.Condition,
        clock: Callable[[], float],
        tally: Callable[[str], Tally],
    ) -> None:
        self.stages: set[Stage[Any, Any]] = set()
        self.steppers: list[Stepper] = []
        self.ready: set[Stepper] = set()
        self._device = device
        self._waiting = waiting
        self._lock = lock
        self._clock = clock
        self._tally = tally
        self._stuck: set[Task] = set()
        self._ended = False
        self._shift: _Shift | None = None
        self._thread: threading.Thread | None = None
        self._watch: threading.Thread | None = None
        self._local = threading.local()

    def check(self, task: Task) -> None:
        """Raise EngineError when nothing can be added; begin the thread otherwise. The lock is held."""
        if self._ended:
            raise EngineError(task.code, f"The worker of {self._device} is closed.")
        if task in self._stuck:
            raise self._hung(task)
        if self._thread is None:
            self._begin()
            self._watch = threading.Thread(target=self._watching, name=f"{self._device} watch", daemon=True)
            self._watch.start()

    def end(self) -> None:
        """Fail what waits and wait for the thread, at most GRACE seconds. Blocks."""
        with self._lock:
            self._ended = True
            gone = self._waiting.clear()
            steppers, self.ready = self.steppers[:], set()
            self._lock.notify_all()
        for job in gone:
            _settle(job, EngineError(job.stage.code, f"The worker of {self._device} was closed."))
        for stepper in steppers:
            stepper.fail(EngineError(stepper.code, f"The worker of {self._device} was closed."))
        for thread in (self._thread, self._watch):
            if thread is not None:
                thread.join(GRACE)

    def post(self, home: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
        """Call `function` on `home` when this batch or step is over; at once from any other thread."""
        shift: _Shift | None = getattr(self._local, "shift", None)
        if shift is None:
            _call(home, [function])
        else:
            shift.posts.setdefault(home, []).append(function)

    # --------------------------------------------------------------------------------------------- the thread

    def _begin(self) -> None:
        self._shift = _Shift()
        self._thread = threading.Thread(target=self._working, args=(self._shift,), name=self._device, daemon=True)
        self._thread.start()

    def _working(self, shift: _Shift) -> None:
        self._local.shift = shift
        while True:
            with self._lock:
                while not (self._ended or shift.abandoned or len(self._waiting) or self.ready):
                    self._lock.wait()
                if self._ended or shift.abandoned:
                    return
                jobs = self._waiting.take()
                steppers = [stepper for stepper in self.steppers if stepper in self.ready]
            if jobs:
                self._batch(shift, jobs)
            # One step of each between any two batches: neither starves the other.
            for stepper in steppers:
                if not shift.abandoned:
                    self._step(shift, stepper)

    def _batch(self, shift: _Shift, jobs: list[Job]) -> None:
        stage, now = jobs[0].stage, self._clock()
        with self._lock:
            for job in jobs:
                if job.counted:
                    self.stages.add(stage)
                    self._tally(stage.name).waited(now - job.since)
        todo = [jobs]
        while todo:
            part = [job for job in todo.pop(0) if not (job.cancelled or job.future.done())]
            if not part:
                continue
            if shift.abandoned:
                self._hand_over(part)
                continue
            try:
                results = self._timed(shift, stage, part, partial(stage.run, [job.item for job in part]))
            except EngineError as error:
                results = [error] * len(part)
            except Exception as error:  # a model raises anything; the device must go on for the others
                todo[:0] = self._after(stage, part, error)
                continue
            with self._lock:
                self._waiting.grow(stage, len(part))
            for job, result in zip(part, results, strict=True):
                self._finish(shift, job, result)
        self._flush(shift)

    def _after(self, stage: Stage[Any, Any], part: list[Job], error: Exception) -> list[list[Job]]:
        """List what is still to be run after a batch failed: memory in halves, anything else one by one."""
        short = out_of_memory(error)
        with self._lock:
            if short:
                self._tally(stage.name).out_of_memory += 1
                self._waiting.shrink(stage, len(part))
        if short:
            relieve()
        if len(part) > 1:
            half = max(1, len(part) // 2) if short else 1
            return [part[i : i + half] for i in range(0, len(part), half)]
        log.warning("stage failed", extra={"stage": stage.name, "error": type(error).__name__, "memory": short})
        failure = _failure(stage, error)
        with self._lock:
            self._tally(stage.name).failed += 1
        _settle(part[0], failure)
        return []

    def _hand_over(self, jobs: list[Job]) -> None:
        """Hand what an abandoned thread has not begun to its successor."""
        with self._lock:
            for job in jobs:
                self._waiting.add(job)
            self._lock.notify_all()

    def _step(self, shift: _Shift, stepper: Stepper) -> None:
        with self._lock:
            self.ready.discard(stepper)  # a `wake` while it steps counts
        try:
            more = self._timed(shift, stepper, (), stepper.step)[1]
        except Exception as error:  # as above: the others' work goes on
            log.warning("step failed", extra={"stage": stepper.name, "error": type(error).__name__})
            with self._lock:
                self._tally(stepper.name).failed += 1
            if out_of_memory(error):
                relieve()
            stepper.fail(_failure(stepper, error))
            more = False
        with self._lock:
            if more and stepper in self.steppers and not shift.abandoned:
                self.ready.add(stepper)
        self._flush(shift)

    def _timed(self, shift: _Shift, task: Task, jobs: Sequence[Job], run: Callable[[], Any]) -> Any:
        with self._lock:
            shift.task, shift.jobs, shift.since = task, jobs, self._clock()
        try:
            result = run()
        finally:
            with self._lock:
                begun, shift.task, shift.jobs = shift.since, None, ()
                self._stuck.discard(task)
        items = len(jobs) if jobs else result[0]
        if items and (not jobs or any(job.counted for job in jobs)):
            with self._lock:
                self._tally(task.name).ran(items, self._clock() - begun)
        return result

    def _finish(self, shift: _Shift, job: Job, result: Any) -> None:
        if isinstance(result, EngineError):
            with self._lock:
                self._tally(job.stage.name).failed += 1
        self.post(job.home, lambda: _resolve(job, result))

    def _flush(self, shift: _Shift) -> None:
        posts, shift.posts = shift.posts, {}
        for home, functions in posts.items():
            _call(home, functions)

    # ------------------------------------------------------------------------------------------ what hangs

    def _watching(self) -> None:
        with self._lock:
            while not self._ended:
                shift = self._shift
                if shift is None or shift.task is None:
                    self._lock.wait(0.5)
                    continue
                left = shift.since + shift.task.patience - self._clock()
                if left > 0:
                    self._lock.wait(min(left, 0.5))
                    continue
                task, jobs = shift.task, [*shift.jobs]
                shift.abandoned = True
                self._stuck.add(task)
                self._tally(task.name).hung += 1
                if isinstance(task, Stage):
                    jobs += self._waiting.clear(task)
                else:
                    self.ready.discard(task)
                self._begin()
                log.error("stage hangs", extra={"stage": task.name, "device": self._device})
                for job in jobs:
                    _settle(job, self._hung(task))
                if not isinstance(task, Stage):
                    task.fail(self._hung(task))

    def _hung(self, task: Task) -> EngineError:
        sentence = f"{task.name} on {self._device} does not answer; if it stays so, restart the server."
        return EngineError(task.code, sentence, retryable=True)


def relieve() -> None:
    """Give memory that torch only holds in reserve back to the device."""
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _failure(task: Task, error: Exception) -> EngineError:
    if isinstance(error, EngineError):
        return error
    if out_of_memory(error):
        return EngineError(task.code, f"There is not enough memory for {task.name} now; try again.", retryable=True)
    failure = EngineError(task.code, f"{task.name} failed on this input ({type(error).__name__}: {error}).")
    failure.__cause__ = error
    return failure


def _settle(job: Job, result: Any) -> None:
    _call(job.home, [lambda: _resolve(job, result)])


def _resolve(job: Job, result: Any) -> None:
    if job.future.done():
        return
    if isinstance(result, EngineError):
        job.future.set_exception(result.again())
    else:
        job.future.set_result(result)


def _call(home: asyncio.AbstractEventLoop, functions: list[Callable[[], None]]) -> None:
    def all_of_them() -> None:
        for function in functions:
            function()

    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        home.call_soon_threadsafe(all_of_them)
