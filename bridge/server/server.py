"""The server: accepts sockets, authenticates, joins each to its session, answers plain HTTP, drains."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, Self, TypeAlias, cast

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response

from bridge import wallclock
from bridge.auth import Caller, authorize
from bridge.core.budget import Account, Allowance, Budget, Users
from bridge.core.lobby import Lobby
from bridge.core.outbox import ReplayGap
from bridge.core.rate import Pace, Verdict
from bridge.errors import INTERNAL, BridgeError, Overloaded, report
from bridge.memory.keeper import Memory
from bridge.metrics import Metrics
from bridge.server.arriving import Arrivals, Closed, Habits
from bridge.server.backstage import SOCKET as DOCK
from bridge.server.backstage import Backstage
from bridge.server.connection import Connection
from bridge.server.descriptors import descriptors
from bridge.server.front import Front
from bridge.server.headers import bearer
from bridge.server.hosting import Hosting
from bridge.server.intake import Door, Intake, Wired
from bridge.server.neighbours import Alone, Neighbours, roomed
from bridge.server.resume import Sessions
from bridge.server.sockets import REALTIME, choose, shrink
from bridge.server.studio.room import SOCKET, StudioRoom
from bridge.server.tls import tls
from bridge.session.companion import Companion
from bridge.session.luggage import Luggage
from bridge.session.session import Session
from bridge.setup.config import Config
from bridge.setup.ensemble import Ensemble
from bridge.setup.people import People, places
from bridge.setup.remembering import memory as memory_of
from bridge.setup.standing import anchors
from bridge.setup.tools import toolbox
from bridge.shared.commons import Commons
from bridge.version import SERVER
from engines.identity import Identity
from protocol import messages as m
from protocol.errors import ProtocolError, RemoteProtocolError
from protocol.weight import MOST_VALUES

if TYPE_CHECKING:
    from bridge.server.realtime.calls import Calls

log = logging.getLogger("bridge.server.server")

Wire: TypeAlias = tuple[socket.socket, Wired]

WRITE_LIMIT: Final = 16_384
RESERVED: Final = 128  # file descriptors for everything but clients
CLOSE_PATIENCE: Final = 2.0  # seconds that a close handshake may take
HANDSHAKE_PATIENCE: Final = 10.0  # seconds that the WebSocket handshake may take
WARN_EVERY: Final = 10.0  # seconds between two warnings that the lobby is crowded


class Server:
    """A companion on one address: `async with Server(config, companion) as server` listens, leaving it closes.

    With `person`, the identity that `companion` was cast for, clients may ask for other identities too, and what
    changes on disk is taken over.
    """

    def __init__(
        self,
        config: Config,
        companion: Companion,
        *,
        person: Identity | None = None,
        clock: Callable[[], datetime] = wallclock.here,
        memory: Memory | None = None,
        neighbours: Neighbours | None = None,
        listens: bool = True,
    ) -> None:
        """Make it, not listening yet; `memory` is another than the configuration describes.

        `neighbours` serve beside it. With `listens` False it takes only sockets that are handed to it.
        """
        self._config = config
        self.metrics = Metrics()
        self.metrics.watch(companion.engines)
        self.ensemble = Ensemble(
            config,
            companion,
            self.metrics,
            person=person,
            people=People(places(config), anchors(config)) if person else None,
        )
        self.toolbox = toolbox(config)
        self._neighbours = neighbours or Alone()
        self._listens = listens
        self._commons = Commons(
            config.cluster.store, now=wallclock.now, secret=config.auth.secret, away=self.metrics.store_away
        )
        self._hosting = Hosting(
            config,
            self.ensemble,
            self.metrics,
            clock,
            memory or memory_of(config),
            self.toolbox,
            self._neighbours,
            self._commons.presence,
        )
        self._studio = StudioRoom(config, self.ensemble.listed)
        self._backstage = Backstage(config, self._hosting.sessions)
        self._front = Front(config, self.ensemble, self.metrics, self._backstage, self._neighbours, self._call)
        limits = config.limits
        self._allowance = Allowance(limits.messages_per_s, limits.bytes_per_s, limits.values_per_s, limits.turns_per_s)
        self._users = Users(
            self._allowance,
            largest=limits.message_bytes,
            values=MOST_VALUES,
            opening=self._commons.rates.user,
        )
        # Each session's speaker and viewers, and those who come.
        wanted = limits.sessions * (1 + limits.viewers_per_session) + limits.handshakes
        self._lobby: Lobby[Intake] = Lobby(
            most=limits.handshakes,
            most_per_address=limits.handshakes_per_address,
            most_inside=descriptors(wanted + RESERVED) - RESERVED,
        )
        self._calling = asyncio.TaskGroup()
        self._calls: Calls | None = None  # made when the first is offered
        self._stack = AsyncExitStack()
        self._warned_at = float("-inf")
        self.port = 0

    @property
    def notice(self) -> str:
        """What people should know about this companion, "" for nothing; every `welcome` says it too."""
        return self.ensemble.main.told

    @property
    def newest(self) -> Session | None:
        """Return the session that was opened last, of those that are open."""
        return self._hosting.sessions.newest

    @property
    def told(self) -> list[Callable[[Session], None]]:
        """Return whom to tell of each session that opens, before its client hears of it; they must not block."""
        return self._hosting.told

    def tells_of(self, others: Callable[[], Sequence[tuple[str, str, str]]]) -> None:
        """Let the dock and the page be told how others stand, too, that the show depends on: name, state, why."""
        self._backstage.tellers.append(others)

    async def __aenter__(self) -> Self:
        server, limits = self._config.server, self._config.limits
        door = Door(
            lobby=self._lobby,
            tls=tls(self._config.server),
            open_budget=self._open_budget,
            pace=Pace(
                limits.handshakes_per_address / 2,
                2 * limits.handshakes_per_address,
                opening=self._commons.rates.address,
            ),
            crowded=self._crowded,
            left=self._neighbours.left,
        )
        await self._stack.enter_async_context(self.ensemble)
        if self.toolbox is not None:
            await self._stack.enter_async_context(self.toolbox)
        await self._stack.enter_async_context(self._commons)
        await self._stack.enter_async_context(self._hosting)
        await self._stack.enter_async_context(self._calling)
        listening = serve(
            self._accept,
            server.host,
            server.port,
            create_connection=cast("type[ServerConnection]", partial(Intake, door)),
            compression=None,
            # A client that offers none is served MessagePack.
            select_subprotocol=choose,
            process_request=self._answer,
            max_size=limits.message_bytes,
            write_limit=WRITE_LIMIT,
            open_timeout=HANDSHAKE_PATIENCE,
            close_timeout=CLOSE_PATIENCE,
            server_header=SERVER,
        )
        if not self._listens:
            listening.server = cast("asyncio.Server", Closed())
        await self._stack.enter_async_context(listening)
        self.arrivals = Arrivals(door, Habits(limits.message_bytes, WRITE_LIMIT, CLOSE_PATIENCE), listening)
        if self._listens:
            self.port = listening.sockets[0].getsockname()[1]
            log.info("listening", extra={"port": self.port, "tls": bool(server.tls_cert)})
        return self

    async def __aexit__(self, *_: object) -> None:
        self._hosting.end()
        if self._calls is not None:
            self._calls.end()
        for guest in self._lobby.waiting():
            guest.cut_off()
        await self._stack.aclose()

    async def drain(self) -> None:
        """Refuse new sessions, let running replies be heard, tell clients when to come back; at most `drain_s`."""
        await self._hosting.drain()

    # ------------------------------------------------------------------------------------------------ elsewhere

    @property
    def sessions(self) -> Sessions:
        """Return the sessions that are open here."""
        return self._hosting.sessions

    @property
    def waiting(self) -> bool:
        """Return whether somebody has connected and not said hello yet."""
        return bool(self._lobby.waiting())

    async def settle(self, luggage: Luggage, speaker: Wire | None, viewers: Sequence[Wire]) -> None:
        """Go on with a session of another process, and with its clients' sockets."""
        try:
            session = await self._hosting.settle(luggage)
        except BaseException:
            for taken, _ in filter(None, (speaker, *viewers)):
                taken.close()
            raise
        for wire, viewer in ((speaker, False), *((each, True) for each in viewers)):
            if wire is not None:
                go_on = partial(self._go_on, session, viewer=viewer)
                await self.arrivals.adopt(*wire, go_on, trusted=True)

    async def _go_on(self, session: Session, socket_: Intake, *, viewer: bool) -> None:
        connection = self._connection(socket_)
        self.metrics.connections.inc()
        try:
            if session.user and not viewer:
                socket_.budget.join(self._users.account(session.user, asyncio.get_running_loop().time()))
            with self._hosting.contain(session):
                session.join(connection, viewer=viewer)
            await self._serve(session, connection, viewer=viewer)
        finally:
            self.metrics.connections.dec()

    async def take_over(self, taken: socket.socket, wired: Wired, first: str | bytes) -> None:
        """Serve a client whose first message another process has read."""
        await self.arrivals.adopt(taken, wired, partial(self._begin, first=first), trusted=False)

    async def _begin(self, socket_: Intake, *, first: str | bytes) -> None:
        connection = self._connection(socket_)
        self.metrics.connections.inc()
        try:
            await self._meet(connection.opening(first), connection, socket_)
        except (ProtocolError, BridgeError) as error:
            await self._refuse(connection, error)
        except ConnectionClosed:
            pass
        finally:
            self.metrics.connections.dec()

    # ------------------------------------------------------------------------------------------------ sockets

    def _open_budget(self) -> Budget:
        return Budget(Account(self._allowance, largest=self._config.limits.message_bytes, values=MOST_VALUES))

    def _crowded(self) -> None:
        """Note that a connection was cut off to make room; in the log once in a while."""
        self.metrics.refused("crowded")
        now = asyncio.get_running_loop().time()
        if now - self._warned_at >= WARN_EVERY:
            self._warned_at = now
            log.warning("too many connections have not said hello; the oldest are cut off")

    async def _accept(self, socket_: ServerConnection) -> None:
        assert isinstance(socket_, Intake)
        connection = self._connection(socket_)
        path = (socket_.request.path if socket_.request else "").partition("?")[0]
        if path in (SOCKET, DOCK):
            self._lobby.admit(socket_)
            await (self._studio if path == SOCKET else self._backstage).serve(socket_)
            return
        if path == REALTIME:
            await self._translate(socket_)
            return
        self.metrics.connections.inc()
        try:
            hello = await connection.hello(self._config.limits.hello_s)
            if not await self._elsewhere(hello, connection, socket_):
                await self._meet(hello, connection, socket_)
        except (ProtocolError, BridgeError) as error:
            await self._refuse(connection, error)
        except ConnectionClosed:
            pass
        finally:
            self.metrics.connections.dec()

    def _connection(self, socket_: Intake) -> Connection:
        shrink(socket_)
        backlog = self._config.limits.backlog_bytes
        return Connection(socket_, budget=socket_.budget, max_backlog=backlog, metrics=self.metrics)

    async def _elsewhere(self, hello: m.Hello, connection: Connection, socket_: Intake) -> bool:
        """Bring a client that asks for a session of somebody else's to where that is; False if there is none."""
        if hello.room is not None:
            if hello.room.name in self._hosting.rooms:
                return False
            return await self._neighbours.take(socket_, connection.first, roomed(hello.room.name))
        asked = hello.watch if hello.role == "viewer" else hello.resume
        if asked is None or asked.session in self._hosting.sessions:
            return False
        return await self._neighbours.take(socket_, connection.first, asked.session)

    async def _meet(self, hello: m.Hello, connection: Connection, socket_: Intake) -> None:
        caller = self._authorize(hello, socket_)
        await self._charge(caller, socket_.budget)
        self._lobby.admit(socket_)
        if hello.role == "viewer":
            await self._show(hello, connection)
        else:
            await self._converse(hello, caller, connection)

    async def _refuse(self, connection: Connection, error: ProtocolError | BridgeError) -> None:
        self.metrics.refused(error.code)
        log.info("refused", extra={"code": error.code})
        await connection.refuse(report(error, fatal=True))

    async def _translate(self, socket_: Intake) -> None:
        """Serve a client of OpenAI's Realtime API."""
        from bridge.server.realtime.room import RealtimeRoom  # it needs NumPy, which a server alone may do without

        room = RealtimeRoom(self._config, self._hosting, self.metrics, self._charge)
        await room.serve(socket_, socket_.budget, lambda: self._lobby.admit(socket_))

    async def _charge(self, caller: Caller, budget: Budget) -> None:
        """Have this connection spend of its user's budget from now on, and pay for its hello."""
        if not caller.user:
            return
        now = asyncio.get_running_loop().time()
        account = self._users.account(caller.user, now)
        budget.join(account)
        if budget.judge(now, "turns") is not Verdict.TAKEN or not await self._commons.rates.admit(account):
            sentence = "you connect too often"
            raise Overloaded("rate_limited", sentence, retry_after=self._config.server.retry_after_s)

    async def _converse(self, hello: m.Hello, caller: Caller, connection: Connection) -> None:
        session, seq, reason = await self._hosting.admit(hello, caller)
        if not self._attach(session, connection, seq, reason):
            session = await self._hosting.open(hello, caller)
            self._attach(session, connection, None, "replay_gap")
        await self._serve(session, connection)

    async def _serve(self, session: Session, connection: Connection, *, viewer: bool = False) -> None:
        """Serve a connection that is its session's until it is gone."""
        try:
            with self._hosting.contain(session):
                await connection.serve(None if viewer else session)
            await connection.part()
        finally:
            with self._hosting.contain(session):
                session.detach(connection)

    def _attach(self, session: Session, connection: Connection, seq: int | None, reason: str) -> bool:
        """Make `connection` the session's; False if the session cannot replay from `seq`."""
        crashed = True
        with self._hosting.contain(session):
            try:
                session.attach(connection, seq=seq, reason=reason)
            except ReplayGap:
                return False
            crashed = False
        if crashed:
            # Perhaps before the session knew of the connection.
            connection.finish(m.Error(code="internal", message=INTERNAL, fatal=True))
        return True

    async def _show(self, hello: m.Hello, connection: Connection) -> None:
        session = self._hosting.sessions.watched(hello.watch) if hello.watch else None
        if session is None:
            raise RemoteProtocolError("no_such_session", "there is no such session to watch")
        if session.viewers >= self._config.limits.viewers_per_session:
            raise Overloaded("server_full", "this session has all the viewers it may have")
        with self._hosting.contain(session):
            session.watch(connection)
        await self._serve(session, connection, viewer=True)

    def _authorize(self, hello: m.Hello, socket_: ServerConnection) -> Caller:
        return authorize(
            self._config.auth.secret,
            hello.token or (bearer(socket_.request.headers) if socket_.request else ""),
            required=self._config.token_required,
            now=wallclock.now(),
            right="view" if hello.role == "viewer" else "speak",
        )

    async def _answer(self, socket_: ServerConnection, request: HttpRequest) -> Response | None:
        assert isinstance(socket_, Intake)
        return await self._front.answer(request, socket_.posting, draining=self._hosting.draining)

    async def _call(self, request: HttpRequest, body: bytes) -> Response:
        """Answer a client of OpenAI's Realtime API that offers a call."""
        if self._calls is None:
            from bridge.server.realtime.calls import Calls  # it needs NumPy, which a server alone may do without

            self._calls = Calls(
                self._config, self._hosting, self.metrics, self._charge, self._open_budget, self._calling
            )
        return await self._calls.answer(request, body)
