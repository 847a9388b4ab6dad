"""A front with workers in this very process: their sockets and letters are real, only their processes are not."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from bridge.fleet.front import Child, Front
from bridge.fleet.worker import Worker
from bridge.server.neighbours import Neighbours
from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.sections import LimitsSection, ServerSection
from engines.api import Request
from testkit.scripted.engines import ScriptedDialogue, ScriptedTts
from tests.bridge.scenario import MOODS, NOON, Cast

NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
TTS = ScriptedTts(ms_per_word=100)


def reply(turn: int) -> str:
    """What is said in a turn: it tells how much of the conversation whoever says it knows."""
    return f"This is answer {NUMBERS[turn - 1]}, and it goes on for a while so that it can be cut."


def pcm(turn: int) -> bytes:
    """How that sounds."""
    return ScriptedTts(ms_per_word=100).pcm(reply(turn))


def _said(request: Request) -> str:
    return reply(sum(message.role == "user" for message in request.history))


class Seated:
    """A worker that runs as a task; killing it cuts its sockets off, as the end of a process would."""

    def __init__(self, end: socket.socket, opening: Callable[[Neighbours], Any]) -> None:
        self.pid = 0
        self.server: Server | None = None
        self._worker = Worker(socket.socket(fileno=os.dup(end.fileno())), "", partial(self._opened, opening))
        self._task = asyncio.get_running_loop().create_task(self._worker.run())

    @asynccontextmanager
    async def _opened(self, opening: Callable[[Neighbours], Any], neighbours: Neighbours) -> AsyncIterator[Server]:
        async with opening(neighbours) as self.server:
            assert self.server is not None
            yield self.server

    def kill(self) -> None:
        """End it now."""
        assert self.server is not None
        self._worker._channel.close()
        for socket_ in [*self.server.arrivals._listening.all_connections]:
            socket_.transport.abort()
        self._task.cancel()

    async def wait(self) -> int:
        """Until it is over."""
        with suppress(asyncio.CancelledError):
            await asyncio.shield(self._task)
        return 0


class Fleet:
    """A front and whoever sits at it, the oldest first."""

    def __init__(self, front: Front, seats: list[Seated]) -> None:
        self.front = front
        self.seats = seats

    @property
    def port(self) -> int:
        return self.front.port

    @property
    def servers(self) -> list[Server]:
        """The servers that were made, the oldest first."""
        return [seat.server for seat in self.seats if seat.server is not None]


@asynccontextmanager
async def fleet(
    workers: int = 2, *, server: Mapping[str, Any] | None = None, limits: Mapping[str, Any] | None = None
) -> AsyncIterator[Fleet]:
    """Workers with scripted engines."""
    config = Config(server=ServerSection(port=0, **(server or {})), limits=LimitsSection(**(limits or {})))
    seats: list[Seated] = []

    @asynccontextmanager
    async def opening(neighbours: Neighbours) -> AsyncIterator[Server]:
        cast = Cast(dialogue=ScriptedDialogue(_said), tts=ScriptedTts(ms_per_word=100))
        companion = Companion(cast.engines(), "Mira", emotions=MOODS)
        async with Server(config, companion, clock=lambda: NOON, neighbours=neighbours, listens=False) as running:
            yield running

    async def spawn(end: socket.socket) -> Child:
        seats.append(Seated(end, opening))
        return seats[-1]

    listener = socket.create_server(("127.0.0.1", 0))
    async with Front(listener, workers, spawn, place="here", secret=b"s" * 32, drain_s=20.0) as front:
        yield Fleet(front, seats)
