"""One process that serves beside others: takes sockets from the front, and gives away what is not its own."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol, assert_never

from bridge.errors import BridgeError
from bridge.fleet import letters as x
from bridge.fleet.abroad import Abroad
from bridge.fleet.channel import Channel
from bridge.fleet.leaving import leave
from bridge.fleet.place import Places
from bridge.server.intake import Intake
from bridge.server.neighbours import Neighbours
from bridge.server.relay import relay
from bridge.server.server import Server
from bridge.session.luggage import BadLuggage, unpacked
from protocol.errors import ProtocolError

log = logging.getLogger("bridge.fleet.worker")

COUNTING: Final = 2.0  # seconds that the others may take to say what they count


class Opening(Protocol):
    """How a worker makes its server."""

    def __call__(self, neighbours: Neighbours) -> AbstractAsyncContextManager[Server]:
        """Return the server, to be entered; it listens nowhere."""
        ...


class Post:
    """A worker's `Neighbours`: whatever it does not have is the front's business, or another machine's."""

    def __init__(self, channel: Channel, abroad: Abroad) -> None:
        self.moved: dict[str, asyncio.Future[bool]] = {}
        self.told: dict[int, asyncio.Future[bytes]] = {}
        self._channel = channel
        self._abroad = abroad
        self._asked = 0

    def name(self) -> str:
        """Return the name of a new session."""
        return self._abroad.name()

    def opened(self, session: str, user: str) -> None:
        """Tell the front."""
        self._channel.send(x.Opened(session, user))

    def closed(self, session: str) -> None:
        """Tell the front."""
        self._channel.send(x.Closed(session))

    def left(self) -> None:
        """Tell the front."""
        self._channel.send(x.Left())

    async def take(self, client: Intake, first: str | bytes, session: str) -> bool:
        """Give the client to whoever has its session; it comes back where nobody has."""
        if await self._abroad.take(client, first, session):
            return True
        data, text = (first.encode(), True) if isinstance(first, str) else (first, False)
        if client.portable:
            taken, wired = client.part()
            self._channel.send(x.Passing(session, wired, text), [taken], data)
            return True
        if client.movable:
            return False  # it has said more than it may before it is welcomed
        # TLS ends in this process: the other one is given a socket of ours, and the bytes go through here.
        ours, theirs = socket.socketpair()
        wired = client.wired()
        self._channel.send(x.Passing(session, wired, text), [theirs], data)
        reader, writer = await asyncio.open_connection(sock=ours)
        await relay(client, reader, writer)
        return True

    async def metrics(self, own: bytes) -> bytes:
        """Return what all workers count, as the front has gathered it; what this one counts where that takes long."""
        self._asked += 1
        number = self._asked
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.told[number] = answer
        self._channel.send(x.Ask(number), (), own)
        try:
            async with asyncio.timeout(COUNTING):
                return await answer
        except TimeoutError:
            return own
        finally:
            del self.told[number]

    async def send(self, letter: x.Moving, sockets: list[socket.socket], luggage: bytes) -> bool:
        """Send a session to whoever takes it over; return whether it has arrived."""
        arrived: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.moved[letter.session] = arrived
        self._channel.send(letter, sockets, luggage)
        try:
            return await arrived  # the front answers for those that die over it
        finally:
            del self.moved[letter.session]

    def arrived(self, session: str, *, well: bool) -> None:
        """Note whether a session that was sent has arrived."""
        if (waiting := self.moved.get(session)) is not None and not waiting.done():
            waiting.set_result(well)

    def orphaned(self) -> None:
        """Note that nobody answers any more."""
        for waiting in self.moved.values():
            if not waiting.done():
                waiting.set_result(False)


