"""WebSocket frames of plain bytes, right or wrong: what no library would send, for tests and for floods."""

from __future__ import annotations

import os
import struct
from typing import Any

import msgpack

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, mask: bool = True, reserved: int = 0) -> bytes:
    """Make a frame as RFC 6455 has it, or not."""
    first = (0x80 if fin else 0) | reserved << 4 | opcode
    size, bit = len(payload), 0x80 if mask else 0
    if size < 126:
        head = struct.pack("!BB", first, bit | size)
    elif size < 65_536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    if not mask:
        return head + payload
    key = os.urandom(4)
    stream = (key * (size // 4 + 1))[:size]
    return head + key + (int.from_bytes(payload) ^ int.from_bytes(stream)).to_bytes(size)


def fragments(opcode: int, payload: bytes, size: int) -> list[bytes]:
    """Cut a message into frames of `size` bytes."""
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
    return [frame(CONT if i else opcode, piece, fin=i == len(pieces) - 1) for i, piece in enumerate(pieces)]


def message(type_: str, **fields: Any) -> bytes:
    """Pack a message of the binary subprotocol."""
    packed: bytes = msgpack.packb({"type": type_, **fields})
    return packed


def opening(host: str = "127.0.0.1", *headers: str, subprotocol: str = "companion.v1.msgpack") -> bytes:
    """Write the request that makes a connection a WebSocket."""
    lines = ("GET / HTTP/1.1", f"Host: {host}", f"Sec-WebSocket-Protocol: {subprotocol}", *UPGRADE, *headers)
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
