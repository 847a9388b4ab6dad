"""Real sockets for tests: a server on a free port, and clients that speak with `websockets` and `msgpack` alone."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from bridge import wallclock
from bridge.auth import issue
from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.sections import AuthSection, LimitsSection, McpSection, PageSection, ServerSection, TurnsSection
from testkit.patience import PATIENCE
from tests.bridge.scenario import MOODS, NOON, Cast

T = TypeVar("T")

JSON = "companion.v1.json"
MSGPACK = "companion.v1.msgpack"
SECRET = "a secret that is long enough for HS256"


def run(body: Callable[[], Awaitable[T]]) -> T:
    """`asyncio.run` that fails rather than hangs."""

    async def main() -> T:
        async with asyncio.timeout(PATIENCE):
            return await body()

    return asyncio.run(main())


def token(
    user: str = "ada", rights: tuple[str, ...] = ("speak",), *, lifetime: float = 3600.0, secret: str = SECRET
) -> str:
    """A token that is valid now."""
    return issue(secret, user, rights, now=wallclock.now(), lifetime=lifetime)


@asynccontextmanager
async def serving(
    cast: Cast | None = None,
    *,
    server: Mapping[str, Any] | None = None,
    auth: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    turns: Mapping[str, Any] | None = None,
    page: Mapping[str, Any] | None = None,
    mcp: McpSection | None = None,
    clock: Callable[[], datetime] = lambda: NOON,
    dress: Callable[[Companion], Companion] = lambda companion: companion,
) -> AsyncIterator[Server]:
    """A server with scripted engines."""
    config = Config(
        server=ServerSection(port=0, **(server or {})),
        auth=AuthSection(**(auth or {})),
        limits=LimitsSection(**(limits or {})),
        turns=TurnsSection(**(turns or {})),
        page=PageSection(**(page or {})),
        mcp=mcp or McpSection(),
    )
    companion = dress(Companion((cast or Cast()).engines(), "Mira", emotions=MOODS))
    async with Server(config, companion, clock=clock) as running:
        yield running


class Reachable(Protocol):
    """What listens on this machine."""

    @property
    def port(self) -> int:
        """Where."""
        ...


class Peer:
    """A client; it remembers all that it saw."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.text = socket.subprotocol == JSON
        self.seen: list[dict[str, Any]] = []
        self.records = False  # reports what it receives as heard at once, and so gets it as fast as it is made

    async def send(self, type_: str, **fields: Any) -> None:
        message = {"type": type_, **fields}
        await self.socket.send(json.dumps(message) if self.text else msgpack.packb(message))

    async def next(self) -> dict[str, Any]:
        """The next message."""
        data = await self.socket.recv()
        assert isinstance(data, str) == self.text
        message: dict[str, Any] = json.loads(data) if self.text else msgpack.unpackb(data)
        if "pcm" in message and self.text:
            message["pcm"] = base64.b64decode(message["pcm"])
        self.seen.append(message)
        if self.records and message["type"] == "media":
            await self.send(
                "playhead", turn=message["turn"], pts=message["pts"] + len(message["pcm"]), seq=message["seq"]
            )
        return message

    async def until(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Skips to the next message of this type with these fields."""
        while True:
            message = await self.next()
            if message["type"] == type_ and fields.items() <= message.items():
                return message

    async def hello(self, **fields: Any) -> dict[str, Any]:
        """Shakes hands; the welcome."""
        await self.send("hello", **fields)
        welcome = await self.next()
        assert welcome["type"] == "welcome", welcome
        return welcome

    async def closed(self) -> tuple[int, str]:
        """Reads to the end; the close code and reason."""
        try:
            while True:
                await self.next()
        except ConnectionClosed as end:
            return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (1006, "")

    def errors(self) -> list[str]:
        return [message["code"] for message in self.seen if message["type"] == "error"]

    def pcm(self, turn: int) -> bytes:
        return b"".join(m["pcm"] for m in self.seen if m["type"] == "media" and m["turn"] == turn)

    @property
    def seq(self) -> int:
        return max((message.get("seq", 0) for message in self.seen if message["type"] != "welcome"), default=0)


@asynccontextmanager
async def peer(server: Reachable, subprotocol: str | None = MSGPACK, **options: Any) -> AsyncIterator[Peer]:
    """A connection to `server` that has not said hello."""
    offered = None if subprotocol is None else [Subprotocol(subprotocol)]
    options.setdefault("compression", None)
    options.setdefault("close_timeout", 1)
    uri = options.pop("uri", f"ws://127.0.0.1:{server.port}/")
    async with connect(uri, subprotocols=offered, **options) as socket:
        yield Peer(socket)


async def http(server: Reachable, *lines: str) -> tuple[int, str]:
    """The status and the body that a plain HTTP request gets."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        request = [*lines, *(["Host: 127.0.0.1"] if not any(line.startswith("Host:") for line in lines) else [])]
        writer.write("\r\n".join([*request, "", ""]).encode())
        await writer.drain()
        answer = (await reader.read()).decode()
    finally:
        writer.close()
        await writer.wait_closed()
    head, _, body = answer.partition("\r\n\r\n")
    return int(head.split()[1]), body
