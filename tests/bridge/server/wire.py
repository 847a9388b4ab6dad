"""A client of plain bytes: what no WebSocket library would send."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgpack

from bridge.server.server import Server
from testkit.frames import BINARY, CLOSE, UPGRADE, frame, message


class Raw:
    """A TCP connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(b"".join(data))
        await self.writer.drain()

    async def request(self, *lines: str) -> int:
        """Send a request; the status of its answer."""
        await self.send("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head.split()[1])

    async def upgrade(self, subprotocol: str = "companion.v1.msgpack") -> None:
        """Become a WebSocket connection."""
        lines = ("GET / HTTP/1.1", "Host: 127.0.0.1", f"Sec-WebSocket-Protocol: {subprotocol}", *UPGRADE)
        assert await self.request(*lines) == 101

    async def hello(self, **fields: Any) -> dict[str, Any]:
        """Become a session; the welcome."""
        await self.upgrade()
        await self.send(frame(BINARY, message("hello", **fields)))
        opcode, payload = await self.frame()
        assert opcode == BINARY
        welcome: dict[str, Any] = msgpack.unpackb(payload)
        assert welcome["type"] == "welcome", welcome
        return welcome

    async def frame(self) -> tuple[int, bytes]:
        """The next frame that the server sends."""
        first, size = await self.reader.readexactly(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 15, await self.reader.readexactly(size)

    async def until(self, type_: str) -> dict[str, Any]:
        """The next message of this type."""
        while True:
            opcode, payload = await self.frame()
            if opcode == BINARY and (got := msgpack.unpackb(payload))["type"] == type_:
                found: dict[str, Any] = got
                return found

    async def closed(self) -> tuple[int | None, str]:
        """The code and reason of the close frame that comes: None for none, (None, "lost") for no close frame."""
        try:
            while True:
                opcode, payload = await self.frame()
                if opcode == CLOSE:
                    code = struct.unpack("!H", payload[:2])[0] if payload else None
                    return code, payload[2:].decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return None, "lost"

    async def gone(self) -> bytes:
        """Everything until the server hangs up."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""


@asynccontextmanager
async def raw(server: Server, **options: Any) -> AsyncIterator[Raw]:
    """A TCP connection that has said nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, **options)
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError, OSError):
            await writer.wait_closed()


async def ask(server: Server, *lines: str) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers and the body that a plain request gets."""
    async with raw(server) as client:
        await client.send("\r\n".join([*lines, "", ""]).encode("latin-1"))
        answer = await client.gone()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *headers = head.decode("latin-1").split("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in headers), body


def lines_of(*headers: str, method: str = "GET", path: str = "/") -> Sequence[str]:
    """A request to this machine."""
    return (f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers)
