"""All answers of all sessions in one batch: joined and left at any step (continuous batching, Yu et al. 2022, Orca).

A step reads a bounded part of the prompts of those that have just come, then writes one token for everyone who writes.
It is a `Stepper` of the device's loop; `submit` and `withdraw` may be called from any thread, the rest runs in the
device's.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import torch

from engines.api import EngineError
from engines.device.loop import DeviceLoop
from engines.device.queue import out_of_memory
from engines.device.sampling import Sampling, choose
from engines.device.thread import relieve
from engines.dialogue.transformers.generation import Generation
from engines.dialogue.transformers.runner import BASE, Runner
from engines.dialogue.transformers.seats import Seat, Seats

log = logging.getLogger("engines.dialogue.transformers")

CODE: Final = "dialogue_failed"
PENDING: Final = 256  # answers that may wait for a row
LEAST: Final = 16  # tokens of a prompt that one step reads at least
RECOVERY: Final = 64  # good steps after which a batch that memory made small grows again


class Batch:
    """Write for everybody. `ends` are the tokens that end a message; `chunk` bounds the prompt tokens of a step."""

    code = CODE

    def __init__(
        self, loop: DeviceLoop, runner: Runner, *, name: str, ends: frozenset[int], chunk: int, patience: float
    ) -> None:
        self.name = name
        self.patience = patience
        self.runner = runner
        self.sampling = Sampling()
        self._loop = loop
        self._ends = ends
        self._chunk = self._most = chunk
        self._pending: deque[Generation] = deque()
        self.seats: Seats[Generation] = Seats(runner.rows.rows, runner.rows.swap, runner.rows.copy)
        self._limit = runner.rows.rows
        self._good = 0
        self._gone: deque[str] = deque()

    @property
    def max_batch(self) -> int:
        """Count the rows that write in one pass now."""
        return self._limit

    def submit(self, generation: Generation) -> None:
        """Ask for an answer; EngineError when too many wait or the device hangs."""
        if len(self._pending) >= PENDING:
            raise EngineError(CODE, "Too many answers are being written; try again.", retryable=True)
        self._pending.append(generation)
        try:
            self._loop.wake(self)
        except EngineError:
            self._pending.remove(generation)
            raise

    def withdraw(self, generation: Generation) -> None:
        """End an answer before the next step."""
        generation.cancelled = True

    def forget(self, session: str) -> None:
        """Free the rows of a session that is over."""
        self._gone.append(session)

    # --------------------------------------------------------------------------------- in the device's thread

    def step(self) -> tuple[int, bool]:
        """Read and write; return how many rows had a part in it, and whether there is more to do."""
        seats = self.seats
        while self._gone:
            seats.forget(self._gone.popleft())
        self._leave()
        self._admit()
        busy = seats.active
        if seats.reading:
            self._read()
            self._leave()
        if seats.writing:
            self._write()
            self._leave()
        return busy, bool(seats.active or self._pending)

    def fail(self, error: EngineError) -> None:
        """Fail everything that is written or waits, and empty the rows."""
        jobs = [seat.job for seat in self.seats.rows if seat.job is not None]
        while self._pending:
            jobs.append(self._pending.popleft())
        for seat in [seat for seat in self.seats.rows if seat.job is not None]:
            self.seats.release(seat)
        self.seats.clear()
        for job in jobs:
            job.cancelled = True
            self._finish(job, error)

    def _leave(self) -> None:
        for seat in [seat for seat in self.seats.rows if seat.job is not None and seat.job.cancelled]:
            self.seats.release(seat)

    def _admit(self) -> None:
        while self._pending and not self.seats.full:
            job = self._pending.popleft()
            if job.cancelled:
                continue
            self._loop.credit(self.name, waited=self._loop.clock() - job.since)
            self.seats.admit(job, job.session, job.adapter, job.prompt)

    def _read(self) -> None:
        """Read the next part of the prompts; those that are read through write their first token."""
        seats = self.seats
        first = seats.writing
        group = seats.rows[first : first + min(seats.reading, self._limit, max(1, self._chunk // LEAST))]
        share = max(LEAST, self._chunk // len(group))
        parts = [list(self._job(seat).prompt[len(seat.tokens) :][:share]) for seat in group]
        try:
            logits = self._run(first, group, parts)
        except Exception as error:
            if not out_of_memory(error):
                raise
            self._short_of_memory(group[:1] if len(group) == 1 and self._chunk <= LEAST else [], error)
            self._chunk = max(LEAST, self._chunk // 2)
            return
        done = []
        for row, (seat, part) in enumerate(zip(group, parts, strict=True)):
            seat.tokens += part
            if len(seat.tokens) == len(self._job(seat).prompt):
                done.append((row, seat))
        if done:
            self._choose(logits[[row for row, _ in done]], [seat for _, seat in done])
            for _, seat in done:
                seats.promote(seat)

    def _write(self) -> None:
        """Write one token for each row that writes, in as many passes as memory asks for."""
        seats = self.seats
        at = 0
        group = list(seats.rows[: seats.writing])
        while at < len(group):
            part = group[at : at + self._limit]
            tokens = [[self._job(seat).token] for seat in part]
            try:
                logits = self._run(at, part, tokens)
            except Exception as error:
                if not out_of_memory(error):
                    raise
                self._short_of_memory(part if len(part) == 1 else [], error)
                self._limit = max(1, len(part) // 2)
                if len(part) == 1:
                    return
                continue
            for seat, (token,) in zip(part, tokens, strict=True):
                seat.tokens.append(token)
            self._choose(logits, part)  # nobody leaves a row before the last pass of the step
            at += len(part)
        self._recover()

    def _run(self, first: int, group: Sequence[Seat[Generation]], tokens: Sequence[Sequence[int]]) -> Any:
        names = [seat.adapter or BASE for seat in group]
        return self.runner.run(first, tokens, [len(seat.tokens) for seat in group], names)

    def _choose(self, logits: Any, group: Sequence[Seat[Generation]]) -> None:
        jobs = [self._job(seat) for seat in group]
        greedy = self.sampling.temperature <= 0.0
        draws = torch.tensor([0.0 if greedy else job.random.random() for job in jobs]).to(logits.device)
        seen = self._penalized(logits, group) if self.sampling.repetition_penalty != 1.0 else None
        with torch.inference_mode():
            tokens: list[int] = choose(logits, self.sampling, draws, seen).tolist()
        self._loop.credit(self.name, tokens=len(tokens))
        for job, seat, token in zip(jobs, group, tokens, strict=True):
            job.token = token
            job.written += 1
            full = len(seat.tokens) + 1 >= self.runner.rows.context
            if token not in self._ends and (piece := job.decoder.push(token)):
                self._loop.post(job.home, partial(job.give, piece))
            if token in self._ends or job.written >= job.most or full:
                job.cancelled = True
                job.limited = token not in self._ends
                self._finish(job)

    def _penalized(self, logits: Any, group: Sequence[Seat[Generation]]) -> Any:
        """Mark the tokens that each row has seen; those of the prompt count, as in transformers."""
        seen = torch.zeros_like(logits, dtype=torch.bool)
        for row, seat in enumerate(group):
            seen[row, torch.tensor(seat.tokens, device=logits.device)] = True
        return seen

    def _short_of_memory(self, lost: Sequence[Seat[Generation]], error: Exception) -> None:
        """Give memory back; the turns of `lost` fail, nobody else's."""
        log.warning("out of memory", extra={"stage": self.name, "limit": self._limit, "lost": len(lost)})
        self._loop.lost(self.name)
        self._good = 0
        relieve()
        for seat in lost:
            job = self._job(seat)
            job.cancelled = True
            sentence = "There is not enough memory for the language model now; try again."
            failure = EngineError(CODE, sentence, retryable=True)
            failure.__cause__ = error
            self._finish(job, failure)
            self.seats.release(seat)

    def _recover(self) -> None:
        self._good += 1
        if self._good >= RECOVERY:
            self._good = 0
            self._limit = min(self._limit + 1, self.runner.rows.rows)
            self._chunk = min(self._chunk * 2, self._most)

    def _finish(self, job: Generation, error: EngineError | None = None) -> None:
        self._loop.post(job.home, lambda: job.end(error))

    def _job(self, seat: Seat[Generation]) -> Generation:
        assert seat.job is not None
        return seat.job
