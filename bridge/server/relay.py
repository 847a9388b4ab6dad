"""Passes the bytes of a client's WebSocket on to another bridge, which serves it, and its answers back.

Frames go through as they are. This is for what cannot be handed over whole: a socket under TLS, another machine.
"""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from contextlib import suppress
from ssl import SSLContext
from typing import Final

from bridge.server.intake import RELAYED, Intake

HIGH: Final = 262_144  # bytes that may wait for the other bridge before the client is read no more
READ: Final = 65_536
HEAD: Final = 16_384  # bytes of the other bridge's answer to the handshake
PATIENCE: Final = 3.0  # seconds that the other bridge may take to answer
TEXT, BINARY = 1, 2


class Unreachable(Exception):
    """The other bridge does not answer, or takes no connection."""


async def opened(
    host: str, port: int, tls: SSLContext | None, client: Intake, first: str | bytes
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a WebSocket to the bridge there as `client` opened its own, and say the client's first message again."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(host, port, ssl=tls)
            try:
                writer.write(_request(host, port, client))
                head = await reader.readuntil(b"\r\n\r\n")
            except BaseException:
                writer.close()
                raise
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Unreachable(str(error)) from error
    if head.split(b" ", 2)[1:2] != [b"101"]:
        writer.close()
        raise Unreachable(head.partition(b"\r\n")[0].decode("latin-1"))
    writer.write(frame(first))
    return reader, writer


def _request(host: str, port: int, client: Intake) -> bytes:
    wired = client.request
    assert wired is not None
    lines = [
        f"GET {wired.path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"{RELAYED}: 1",
    ]
    if client.subprotocol:
        lines.append(f"Sec-WebSocket-Protocol: {client.subprotocol}")
    if authorization := wired.headers.get("Authorization"):
        lines.append(f"Authorization: {authorization}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def frame(data: str | bytes) -> bytes:
    """Return one message of a client as a masked frame."""
    payload, opcode = (data.encode(), TEXT) if isinstance(data, str) else (bytes(data), BINARY)
    size = len(payload)
    if size < 126:
        length = bytes([128 | size])
    else:
        length = b"\xfe" + size.to_bytes(2) if size < 65_536 else b"\xff" + size.to_bytes(8)
    # The key is zero: what it hides from caches in between is nothing between two bridges.
    return b"".join((bytes([128 | opcode]), length, bytes(4), payload))


async def relay(client: Intake, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes both ways until either side is gone."""
    full = asyncio.Event()  # more than HIGH bytes wait for the other bridge
    flow = client.transport

    def take(data: bytes) -> None:
        writer.write(data)
        if writer.transport.get_write_buffer_size() > HIGH and not full.is_set():
            full.set()
            flow.pause_reading()

    writer.write(client.divert(take).tail)
    tasks = [
        asyncio.ensure_future(_back(client, reader)),
        asyncio.ensure_future(_forth(flow, writer, full)),
        asyncio.ensure_future(client.wait_closed()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()
        flow.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await client.wait_closed()


async def _back(client: Intake, reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        while data := await reader.read(READ):
            client.transport.write(data)
            await client.drain()


async def _forth(flow: asyncio.Transport, writer: asyncio.StreamWriter, full: asyncio.Event) -> None:
    """Read the client again whenever the other bridge has caught up."""
    with suppress(OSError):
        while True:
            await full.wait()
            await writer.drain()
            full.clear()
            flow.resume_reading()
