"""The server: accepts sockets, authenticates, opens and reclaims sessions, answers health checks, drains.

The one place that catches `Exception` is here, around a session: one session's crash ends that session.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import secrets
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final, Self

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response
from websockets.typing import Subprotocol

from bridge import wallclock
from bridge.auth import Caller, authorize
from bridge.companion import Companion, rules
from bridge.config import Config
from bridge.connection import Connection
from bridge.core.outbox import ReplayGap
from bridge.core.timeline import MEDIA_RATE
from bridge.errors import BridgeError, ConfigError, Overloaded, report
from bridge.front import Front
from bridge.logs import anatomy
from bridge.metrics import Metrics
from bridge.resume import Sessions
from bridge.session import Session
from bridge.version import SERVER
from engines.api import EngineError, Rig
from protocol import messages as m
from protocol.codec import JSON, MSGPACK
from protocol.errors import ProtocolError, RemoteProtocolError

log = logging.getLogger("bridge.server")

SOCKET_BUFFER: Final = 65_536  # bytes that the kernel may hold of one client's media: about a second
WRITE_LIMIT: Final = 16_384
NO_FACE: Final = Rig("none", (), ())


class Server:
    """One companion on one address: `async with Server(config, companion) as server` listens, leaving it closes."""

    def __init__(self, config: Config, companion: Companion, *, clock: Callable[[], datetime] = wallclock.here) -> None:
        self._config = config
        self._companion = companion
        self._clock = clock
        self.metrics = Metrics()
        self.metrics.watch(companion.engines)
        self._rules = rules(config)
        self._front = Front(config, companion, self.metrics)
        limits = config.limits
        self._sessions = Sessions(
            most=limits.sessions,
            most_per_user=limits.sessions_per_user,
            retry_after=config.server.retry_after_s,
        )
        self._stack = AsyncExitStack()
        self._group: asyncio.TaskGroup | None = None
        self._draining = False
        self._quiet = asyncio.Event()  # no session is open
        self.port = 0

    @property
    def notice(self) -> str:
        """What people should know about this companion, "" for nothing; every `welcome` says it too."""
        return self._companion.told

    async def __aenter__(self) -> Self:
        server = self._config.server
        self._group = await self._stack.enter_async_context(asyncio.TaskGroup())
        listening = await self._stack.enter_async_context(
            serve(
                self._accept,
                server.host,
                server.port,
                ssl=_tls(self._config),
                compression=None,
                # A client that offers none is served MessagePack.
                select_subprotocol=_choose,
                process_request=self._answer,
                max_size=self._config.limits.message_bytes,
                write_limit=WRITE_LIMIT,
                close_timeout=2,
                server_header=SERVER,
            )
        )
        self.port = listening.sockets[0].getsockname()[1]
        # What start-up made stays: the collector need not look at it again while media flows.
        gc.collect()
        gc.freeze()
        log.info("listening", extra={"port": self.port, "tls": bool(server.tls_cert)})
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in self._sessions.all():
            session.end(self._going_away())
        await self._stack.aclose()
        gc.unfreeze()

    async def drain(self) -> None:
        """Refuse new sessions, let running replies be heard, tell clients when to come back; at most `drain_s`."""
        self._draining = True
        for session in self._sessions.all():
            session.drain(self._going_away())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._config.server.drain_s):
                while len(self._sessions):
                    self._quiet.clear()
                    await self._quiet.wait()

    # ------------------------------------------------------------------------------------------------ sockets

    async def _accept(self, socket_: ServerConnection) -> None:
        _shrink(socket_)
        limits = self._config.limits
        connection = Connection(
            socket_, rate=limits.messages_per_s, max_backlog=limits.backlog_bytes, metrics=self.metrics
        )
        self.metrics.connections.inc()
        try:
            hello = await connection.hello(limits.hello_s)
            caller = self._authorize(hello, socket_)
            if hello.role == "viewer":
                await self._show(hello, connection)
            else:
                await self._converse(hello, caller, connection)
        except (ProtocolError, BridgeError) as error:
            self.metrics.refused(error.code)
            log.info("refused", extra={"code": error.code})
            await connection.refuse(report(error, fatal=True))
        except ConnectionClosed:
            pass
        finally:
            self.metrics.connections.dec()

    async def _converse(self, hello: m.Hello, caller: Caller, connection: Connection) -> None:
        session, seq, reason = await self._admit(hello, caller)
        try:
            session.attach(connection, seq=seq, reason=reason)
        except ReplayGap:
            session = await self._open(hello, caller)
            session.attach(connection, reason="replay_gap")
        try:
            with self._contain(session):
                await connection.serve(session)
            await connection.part()
        finally:
            session.detach(connection)

    async def _show(self, hello: m.Hello, connection: Connection) -> None:
        session = self._sessions.watched(hello.watch) if hello.watch else None
        if session is None:
            raise RemoteProtocolError("no_such_session", "there is no such session to watch")
        if session.viewers >= self._config.limits.viewers_per_session:
            raise Overloaded("server_full", "this session has all the viewers it may have")
        session.watch(connection)
        try:
            await connection.serve(None)
        finally:
            session.detach(connection)

    def _authorize(self, hello: m.Hello, socket_: ServerConnection) -> Caller:
        scheme, _, bearer = (socket_.request.headers.get("Authorization", "") if socket_.request else "").partition(" ")
        return authorize(
            self._config.auth.secret,
            hello.token or (bearer.strip() if scheme.lower() == "bearer" else ""),
            required=self._config.token_required,
            now=wallclock.now(),
            right="view" if hello.role == "viewer" else "speak",
        )

    # ----------------------------------------------------------------------------------------------- sessions

    async def _admit(self, hello: m.Hello, caller: Caller) -> tuple[Session, int | None, str]:
        """The session for this hello, the `seq` it resumes from (None: a new one), and why it is not the old one."""
        if hello.companion != "main":
            raise RemoteProtocolError("unknown_companion", f"there is no companion {hello.companion!r} here")
        if hello.resume is None:
            return await self._open(hello, caller), None, ""
        found = self._sessions.reclaim(hello.resume, caller.user)
        if isinstance(found, str):
            return await self._open(hello, caller), None, found
        self.metrics.resumed.inc()
        return found, hello.resume.seq, ""

    async def _open(self, hello: m.Hello, caller: Caller) -> Session:
        if self._draining:
            sentence = "the server is going down and takes no new sessions"
            raise Overloaded("going_away", sentence, retry_after=self._config.server.retry_after_s)
        self._sessions.check_room(caller.user)
        if "pcm_s16le" not in hello.audio.codecs:
            raise RemoteProtocolError("unsupported", "this server speaks pcm_s16le only")
        session = Session(
            name=secrets.token_hex(8),
            token=secrets.token_urlsafe(24),
            watch=secrets.token_urlsafe(24),
            user=caller.user,
            hello=hello,
            rig=self._rig(hello.face),
            companion=self._companion,
            rules=self._rules,
            metrics=self.metrics,
            clock=self._clock,
            seed=secrets.randbits(31),
        )
        assert self._group is not None
        self._sessions.add(session)
        self.metrics.sessions.set(len(self._sessions))
        self._group.create_task(self._run(session))
        await session.started.wait()
        return session

    def _rig(self, wanted: m.HelloFace) -> Rig:
        face = self._companion.engines.face
        if face is None or wanted.profile == "none":
            if MEDIA_RATE % wanted.fps:
                raise RemoteProtocolError("unsupported", f"{wanted.fps} frames a second do not divide the media clock")
            return NO_FACE
        try:
            return face.rig(wanted.profile, wanted.fps)
        except EngineError as error:
            raise RemoteProtocolError("unsupported", error.message) from error

    async def _run(self, session: Session) -> None:
        log.info("session opened", extra={"session": session.name})
        try:
            with self._contain(session):
                await session.run()
        finally:
            self._sessions.remove(session)
            self.metrics.sessions.set(len(self._sessions))
            if not len(self._sessions):
                self._quiet.set()
            log.info("session over", extra={"session": session.name})

    @contextlib.contextmanager
    def _contain(self, session: Session) -> Iterator[None]:
        """Whatever goes wrong in one session ends that session, and nobody else's."""
        try:
            yield
        except Exception as error:
            log.error("session failed", extra={"session": session.name, "error": anatomy(error)})
            session.end(report(error, fatal=True))

    def _answer(self, _: ServerConnection, request: HttpRequest) -> Response | None:
        return self._front.answer(request, draining=self._draining)

    def _going_away(self) -> m.Error:
        sentence = "the server is going down; come back soon"
        return m.Error(code="going_away", message=sentence, fatal=True, retry_after_s=self._config.server.retry_after_s)


def _choose(_: ServerConnection, offered: object) -> Subprotocol | None:
    names = set(offered) if isinstance(offered, list | tuple) else set()
    for codec in (MSGPACK, JSON):
        if codec.subprotocol in names:
            return Subprotocol(codec.subprotocol)
    return None


def _shrink(socket_: ServerConnection) -> None:
    """The kernel would take more than a minute of speech; what it holds can no longer be taken back."""
    raw = socket_.transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)


def _tls(config: Config) -> ssl.SSLContext | None:
    server = config.server
    if not server.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(server.tls_cert, server.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError("bad_tls", f"the TLS certificate or key cannot be used: {error}") from error
    return context
