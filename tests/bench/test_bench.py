"""The tools that measure: percentiles, the raw WebSocket client, both dialects, and the floor they stand on."""

from __future__ import annotations

import asyncio
import math

import msgpack
import pytest
from websockets.asyncio.server import ServerConnection, serve

from bench import ahead, beside, floor, script
from bench.dialects import Companion, Floor
from bench.load import Result
from bench.stats import quantile, summarize, table
from bench.turn import Run
from bench.wire import connect
from testkit.patience import PATIENCE


def test_percentiles_are_by_nearest_rank() -> None:
    assert [quantile(range(1, 101), q) for q in (0.0, 0.5, 0.95, 0.99, 1.0)] == [1, 50, 95, 99, 100]
    assert quantile([3.0], 0.99) == 3.0
    assert math.isnan(quantile([], 0.5))
    spread = summarize([4, 1, 3, 2])
    assert (spread.n, spread.p50, spread.p99, spread.worst) == (4, 2, 4, 4)


def test_a_table_lines_up() -> None:
    lines = table(("name", "ms"), [("a", 1.234), ("long name", math.nan)]).splitlines()
    assert lines == ["| name      | ms   |", "|-----------|------|", "| a         | 1.23 |", "| long name | -    |"]


def test_the_ideal_turn_is_what_the_script_says() -> None:
    sentences = script.REPLY.split(". ")
    assert [len(sentence.split()) for sentence in sentences] == [5, 5, 5]
    assert (script.REPLY_PCM, script.REPLY_FRAMES) == (144_000, 180)
    assert pytest.approx(0.340) == script.IDEAL_S
    assert pytest.approx(0.8) == script.SPEECH_FRAMES * script.FRAME_S
    assert pytest.approx(script.PERIOD_S) == script.CYCLE_FRAMES * script.FRAME_S


@pytest.mark.parametrize("size", [0, 1, 125, 126, 640, 65_535, 65_536, 200_000])
def test_the_raw_client_and_websockets_understand_each_other(size: int) -> None:
    async def main() -> tuple[bytes, int, tuple[int, str]]:
        async def echo(socket: ServerConnection) -> None:
            message = await socket.recv()
            assert isinstance(message, bytes)
            assert socket.subprotocol == "companion.v1.msgpack"
            await socket.send(message * 2 if size < 65_535 else bytes(size))
            await socket.close(4032, "session_taken")

        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        async with serve(echo, "127.0.0.1", 0, subprotocols=["companion.v1.msgpack"], compression=None) as server:  # type: ignore[list-item]  # Subprotocol is a str
            port = server.sockets[0].getsockname()[1]
            wire = await connect(port, answer.set_result, subprotocol="companion.v1.msgpack")
            wire.send(b"x" * min(size, 65_534))
            async with asyncio.timeout(PATIENCE):
                return await answer, wire.bytes_in, await wire.closed

    received, counted, closed = asyncio.run(main())
    assert len(received) == (2 * size if size < 65_535 else size)
    assert counted >= len(received)
    assert closed == (4032, "session_taken")


def test_a_declined_handshake_is_an_error() -> None:
    async def main() -> None:
        async with serve(floor.talk, "127.0.0.1", 0, process_request=lambda c, _: c.respond(403, "no")) as server:
            with pytest.raises(ConnectionError, match="403"):
                await connect(server.sockets[0].getsockname()[1], lambda _: None)

    asyncio.run(main())


def test_the_floor_plays_the_whole_turn() -> None:
    async def main() -> list[tuple[str, int, int, int]]:
        heard: list[tuple[str, int, int, int]] = []
        done, dialect = asyncio.Event(), Floor()

        def receive(payload: bytes) -> None:
            message = dialect.read(payload)
            heard.append((message.kind, message.pts, message.pcm, message.face))
            if message.kind == "end":
                done.set()

        async with await floor.listen() as server:
            wire = await connect(server.sockets[0].getsockname()[1], receive)
            for data in [script.LOUD] * 5 + [script.QUIET] * 10:
                wire.send(dialect.mic(0, data))
            async with asyncio.timeout(PATIENCE):
                await done.wait()
            wire.close()
        return heard

    heard = asyncio.run(main())
    sentence = (48_000, 60 * script.CHANNELS)
    assert heard == [
        ("media", 0, *sentence),
        ("media", 48_000, *sentence),
        ("media", 96_000, *sentence),
        ("end", 144_000, 0, 0),
    ]


def test_the_companion_dialect_reads_what_is_measured() -> None:
    dialect = Companion()
    media = {"type": "media", "turn": 3, "seq": 9, "pts": 4800, "pcm": bytes(10), "face": bytes(55), "new": 1}
    heard = dialect.read(msgpack.packb(media))
    assert (heard.kind, heard.turn, heard.seq, heard.pts, heard.pcm, heard.face) == ("media", 3, 9, 4800, 10, 55)
    full = {"type": "error", "code": "server_full", "message": "x", "fatal": True}
    refused = dialect.read(msgpack.packb(full))
    assert (refused.kind, refused.note) == ("refused", "error server_full")
    assert dialect.read(msgpack.packb({"type": "something"})).kind == "other"


def test_looking_ahead_wins_time_and_cuts_into_nobody_more() -> None:
    results = ahead.measure(6)
    without, both = results["no, brisk"], results["both, brisk"]
    assert len(without.waits) == len(both.waits) == 6
    assert sum(both.waits) < sum(without.waits)
    assert both.cut_into <= without.cut_into
    assert both.outcomes["used"] >= 3
    assert without.wasted == 0.0
    lines = ahead.report(results, 6).splitlines()
    assert len(lines) == 4 + len(results)
    assert ahead.spoken(3) == ahead.spoken(3)


def test_trees_are_compared_by_what_each_round_says_of_its_floor() -> None:
    def run(server: str, cpu: float, late: float = 1.0) -> Run:
        spread = summarize([late])
        return Run(server, "core 0", Result(50, 50, {}), spread, spread, cpu, 50.0, 60.0)

    rounds = [
        beside.Round(run("floor", 2.0), run("companion", 6.0), run("companion", 4.0)),
        beside.Round(run("floor", 4.0, late=11.0), run("companion", 10.0), run("companion", 6.0)),
    ]
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in beside.report(rounds).splitlines()]
    assert ["other / floor", "2.50", "2.75", "3.00"] in lines
    assert ["this / floor", "1.50", "1.75", "2.00"] in lines
    assert ["this / other", "0.60", "0.63", "0.67"] in lines
    assert "rounds [2]" in beside.report(rounds)
