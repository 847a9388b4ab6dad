"""Makes connections of sockets that another process has accepted: new ones, and WebSockets that are open already."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from websockets.asyncio.server import Server as Listening
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from bridge.server.intake import Door, Intake, Wired
from bridge.server.sockets import choose

MAX_QUEUE: Final = 16  # messages that wait to be received, as for a socket that the library accepted


@dataclass(frozen=True, slots=True)
class Habits:
    """How every connection of a server is kept."""

    max_size: int
    write_limit: int
    close_timeout: float


class _Adopting:
    """What the library's connections ask of their server, for one that has no handshake before it."""

    def __init__(self, listening: Listening, go_on: Callable[[Intake], Awaitable[None]]) -> None:
        self.handler_tasks = listening.handler_tasks
        self._listening = listening
        self._go_on = go_on

    async def handler(self, connection: Intake) -> None:
        """Serve a connection until it is over."""
        everybody = self._listening.all_connections
        everybody.add(connection)
        connection.start_keepalive()
        try:
            async with connection:
                await self._go_on(connection)
        finally:
            everybody.discard(connection)
            task = asyncio.current_task()
            if task is not None:
                self.handler_tasks.discard(cast("asyncio.Task[None]", task))

    def is_serving(self) -> bool:
        """Return whether connections may begin."""
        return self._listening.is_serving()


class Arrivals:
    """Takes in sockets for a server whose library is `listening`."""

    def __init__(self, door: Door, habits: Habits, listening: Listening) -> None:
        self._door = door
        self._habits = habits
        self._listening = listening

    async def fresh(self, taken: socket.socket) -> None:
        """Take in a client that has said nothing yet."""
        connection: Intake

        def select(_: ServerProtocol, offered: object) -> Subprotocol | None:
            return choose(connection, offered)

        protocol = ServerProtocol(select_subprotocol=select, max_size=self._habits.max_size)
        connection = self._connection(protocol, self._listening)
        await self._begin(connection, taken)

    async def adopt(
        self, taken: socket.socket, wired: Wired, go_on: Callable[[Intake], Awaitable[None]], *, trusted: bool
    ) -> Intake:
        """Take in a WebSocket that was opened elsewhere, for `go_on` to serve; `trusted`: it was let in already."""
        protocol = ServerProtocol(max_size=self._habits.max_size, state=State.OPEN)
        protocol.subprotocol = Subprotocol(wired.subprotocol) if wired.subprotocol else None
        connection = self._connection(protocol, cast("Listening", _Adopting(self._listening, go_on)))
        connection.settle(wired, trusted=trusted)
        await self._begin(connection, taken)
        return connection

    def _connection(self, protocol: ServerProtocol, server: Listening) -> Intake:
        habits: dict[str, Any] = {
            "close_timeout": self._habits.close_timeout,
            "write_limit": self._habits.write_limit,
            "max_queue": MAX_QUEUE,
        }
        return Intake(self._door, protocol, server, **habits)

    async def _begin(self, connection: Intake, taken: socket.socket) -> None:
        taken.setblocking(False)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, taken)
        except OSError:
            with contextlib.suppress(OSError):
                taken.close()


class Closed:
    """The door of a server that others accept for: it is open until it is closed, and nobody comes by it."""

    def __init__(self) -> None:
        self._open = True
        self._closed = asyncio.Event()
        self.sockets: tuple[socket.socket, ...] = ()

    def close(self) -> None:
        """Close it."""
        self._open = False
        self._closed.set()

    def is_serving(self) -> bool:
        """Return whether it is open."""
        return self._open

    async def wait_closed(self) -> None:
        """Wait until it is closed."""
        await self._closed.wait()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop that it is in."""
        return asyncio.get_running_loop()
