"""One connection's own rules: the order of what waits, what is dropped, when patience ends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgpack
import msgspec

from bridge.core.budget import Account, Allowance, Budget
from bridge.core.rate import PATIENCE
from bridge.metrics import Metrics
from bridge.server.connection import ABORT_AFTER, Connection
from bridge.server.intake import Intake
from protocol import messages as m
from protocol.errors import CLOSE_CODES
from testkit import virtual_time


class FullTransport:
    """A socket buffer that has no room: everything waits in the connection."""

    def __init__(self) -> None:
        self.aborted_at: float | None = None

    def get_write_buffer_size(self) -> int:
        return 1_000_000

    def abort(self) -> None:
        self.aborted_at = asyncio.get_running_loop().time()


class Socket:
    """Takes what is sent, once it is told to."""

    subprotocol = None

    def __init__(self) -> None:
        self.transport = FullTransport()
        self.sent: list[dict[str, Any]] = []
        self.reads = asyncio.Event()
        self.closed: tuple[int, str] | None = None
        self.take: Callable[[bytes], None] | None = None
        self._incoming: asyncio.Queue[bytes] = asyncio.Queue()

    def come(self, message: m.ClientMessage) -> None:
        self._incoming.put_nowait(msgspec.msgpack.encode(message))

    async def send(self, data: bytes) -> None:
        await self.reads.wait()
        self.sent.append(msgpack.unpackb(data))

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    async def receive(self) -> bytes:
        return await self._incoming.get()

    def deliver(self, take: Callable[[bytes], None] | None) -> None:
        self.take = take


def run(body: Callable[[Socket, Connection], Awaitable[None]], *, rate: int = 10, backlog: int = 10_000) -> None:
    async def main() -> None:
        socket = Socket()
        budget = Budget(Account(Allowance(messages=rate), largest=100_000, values=1000))
        connection = Connection(cast("Intake", socket), budget=budget, max_backlog=backlog, metrics=Metrics())
        async with asyncio.timeout(1000):
            await body(socket, connection)

    virtual_time.run(main())


def media(turn: int, seq: int) -> m.Media:
    return m.Media(turn=turn, seq=seq, pts=0)


async def writes(socket: Socket, connection: Connection) -> list[dict[str, Any]]:
    """Everything that waits, as the client gets it."""
    serving = asyncio.ensure_future(connection.serve(None))
    socket.reads.set()
    await asyncio.sleep(1)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    return socket.sent


def test_an_interruption_drops_its_turn_and_keeps_the_order_of_the_rest() -> None:
    async def body(socket: Socket, connection: Connection) -> None:
        connection.post(m.ReplyStart(turn=3, seq=1), 64)
        connection.post(m.StateChange(state="overlap", turn=3), 64)
        connection.post(media(3, 2), 64)
        connection.post(m.WordText(turn=3, seq=2, text="x", pts=0, end=1), 64)
        connection.post(m.TranscriptText(utterance=2, text="stop", final=True, seq=3), 64)
        connection.post(media(0, 0), 64)
        connection.post(m.Pong(stamp=1.0, server=1.0), 64)
        connection.cut(m.Interrupted(turn=3, seq=4, pts=5))
        connection.post(m.StateChange(state="listening", turn=3), 64)
        connection.post(m.ReplyStart(turn=4, seq=5), 64)
        got = await writes(socket, connection)
        assert [(x["type"], x.get("seq", 0)) for x in got] == [
            ("reply_start", 1),
            ("state", 0),
            ("transcript", 3),
            ("pong", 0),
            ("interrupted", 4),
            ("state", 0),
            ("reply_start", 5),
        ]

    run(body)


def test_what_is_on_its_way_when_interrupted_still_comes_before() -> None:
    async def body(socket: Socket, connection: Connection) -> None:
        connection.post(media(3, 1), 64)
        connection.post(media(3, 2), 64)
        serving = asyncio.ensure_future(connection.serve(None))
        await asyncio.sleep(1)  # the first is being sent
        connection.cut(m.Interrupted(turn=3, seq=3, pts=5))
        assert await writes(socket, connection) == socket.sent
        assert [x["seq"] for x in socket.sent] == [1, 3]
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    run(body)


def test_a_slow_client_is_told_and_holds_no_more_memory() -> None:
    async def body(socket: Socket, connection: Connection) -> None:
        serving = asyncio.ensure_future(connection.serve(None))
        await asyncio.sleep(0)
        for seq in range(1, 101):
            connection.post(media(1, seq), 1_000)
            assert sum(size for _, size in connection._unsent) <= 10_000
        socket.reads.set()
        await asyncio.sleep(1)
        assert socket.sent[-1]["code"] == "slow_client"
        assert socket.closed == (4031, "slow_client")
        await asyncio.sleep(2 * ABORT_AFTER)
        assert socket.transport.aborted_at == ABORT_AFTER
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    run(body)


def test_what_a_resume_replays_is_no_sign_of_a_slow_client() -> None:
    async def body(socket: Socket, connection: Connection) -> None:
        for seq in range(1, 10):
            connection.post(media(1, seq), 1_000)
        serving = asyncio.ensure_future(connection.serve(None))
        await asyncio.sleep(1)
        for seq in range(10, 19):
            connection.post(media(1, seq), 1_000)
        socket.reads.set()
        await asyncio.sleep(1)
        assert [x["seq"] for x in socket.sent] == list(range(1, 19))
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    run(body)


def test_what_is_over_the_rate_is_dropped_and_told_once_a_second_and_a_flood_is_closed() -> None:
    async def body(socket: Socket, connection: Connection) -> None:
        socket.reads.set()
        serving = asyncio.create_task(connection.serve(None))

        async def second(messages: int = 50) -> list[str]:
            del socket.sent[:]
            for _ in range(messages):
                socket.come(m.Ping(stamp=1.0))
            await asyncio.sleep(1)
            return [x.get("code", x["type"]) for x in socket.sent]

        assert Counter(await second()) == {"pong": 20, "rate_limited": 1}
        assert Counter(await second()) == {"pong": 10, "rate_limited": 1}
        await asyncio.sleep(5)
        for _ in range(int(PATIENCE)):
            assert "rate_limited" in await second()
            assert socket.closed is None
        await second()
        await second()
        assert socket.closed == (CLOSE_CODES["rate_limited"], "rate_limited")
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    run(body)
