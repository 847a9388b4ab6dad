"""Asks engines elsewhere: opens a connection for each request, carries items both ways, asks again when one is lost.

A connection is opened ahead, so that a request need not wait for the handshake. Whoever stops listening closes the
socket, and that cancels the work at the other end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from engines.api import EngineError, Failure, Stream, ToolResult
from engines.measures import tracing
from engines.remote import parcels as p

log = logging.getLogger("engines.remote.client")

PAUSES: Final = (0.0, 0.2, 0.8, 1.5)  # seconds before each further try of a request that was lost
TRIES: Final = len(PAUSES) + 1  # of one request, each on a connection of its own
PATIENCE: Final = 3.0  # seconds that a connection may take
OPENING: Final = 0.5  # seconds that closing waits for one that is just being opened
FRESH: Final = 15.0  # seconds that one may have been waiting


class Lost(Exception):
    """The connection is gone in the middle of a request."""


async def _no_tool(name: str, arguments: Mapping[str, object]) -> ToolResult:
    return ToolResult("failed", f"there is no tool named {name}")


class Line:
    """The way to one engine at `address` (ws:// or wss://); `code` is that of the errors it raises."""

    def __init__(self, address: str, job: p.Job, *, api_key: str, code: str, setting: str) -> None:
        self._url = f"{address.rstrip('/')}/{job}/"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self.job: p.Job = job
        self._code = code
        self._setting = setting
        self._ahead: tuple[float, asyncio.Task[ClientConnection]] | None = None
        self.retries = 0  # requests that were asked again

    async def about(self) -> p.About:
        """Return what the engine is; EngineError when it cannot be asked."""
        socket = await self._open()
        try:
            await socket.send(p.packed(p.Ask(self.job, about=True)))
            answer = p.unpacked(await socket.recv())
        except (ConnectionClosed, p.BadParcel) as error:
            raise self._error(f"what listens at {self._url} is no engine", Failure.FOREIGN) from error
        finally:
            await _gone(socket)
        if isinstance(answer, p.Failed):
            raise answer.error()
        if not isinstance(answer, p.About):
            raise self._error(f"what listens at {self._url} is no engine", Failure.FOREIGN)
        return answer

    async def close(self) -> None:
        """Close what was opened ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            # One that is cancelled in its handshake leaves a socket behind.
            await asyncio.wait([ahead[1]], timeout=OPENING)
            ahead[1].cancel()
            with suppress(asyncio.CancelledError, EngineError):
                await _gone(await ahead[1])

    async def ask(self, ask: p.Ask, given: Stream[p.Parcel] | None = None, run: p.Run = _no_tool) -> Stream[p.Parcel]:
        """Yield what comes of a request to which `given` belongs; raises the engine's EngineError.

        When the connection is lost it is asked again, with all that was given, and what was yielded already is left
        out; where another answer comes then, the request fails.
        """
        ask = msgspec.structs.replace(ask, trace=tracing.carried())
        told = _Told(given)
        got: list[p.Parcel] = []
        reader = asyncio.ensure_future(told.read())
        try:
            for number in range(1, TRIES + 1):
                skipped = 0
                try:
                    async for parcel in self._once(ask, told, run):
                        skipped += 1
                        if skipped <= len(got):
                            if not _same(parcel, got[skipped - 1]):
                                raise self._error("the engine was lost and gave another answer", Failure.BROKEN)
                            continue
                        got.append(parcel)
                        yield parcel
                    return
                except (Lost, EngineError) as error:
                    if isinstance(error, EngineError) and (number == 1 or error.kind is not Failure.AWAY):
                        raise
                    self.retries += 1
                    log.warning("an engine was lost", extra={"job": self.job, "tries": number})
                    if number == TRIES:
                        raise self._error("the engine was lost again and again", Failure.BROKEN) from error
                    await asyncio.sleep(PAUSES[number - 1])  # another may have to come up first
        finally:
            reader.cancel()
            with suppress(asyncio.CancelledError, EngineError):
                await reader

    async def _once(self, ask: p.Ask, told: _Told, run: p.Run) -> Stream[p.Parcel]:
        socket = await self._open()
        tasks: set[asyncio.Task[Any]] = set()
        try:
            await socket.send(p.packed(ask))
            tasks.add(asyncio.ensure_future(_give(socket, told)))
            while True:
                parcel = p.unpacked(await socket.recv())
                if told.error is not None:
                    raise told.error
                match parcel:
                    case p.Begun():
                        self._prepare()
                    case p.Over():
                        return
                    case p.Failed():
                        raise parcel.error()
                    case p.Call():
                        tasks.add(asyncio.ensure_future(_run(socket, parcel, run)))
                    case _:
                        yield parcel
        except ConnectionClosed as error:
            raise Lost from error
        except p.BadParcel as error:
            raise self._error("the engine sent what cannot be read", Failure.BROKEN) from error
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await _gone(socket)

    def _prepare(self) -> None:
        """Open a connection for the next request."""
        if self._ahead is None:
            self._ahead = (asyncio.get_running_loop().time(), asyncio.ensure_future(self._connect()))

    async def _open(self) -> ClientConnection:
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            began, coming = ahead
            waited = not coming.done()
            try:
                socket = await coming
                if asyncio.get_running_loop().time() - began < FRESH and socket.close_code is None:
                    return socket
                await _gone(socket)
            except EngineError:
                if waited:
                    raise  # it has just been tried, as long as may be
        return await self._connect()

    async def _connect(self) -> ClientConnection:
        try:
            return await connect(
                self._url,
                additional_headers=self._headers,
                compression=None,
                open_timeout=PATIENCE,
                close_timeout=0.1,
                max_size=p.LARGEST,
            )
        except InvalidURI as error:
            raise self._error(f"{self._url} is no address", Failure.PARAMETER) from error
        except (OSError, TimeoutError, InvalidHandshake) as error:
            raise self._error(f"no engine answers at {self._url}", Failure.AWAY, retryable=True) from error

    def _error(self, sentence: str, kind: Failure, *, retryable: bool = False) -> EngineError:
        return EngineError(self._code, sentence, retryable=retryable, kind=kind, setting=self._setting)


class _Told:
    """What was given to a request so far, kept for another try; bounded by what an utterance or a reply is."""

    def __init__(self, given: Stream[p.Parcel] | None) -> None:
        self._given = given
        self._items: list[p.Parcel] = []
        self._over = given is None
        self._more = asyncio.Event()
        self.error: BaseException | None = None

    async def read(self) -> None:
        """Take what is given."""
        try:
            if self._given is not None:
                async for item in self._given:
                    self._items.append(item)
                    self._more.set()
        except EngineError as error:
            self.error = error
        finally:
            if self._given is not None:
                await self._given.aclose()
            self._over = True
            self._more.set()

    async def all(self) -> AsyncIterator[p.Parcel]:
        """Yield all of it from the beginning, and what is still to come."""
        at = 0
        while True:
            while at < len(self._items):
                yield self._items[at]
                at += 1
            if self._over:
                return
            self._more.clear()
            await self._more.wait()


async def _give(socket: ClientConnection, told: _Told) -> None:
    with suppress(ConnectionClosed):
        async for item in told.all():
            await socket.send(p.packed(item))
        await socket.send(p.packed(p.Over()))


async def _run(socket: ClientConnection, call: p.Call, run: p.Run) -> None:
    result = await run(call.name, call.arguments)
    with suppress(ConnectionClosed):
        await socket.send(p.packed(p.Answer(call.number, result)))


async def _gone(socket: ClientConnection) -> None:
    """Let a connection go: at once where the request was given up."""
    with suppress(ConnectionClosed):
        await socket.close()


def _same(parcel: p.Parcel, before: p.Parcel) -> bool:
    """Return whether another try goes the way of the one before; a recogniser may change its mind while it listens."""
    return isinstance(parcel, p.Heard) or parcel == before