class Worker:
    """One worker, from its seat to its end."""

    def __init__(self, end: socket.socket, peers: str, opening: Opening) -> None:
        self._peers = peers
        self._opening = opening
        self._channel = Channel(end, self._take, self._orphaned)
        self._seat: asyncio.Future[x.Seat] = asyncio.get_running_loop().create_future()
        self._end: asyncio.Future[x.Drain] = asyncio.get_running_loop().create_future()
        self._coming: dict[str, asyncio.Task[None]] = {}  # sessions on their way in
        self._group: asyncio.TaskGroup | None = None
        self._server: Server | None = None
        self._post: Post | None = None

    async def run(self) -> None:
        """Serve until the front says otherwise or is gone."""
        seat = await self._seat
        self._post = Post(self._channel, Abroad(Places(seat.place, seat.secret), self._peers))
        try:
            async with self._opening(self._post) as self._server, asyncio.TaskGroup() as self._group:
                self._channel.send(x.Ready())
                order = await self._end
                if order.moves:
                    await leave(self._server, self._post.send, within=order.within)
                await self._server.drain()
        finally:
            self._channel.close()

    def stop(self) -> None:
        """Finish as if the front had asked for it."""
        if not self._end.done():
            self._end.set_result(x.Drain(moves=False, within=0.0))

    def _orphaned(self) -> None:
        if not self._seat.done():
            self._seat.set_exception(BridgeError("internal", "the front is gone"))
        if not self._end.done():
            self._end.set_result(x.Drain(moves=False, within=0.0))
        if self._post is not None:
            self._post.orphaned()

    def _take(self, letter: x.Letter, sockets: list[socket.socket], bulk: bytes) -> None:
        match letter:
            case x.Seat():
                if not self._seat.done():
                    self._seat.set_result(letter)
            case x.Drain():
                if not self._end.done():
                    self._end.set_result(letter)
            case x.Newcomer():
                assert self._server is not None
                self._do(self._server.arrivals.fresh(sockets[0]))
            case x.Passing():
                self._do(self._passed(letter, sockets[0], bulk))
            case x.Moving():
                assert self._group is not None
                self._coming[letter.session] = self._group.create_task(self._settle(letter, sockets, bulk))
            case x.Moved(session, well):
                if self._post is not None:
                    self._post.arrived(session, well=well)
            case x.Ask(number):
                assert self._server is not None
                self._channel.send(x.Told(number), (), self._server.metrics.text())
            case x.Told(number):
                if self._post is not None and (asked := self._post.told.get(number)) is not None and not asked.done():
                    asked.set_result(bulk)
            case x.Ready() | x.Opened() | x.Closed() | x.Left():
                log.error("a letter that is not for a worker")
            case _:
                assert_never(letter)

    def _do(self, body: Coroutine[None, None, None]) -> None:
        assert self._group is not None
        self._group.create_task(body)

    async def _passed(self, letter: x.Passing, taken: socket.socket, first: bytes) -> None:
        if (coming := self._coming.get(letter.session)) is not None:
            await asyncio.wait([coming])
        assert self._server is not None
        await self._server.take_over(taken, letter.wired, first.decode() if letter.text else first)

    async def _settle(self, letter: x.Moving, sockets: list[socket.socket], luggage: bytes) -> None:
        assert self._server is not None
        speaker = (sockets[0], letter.speaker) if letter.speaker is not None else None
        viewers = list(zip(sockets[speaker is not None :], letter.viewers, strict=True))
        well = False
        try:
            await self._server.settle(unpacked(luggage), speaker, viewers)
            well = True
        except (BridgeError, ProtocolError) as error:
            log.warning("a session cannot be taken over", extra={"session": letter.session, "code": error.code})
        except BadLuggage as error:
            log.warning("a session cannot be read", extra={"session": letter.session, "reason": str(error)})
            for taken in sockets:
                taken.close()
        finally:
            self._coming.pop(letter.session, None)
            self._channel.send(x.Moved(letter.session, well))


async def work(number: int, peers: str, opening: Opening) -> None:
    """Be the worker whose end of the channel is file descriptor `number`."""
    worker = Worker(socket.socket(fileno=number), peers, opening)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    await worker.run()
