"""What carries a Realtime client's events: a WebSocket, or the data channel of a call."""

from __future__ import annotations

from typing import Protocol

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed


class Gone(Exception):
    """The client is not there any more."""


class Pipe(Protocol):
    """Carries events both ways, each as text, until either side is gone."""

    @property
    def waiting(self) -> int:
        """Return the bytes that were sent and have not left."""
        ...

    async def recv(self) -> str | bytes:
        """Return the next event; raise Gone when there will be none."""
        ...

    async def send(self, text: str) -> None:
        """Send an event; raise Gone when nobody will read it."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close it politely."""
        ...

    def abort(self) -> None:
        """Close it at once."""
        ...


class Socket:
    """A WebSocket."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket

    @property
    def waiting(self) -> int:
        """Return the bytes that the kernel has not taken."""
        return self._socket.transport.get_write_buffer_size()

    async def recv(self) -> str | bytes:
        """Return the next message."""
        try:
            return await self._socket.recv()
        except ConnectionClosed as error:
            raise Gone from error

    async def send(self, text: str) -> None:
        """Send a message."""
        try:
            await self._socket.send(text)
        except ConnectionClosed as error:
            raise Gone from error

    async def close(self, code: int, reason: str) -> None:
        """Close with a code."""
        await self._socket.close(code, reason)

    def abort(self) -> None:
        """Drop the connection."""
        self._socket.transport.abort()
