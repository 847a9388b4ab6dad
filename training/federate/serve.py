"""Puts an aggregator on a socket: who may come in, what is sent when, what is written down. It decides nothing."""

from __future__ import annotations

import asyncio
import http
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from training.federate.actions import Action, Fail, Finish, Judge, Keep, Note, Part, Send, Study
from training.federate.aggregator import Aggregator
from training.federate.errors import FederationError
from training.federate.messages import MARGIN, PATH, SUBPROTOCOL, Join, Message, Refused, encode, from_site
from training.federate.plan import MOST_SITES
from training.federate.record import Record

WAITING: Final = 16  # messages to one site that it has not taken; beyond, it is let go
PATIENCE_S: Final = 30.0  # that a connection may take to say who it is
SILENCE_S: Final = 120.0  # after which a connection that answers no ping is lost


@dataclass(frozen=True, slots=True)
class Door:
    """Where to listen and whom to let in.

    `admit` is given a token, "" for none, and returns the site's name, "" when the site may choose it;
    FederationError `unauthorized` when nobody may come in with it.
    """

    host: str
    port: int
    admit: Callable[[str], str]
    tls: ssl.SSLContext | None = None


@dataclass(slots=True)
class _Line:
    """A site's connection and what waits to be sent on it; None ends it."""

    connection: ServerConnection
    outbox: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(WAITING))

    def post(self, message: bytes | None) -> None:
        """Have something sent; a site that does not take what it is sent is let go."""
        try:
            self.outbox.put_nowait(message)
        except asyncio.QueueFull:
            self.connection.transport.abort()

    async def write(self) -> None:
        """Send until the end."""
        while (message := await self.outbox.get()) is not None:
            await self.connection.send(message)
        await self.connection.close()


class Host:
    """Runs one federation to its end: `await Host(...).run()` gives what was learnt."""

    def __init__(
        self,
        hub: Aggregator,
        base: str,
        door: Door,
        record: Record,
        *,
        told: Callable[[Note], None] = lambda _: None,
        ready: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._hub, self._base, self._door, self._record = hub, base, door, record
        self._told, self._ready = told, ready
        self._lines: dict[str, _Line] = {}
        self._sent: Counter[str] = Counter()
        self._received: Counter[str] = Counter()
        self._turn = asyncio.Lock()  # one event after the other, in the order of their coming
        self._changed = asyncio.Event()
        self._began = 0.0
        self._result: Finish | None = None
        self._error: FederationError | None = None
        self._over = asyncio.Event()
        self._serving: set[asyncio.Task[None]] = set()

    async def run(self) -> Finish:
        """Serve until all rounds are over; FederationError when they cannot be."""
        door = self._door
        self._began = asyncio.get_running_loop().time()
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(
                listen(
                    self._serve,
                    door.host,
                    door.port,
                    ssl=door.tls,
                    process_request=self._front,
                    subprotocols=[Subprotocol(SUBPROTOCOL)],
                    compression=None,
                    max_size=4 * len(self._hub.weights) + MARGIN + 256 * MOST_SITES,
                    max_queue=2,
                    ping_timeout=SILENCE_S,
                )
            )
            self._ready(next(iter(server.sockets)).getsockname()[1])
            async with asyncio.TaskGroup() as tasks:
                timer = tasks.create_task(self._expire())
                await self._over.wait()
                timer.cancel()
            for line in self._lines.values():
                line.post(None)
            if self._serving:
                await asyncio.wait(self._serving, timeout=PATIENCE_S)
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result

    def _front(self, connection: ServerConnection, request: Request) -> Response | None:
        """Let in who has a token and knocks at the right door."""
        if request.path != PATH:
            return connection.respond(http.HTTPStatus.NOT_FOUND, f"a federation is at {PATH}\n")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        try:
            connection.site = self._door.admit(token)  # type: ignore[attr-defined]
        except FederationError as error:
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, error.message + "\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        """Serve one connection from its `join` to its end."""
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        line = _Line(connection)
        site = ""
        try:
            async with asyncio.timeout(PATIENCE_S):
                first = await connection.recv()
            join = from_site(first)
            site = self._name(connection, join)
            self._received[site] += len(first)
            if old := self._lines.get(site):
                old.post(None)
            self._lines[site] = line
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(line.write())
                await self._do(lambda now: self._hub.receive(site, join, now))
                await self._read(connection, site)
                line.post(None)
                await writer
        except* FederationError as group:
            error = group.exceptions[0]
            assert isinstance(error, FederationError)
            await _refuse(connection, error)
        except* (ConnectionClosed, TimeoutError):
            pass
        finally:
            if site and self._lines.get(site) is line:
                del self._lines[site]
                await self._do(lambda now: self._hub.lost(site, now))

    async def _read(self, connection: ServerConnection, site: str) -> None:
        async for data in connection:
            message = from_site(data)
            self._received[site] += len(data)
            if isinstance(message, Join):
                raise FederationError("bad_message", "a site joins once on a connection")
            await self._do(lambda now, message=message: self._hub.receive(site, message, now))  # type: ignore[misc]

    def _name(self, connection: ServerConnection, join: Message) -> str:
        """Return whose connection it is; `unauthorized` when the token is another site's."""
        if not isinstance(join, Join):
            raise FederationError("bad_message", "the first message of a site is join")
        given = str(getattr(connection, "site", ""))
        if given and given != join.site:
            raise FederationError("unauthorized", f"the token is for the site {given}, not for {join.site}")
        return join.site

    async def _expire(self) -> None:
        """Tell the aggregator when its deadline is over."""
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            deadline = self._hub.deadline
            try:
                async with asyncio.timeout_at(deadline):
                    await self._changed.wait()
            except TimeoutError:
                if deadline is not None and loop.time() >= deadline:
                    await self._do(self._hub.expire)

    async def _do(self, decide: Callable[[float], list[Action]]) -> None:
        """Have the aggregator decide, off the loop since sums are long, and do what it says."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            for action in await asyncio.to_thread(decide, loop.time()):
                await self._perform(action, loop.time())
            self._changed.set()

    async def _perform(self, action: Action, now: float) -> None:
        match action:
            case Send(message=message, site=site):
                self._post(site, message)
            case Part(site=site, error=error):
                self._post(site, Refused(code=error.code, message=error.message))
                if line := self._lines.get(site):
                    line.post(None)
            case Keep(rounds=rounds, weights=weights):
                await asyncio.to_thread(self._record.keep, self._hub.plan, self._base, rounds, weights)
            case Note():
                self._record.note(action, seconds=now - self._began, sent=self._sent, received=self._received)
                self._began = now
                self._sent.clear()
                self._received.clear()
                self._told(action)
            case Finish():
                self._result = action
                self._over.set()
            case Fail(error=error):
                self._error = error
                self._over.set()
            case Study() | Judge():
                raise AssertionError("an aggregator does not learn")

    def _post(self, site: str, message: Message) -> None:
        if line := self._lines.get(site):
            data = encode(message)
            self._sent[site] += len(data)
            line.post(data)


async def _refuse(connection: ServerConnection, error: FederationError) -> None:
    try:
        await connection.send(encode(Refused(code=error.code, message=error.message)))
        await connection.close()
    except ConnectionClosed:
        pass
