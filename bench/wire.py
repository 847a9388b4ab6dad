"""A WebSocket client small enough not to show in a measurement: binary messages, no fragments, no compression.

It frames and masks with a zero key, which the standard forbids a browser but which no server can tell from chance
(RFC 6455, 5.3), so that payloads go out as they are.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable

PLAIN, CLOSE, PING, PONG = 2, 8, 9, 10
ZERO_KEY = bytes(4)


class Wire(asyncio.Protocol):
    """One connection; whole messages go to `receive`."""

    def __init__(self, request: bytes, receive: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[tuple[int, str]] = (
            loop.create_future()
        )  # code and reason; 1006 without a close frame
        self.bytes_in = 0  # WebSocket payload and headers
        self.bytes_out = 0
        self._request, self._receive = request, receive
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = transport  # type: ignore[assignment]  # asyncio's stub is wider than what TCP gets
        self._write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed during the handshake"))
        if not self.closed.done():
            self.closed.set_result((1006, ""))

    def data_received(self, data: bytes) -> None:
        """Cut the stream into messages."""
        self._buffer += data
        if not self.opened.done() and not self._handshake():
            return
        start, size = 0, len(self._buffer)
        while size - start >= 2:
            head, length = 2, self._buffer[start + 1] & 127
            if length > 125:
                head = 4 if length == 126 else 10
                if size - start < head:
                    break
                length = int.from_bytes(self._buffer[start + 2 : start + head])
            if size - start < head + length:
                break
            opcode = self._buffer[start] & 15
            payload = bytes(self._buffer[start + head : start + head + length])
            start += head + length
            self.bytes_in += head + length
            self._take(opcode, payload)
        del self._buffer[:start]

    def send(self, payload: bytes, opcode: int = PLAIN) -> None:
        """Send one message."""
        size = len(payload)
        length = bytes((128 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2)
        frame = b"".join((bytes((128 | opcode,)), length, ZERO_KEY, payload))
        self.bytes_out += len(frame)
        self._write(frame)

    def close(self) -> None:
        """Say goodbye and close."""
        if self._transport and not self._transport.is_closing():
            self.send((1000).to_bytes(2), CLOSE)
            self._transport.close()

    def abort(self) -> None:
        """Vanish."""
        if self._transport:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(data)

    def _handshake(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        if b" 101 " in head.split(b"\r\n", 1)[0]:
            self.opened.set_result(None)
            return True
        self.opened.set_exception(ConnectionError(head.split(b"\r\n", 1)[0].decode("latin-1")))
        return False

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode in (1, PLAIN):
            self._receive(payload)
        elif opcode == PING:
            self.send(payload, PONG)
        elif opcode == CLOSE and not self.closed.done():
            self.closed.set_result((int.from_bytes(payload[:2]), payload[2:].decode()))
            self.close()


async def connect(port: int, receive: Callable[[bytes], None], *, subprotocol: str = "") -> Wire:
    """Open a connection to this machine; raises ConnectionError when the server declines."""
    lines = [
        "GET / HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {b64encode(bytes(range(16))).decode()}",
        "Sec-WebSocket-Version: 13",
    ]
    if subprotocol:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    _, wire = await asyncio.get_running_loop().create_connection(lambda: Wire(request, receive), "127.0.0.1", port)
    await wire.opened
    return wire
