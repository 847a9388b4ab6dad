"""One run of a child process: its pipes, its open requests, and a watch over its silence.

Frames go out and come in as `engines.process.loop` describes them; whatever ends the run fails every open request with
one EngineError. It does not know how the process was started, nor what is asked of it.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol, cast

import msgpack

from engines.api import EngineError
from engines.process.loop import LENGTH, MAX_FRAME, pack

GRACE = 1.0  # seconds between asking a process to end and killing it


class Listener(Protocol):
    """An open request; `owed_since` is the loop time since which the child has had something to do for it, or None."""

    owed_since: float | None

    def hear(self, kind: str, body: Any) -> None:
        """Take a frame of the child."""
        ...

    def fail(self, error: EngineError) -> None:
        """Fail every request: the process is gone."""
        ...


class Process(asyncio.SubprocessProtocol):
    """The asyncio protocol of one process; `failed` once no request can be made of it, `gone` once nothing is left.

    `hung` says that it failed because it was silent for too long.
    """

    def __init__(self, name: str, code: str, patience: float) -> None:
        self.exchanges: dict[int, Listener] = {}
        self.failed = False
        self.hung = False
        self.gone = asyncio.Event()
        self.pid = 0
        self._name = name
        self._code = code
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._heard = self._loop.time()
        self._watch: asyncio.TimerHandle | None = None
        self._killing: asyncio.TimerHandle | None = None

    # -------------------------------------------------------------------------------------------- to the process

    def open(self, number: int, exchange: Listener) -> None:
        self.exchanges[number] = exchange
        if self._watch is None:
            self._watch = self._loop.call_later(self._patience, self._check)

    def write(self, number: int, kind: str, body: object = None) -> None:
        if not self.failed:
            self._stdin.write(pack(number, kind, body))

    async def end(self, error: EngineError) -> None:
        """Ask the process to leave, kill it after a while, and wait until nothing of it is left."""
        self._fail(error)
        self._stdin.close()
        if self._killing is None:
            self._killing = self._loop.call_later(GRACE, self._transport.kill)
        await self.gone.wait()

    def _fail(self, error: EngineError) -> None:
        self.failed = True
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        for exchange in self.exchanges.values():
            exchange.fail(error)
        self.exchanges.clear()

    def _error(self, sentence: str) -> EngineError:
        return EngineError(self._code, sentence, retryable=True)

    def _check(self) -> None:
        now = self._loop.time()
        owed = [x.owed_since for x in self.exchanges.values() if x.owed_since is not None]
        due = max(min(owed, default=now), self._heard) + self._patience
        if due <= now:
            self.hung = True
            self._fail(self._error(f"{self._name} did not answer for {self._patience:g} s."))
            self._transport.kill()
        else:
            self._watch = self._loop.call_at(due, self._check) if self.exchanges else None

    # ------------------------------------------------------------------------------------------ from the process

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # By its place it is a subprocess transport; uvloop's are not derived from asyncio's.
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self.pid = self._transport.get_pid()
        self._stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._heard = self._loop.time()
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= LENGTH.size:
            (size,) = LENGTH.unpack_from(buffer, at)
            if size > MAX_FRAME:
                self._fail(self._error(f"{self._name} sent what cannot be read."))
                self._transport.kill()
                return
            if len(buffer) - at < LENGTH.size + size:
                break
            at += LENGTH.size
            number, kind, body = msgpack.unpackb(memoryview(buffer)[at : at + size])
            at += size
            if (exchange := self.exchanges.get(number)) is not None:
                exchange.hear(kind, body)
        del buffer[:at]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if not self.failed:
            self._fail(self._error(f"{self._name} stopped unexpectedly."))
        if self._killing is None:
            self._killing = self._loop.call_later(GRACE, self._transport.kill)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._killing is not None:
            self._killing.cancel()
        self._transport.close()
        self.gone.set()
