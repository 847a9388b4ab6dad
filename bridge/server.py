"""The server: accepts sockets, authenticates, opens and reclaims sessions, answers health checks, drains.

The one place that catches `Exception` is here, around a session: one session's crash ends that session.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import http
import ipaddress
import logging
import secrets
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response
from websockets.typing import Subprotocol

from bridge import wallclock
from bridge.auth import Caller, authorize
from bridge.companion import Companion, Rules
from bridge.config import Config
from bridge.connection import Connection
from bridge.core.outbox import ReplayGap
from bridge.core.segmenter import Hysteresis
from bridge.core.timeline import MEDIA_RATE, Ticks
from bridge.core.turns import Policy
from bridge.errors import AuthError, BridgeError, ConfigError, Overloaded, report
from bridge.metrics import Metrics
from bridge.reply import Limits
from bridge.resume import Sessions
from bridge.session import Session
from bridge.version import SERVER
from bridge.web.serve import Page, respond
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
        self._rules = rules(config)
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
        return self._companion.notice

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
                process_request=self._http,
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
            log.exception("session failed", extra={"session": session.name})
            session.end(report(error, fatal=True))

    def _going_away(self) -> m.Error:
        sentence = "the server is going down; come back soon"
        return m.Error(code="going_away", message=sentence, fatal=True, retry_after_s=self._config.server.retry_after_s)

    # --------------------------------------------------------------------------------------------------- http

    def _http(self, socket_: ServerConnection, request: HttpRequest) -> Response | None:
        """Answers plain HTTP, refuses foreign browser origins, lets WebSocket requests through."""
        path = _parts(request.path).path
        host = request.headers.get("Host", "")
        if self._config.loopback and not self._own_name(_parts(f"//{host}").hostname or ""):
            # A foreign name that was made to point here (DNS rebinding), and no proxy of ours.
            self.metrics.refused("host")
            return socket_.respond(http.HTTPStatus.MISDIRECTED_REQUEST, "this server is for this machine only\n")
        if path == "/healthz":
            status = http.HTTPStatus.SERVICE_UNAVAILABLE if self._draining else http.HTTPStatus.OK
            return socket_.respond(status, "draining\n" if self._draining else "ok\n")
        if path == "/metrics":
            return self._expose(socket_, request)
        origin = request.headers.get("Origin")
        if origin is not None and not self._welcome_origin(origin, host):
            self.metrics.refused("origin")
            return socket_.respond(http.HTTPStatus.FORBIDDEN, f"pages of {origin} may not connect here\n")
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return self._page(path, request)
        return None

    def _page(self, path: str, request: HttpRequest) -> Response:
        known, encodings = (request.headers.get(name, "") for name in ("If-None-Match", "Accept-Encoding"))
        page = respond(path, known, encodings=encodings, looks=self._companion.looks)
        if page is None:
            sentence = f"{SERVER}: there is no such page; the page to talk to {self._companion.name} is at /\n".encode()
            page = Page(
                404, (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(sentence)))), sentence
            )
        headers = Headers([*page.headers, ("Connection", "close")])
        return Response(page.status, http.HTTPStatus(page.status).phrase, headers, page.body)

    def _expose(self, socket_: ServerConnection, request: HttpRequest) -> Response:
        if self._config.token_required:
            scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
            token = bearer.strip() if scheme.lower() == "bearer" else ""
            try:
                authorize(self._config.auth.secret, token, required=True, now=wallclock.now(), right="view")
            except AuthError as error:
                return socket_.respond(http.HTTPStatus.UNAUTHORIZED, f"{error.message}\n")
        return socket_.respond(http.HTTPStatus.OK, self.metrics.text().decode())

    def _own_name(self, name: str) -> bool:
        origins = self._config.server.origins
        return _is_loopback(name) or "*" in origins or name in {_parts(origin).hostname for origin in origins}

    def _welcome_origin(self, origin: str, host: str) -> bool:
        allowed = self._config.server.origins
        if "*" in allowed or origin in allowed:
            return True
        name = _parts(origin).hostname or ""
        # The page that this very server serves, or any of this machine's own when only this machine can connect.
        same = bool(host) and _parts(origin).netloc == host and (not self._config.loopback or _is_loopback(name))
        return same or (self._config.loopback and _is_loopback(name))


def rules(config: Config) -> Rules:
    """The rules of a session from the configuration."""
    turns, limits = config.turns, config.limits
    return Rules(
        policy=Policy(turns.endpoint_after_s, turns.barge_in_after_s, turns.transcript_wait_s),
        hysteresis=Hysteresis(turns.speech_enter, turns.speech_leave, turns.speech_after_s, turns.silence_after_s),
        limits=Limits(turns.first_word_s, turns.stall_s),
        lead=Ticks(round(turns.lead_s * MEDIA_RATE)),
        resume_after=limits.resume_s,
        idle_after=limits.idle_s,
        longest_utterance=limits.utterance_s,
        longest_reply=limits.reply_s,
        text_chars=limits.text_chars,
        message_bytes=limits.message_bytes,
        messages_per_s=limits.messages_per_s,
    )


def _choose(_: ServerConnection, offered: object) -> Subprotocol | None:
    names = set(offered) if isinstance(offered, list | tuple) else set()
    for codec in (MSGPACK, JSON):
        if codec.subprotocol in names:
            return Subprotocol(codec.subprotocol)
    return None


def _parts(url: str) -> SplitResult:
    """The parts of what a client gave as a URL; those of none if it cannot be read."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


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
