"""A Python module in a process of its own, spoken to from asyncio: what keeps a native library out of the server.

`engines.process.loop` is the other end and documents the frames. Requests of many sessions share one process. Nothing
here waits on the pipe: a window of inputs and a window of replies bound each request. It does not know what the module
does.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engines.api import EngineError
from engines.process.environment import inherited
from engines.process.loop import INPUT_WINDOW, REPLY_WINDOW, Fields
from engines.process.pipes import Process
from engines.process.work import DEVICE, ChildWork, Outcome


class Child:
    """`python -m module args...`, started on demand and started again after it died.

    `name` stands in sentences for people, `code` in the EngineErrors raised. `patience` is how many seconds the process
    may be silent while it owes an answer before it is killed and counts as dead. `work` measures it; `device` is what
    the process is called there.
    """

    def __init__(
        self,
        module: str,
        args: Sequence[str] = (),
        *,
        name: str,
        code: str,
        patience: float = 10.0,
        device: str = DEVICE,
    ) -> None:
        self.name = name
        self.code = code
        self.patience = patience
        self.work = ChildWork(name, device)
        self._command = (sys.executable, "-P", "-m", module, *args)
        self._process: Process | None = None
        self._starting = asyncio.Lock()
        self._closed = False
        self._requests = 0

    @property
    def pid(self) -> int | None:
        """The running process, or None."""
        return self._process.pid if self._process is not None and not self._process.failed else None

    async def start(self) -> None:
        """Start the process; raises EngineError when the system cannot run it. Also reopens after `close`."""
        self._closed = False
        await self._running("start")

    async def close(self) -> None:
        """End the process and every open request; when it returns, no process and no pipe is left."""
        self._closed = True
        async with self._starting:
            process, self._process = self._process, None
            if process is not None:
                await process.end(self.error(f"{self.name} was closed.", retryable=False))

    def request(self, op: str, **fields: Any) -> Exchange:
        """Make one request, to be entered with `async with`; leaving it early tells the child to abandon it."""
        return Exchange(self, op, fields)

    def error(self, sentence: str, *, retryable: bool = True) -> EngineError:
        """Make an EngineError with this child's code."""
        return EngineError(self.code, sentence, retryable=retryable)

    def _number(self) -> int:
        self._requests += 1
        return self._requests

    async def _running(self, op: str) -> Process:
        """Return the process, started for an operation if there is none."""
        async with self._starting:
            if self._closed:
                raise self.error(f"{self.name} is closed.", retryable=False)
            if self._process is not None and self._process.failed:
                gone, self._process = self._process, None
                await gone.gone.wait()
                self.work.restarted(op)
            if self._process is None:
                self._process = await self._spawn()
            return self._process

    async def _spawn(self) -> Process:
        options: dict[str, Any] = {"env": _environment(), "stderr": None}
        if sys.platform == "win32":
            options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        else:
            options["start_new_session"] = True
        try:
            _, process = await asyncio.get_running_loop().subprocess_exec(
                lambda: Process(self.name, self.code, self.patience),
                *self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                **options,
            )
        except OSError as error:
            raise self.error(f"{self.name} cannot be started: {error.strerror}.", retryable=False) from error
        return process


def _environment() -> dict[str, str]:
    # The child imports what this process would import; `-P` keeps whatever lies in the working directory out of it.
    path = os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path)
    return inherited(os.environ) | {"PYTHONPATH": path}


class Exchange:
    """One request: `send` more input, iterate over the replies until the child ends it."""

    def __init__(self, child: Child, op: str, fields: Fields) -> None:
        self._child = child
        self._op = op
        self._fields = fields
        self._number = 0
        self._process: Process | None = None
        self._replies: deque[Fields] = deque()
        self._error: EngineError | None = None
        self._ended = False
        self._news = asyncio.Event()
        self._sent = 0
        self._taken = 0
        self._waiting = False
        self._begun = False
        self.owed_since: float | None = None
        self.asked_at = asyncio.get_running_loop().time()  # to be set earlier when something else was waited for

    async def __aenter__(self) -> Self:
        process = await self._child._running(self._op)
        self._number = self._child._number()
        self._process = process
        process.open(self._number, self)
        self._child.work.opened(self._op)
        process.write(self._number, "open", [self._op, self._fields])
        self._settle()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._running()
        if process.exchanges.pop(self._number, None) is not None and not self._ended:
            process.write(self._number, "cancel")
            self._over("cancelled")

    async def send(self, **fields: Any) -> None:
        """Send one more input; waits while the child has a whole window of them. Nothing after the child ended it."""
        while self._sent - self._taken >= INPUT_WINDOW and not self._ended:
            self._news.clear()
            await self._news.wait()
        if self._error is not None:
            raise self._failure(self._error)
        if not self._ended:
            self._sent += 1
            self._running().write(self._number, "send", fields)
            self._settle()

    async def finish(self) -> None:
        """Say that no more input follows."""
        if self._error is not None:
            raise self._failure(self._error)
        if not self._ended:
            self._sent += 1
            self._running().write(self._number, "finish")
            self._settle()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Fields:
        while not self._replies:
            if self._error is not None:
                raise self._failure(self._error)
            if self._ended:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        reply = self._replies.popleft()
        if not self._ended:
            self._running().write(self._number, "credit", 1)
            self._settle()
        return reply

    def hear(self, kind: str, body: Any) -> None:
        """Take a frame of the child about this request."""
        match kind:
            case "begun":
                self._begun = True
                self._child.work.begun(self._op, asyncio.get_running_loop().time() - self.asked_at)
            case "reply":
                self._replies.append(body)
            case "took":
                self._taken, self._waiting = body
            case "end":
                self._over("done")
            case "error":
                sentence, retryable = body
                self.fail(self._child.error(sentence, retryable=retryable))
            case "crash":
                self.fail(self._child.error(f"{self._child.name} failed on this request ({body}).", retryable=False))
        self._settle()
        self._news.set()

    def fail(self, error: EngineError) -> None:
        """End the request with an error, after the replies that have arrived."""
        if not self._ended:
            self._error = error
            self._over("hung" if self._running().hung else "failed")

    def _over(self, outcome: Outcome) -> None:
        self._ended = True
        self._settle()
        self._child.work.over(self._op, outcome, asyncio.get_running_loop().time(), begun=self._begun)
        self._news.set()

    def _running(self) -> Process:
        assert self._process is not None, "an exchange is entered with `async with` before it is used"
        return self._process

    def _failure(self, error: EngineError) -> EngineError:
        return EngineError(error.code, error.message, retryable=error.retryable)

    def _settle(self) -> None:
        """Keep `owed_since`: whether the child has something to do for this request that it has not yet answered."""
        idle = self._ended or len(self._replies) >= REPLY_WINDOW or (self._waiting and self._taken == self._sent)
        if idle == (self.owed_since is None):
            return
        now = asyncio.get_running_loop().time()
        if idle:
            self.owed_since = None
            self._child.work.rests(self._op, now)
        else:
            self.owed_since = now
            self._child.work.owes(self._op, now)
