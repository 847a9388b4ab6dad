"""What a WebSocket is given when it is accepted: a subprotocol and a small send buffer."""

from __future__ import annotations

import socket
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.typing import Subprotocol

from protocol.codec import JSON, MSGPACK

REALTIME: Final = "/v1/realtime"  # where clients of OpenAI's Realtime API come
REALTIME_PROTOCOL: Final = "realtime"  # and what those offer that run in browsers
SOCKET_BUFFER: Final = 65_536  # bytes that the kernel may hold of one client's media: about a second


def choose(_: ServerConnection, offered: object) -> Subprotocol | None:
    """Choose the subprotocol among those that a client offers."""
    names = set(offered) if isinstance(offered, list | tuple) else set()
    for name in (MSGPACK.subprotocol, JSON.subprotocol, REALTIME_PROTOCOL):
        if name in names:
            return Subprotocol(name)
    return None


def shrink(socket_: ServerConnection) -> None:
    """Keep the kernel's buffer small: it would take a minute of speech, which can then not be taken back."""
    raw = socket_.transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
