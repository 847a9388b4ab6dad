"""A module in a process of its own: its streams, its windows, and leaving early."""

from __future__ import annotations

import asyncio
import os

import pytest

from engines.process.loop import INPUT_WINDOW, REPLY_WINDOW
from tests.engines.process.children import ask, first, opened, run, settled

# ------------------------------------------------------------------------------------------------ asking


def test_a_request_streams_its_replies_in_order() -> None:
    async def test() -> None:
        async with opened() as child:
            assert (
                await ask(child, "echo", value=[1, "zwei", b"\0\xff", None, 0.5], times=9)
                == [{"value": [1, "zwei", b"\0\xff", None, 0.5]}] * 9
            )

    run(test)


def test_many_requests_share_one_process_and_get_their_own_replies() -> None:
    async def test() -> None:
        async with opened() as child:
            pid = child.pid
            answers = await asyncio.gather(*(ask(child, "echo", value=n, times=7) for n in range(40)))
            assert answers == [[{"value": n}] * 7 for n in range(40)]
            assert child.pid == pid

    run(test)


def test_a_request_begun_later_overtakes_one_that_waits_for_input() -> None:
    async def test() -> None:
        async with opened() as child, child.request("total") as sums:
            await sums.send(value=2)
            assert await first(sums) == {"sum": 2}
            assert await ask(child, "echo", value="meanwhile") == [{"value": "meanwhile"}]
            await sums.send(value=3)
            await sums.finish()
            assert [reply async for reply in sums] == [{"sum": 5}, {"count": 2}]

    run(test)


def test_a_megabyte_travels_both_ways() -> None:
    async def test() -> None:
        async with opened() as child:
            data = os.urandom(2**20)
            assert await ask(child, "echo", value=data, times=3) == [{"value": data}] * 3

    run(test)


def test_what_libraries_print_does_not_reach_the_pipe(capfd: pytest.CaptureFixture[str]) -> None:
    async def test() -> None:
        async with opened() as child:
            assert await ask(child, "shout") == [{"value": b""}]
            assert await ask(child, "echo", value=1) == [{"value": 1}]

    run(test)
    out, err = capfd.readouterr()
    assert out == ""
    assert "in C too" in err


# ------------------------------------------------------------------------------------------------ bounds


def test_sending_waits_when_a_window_of_inputs_is_not_taken() -> None:
    async def test() -> None:
        async with opened() as child:
            async with child.request("deaf") as exchange:
                for number in range(INPUT_WINDOW):
                    await exchange.send(value=number)
                one_more = asyncio.ensure_future(exchange.send(value=-1))
                await ask(child, "echo", value=1)
                assert not one_more.done()
            await one_more

    run(test)


def test_a_thousand_inputs_pass_through_the_window() -> None:
    async def test() -> None:
        async with opened() as child, child.request("total") as sums:

            async def feed() -> None:
                for number in range(1000):
                    await sums.send(value=number)
                await sums.finish()

            async with asyncio.TaskGroup() as group:
                group.create_task(feed())
                replies = [reply async for reply in sums]
            assert replies[-2:] == [{"sum": 499_500}, {"count": 1000}]
            assert len(replies) == 1001

    run(test)


def test_a_reader_that_stops_holds_back_its_own_request_only() -> None:
    async def test() -> None:
        async with opened() as child, child.request("echo", value=1, times=100) as slow:
            assert await first(slow) == {"value": 1}
            assert await ask(child, "echo", value=2, times=50) == [{"value": 2}] * 50
            assert len(slow._replies) <= REPLY_WINDOW
            assert len([reply async for reply in slow]) == 99

    run(test)


# ------------------------------------------------------------------------------------------------ leaving early


def test_leaving_early_is_seen_inside_a_long_step() -> None:
    async def test() -> None:
        async with opened() as child:
            async with child.request("busy") as exchange:
                await first(exchange)
            assert await ask(child, "count") == [{"cancelled": 1, "closed": 0}]

    run(test)


def test_a_cancelled_task_abandons_its_request() -> None:
    async def test() -> None:
        async with opened() as child:
            begun = asyncio.Event()

            async def listen() -> None:
                async with child.request("busy") as exchange:
                    async for _ in exchange:
                        begun.set()

            task = asyncio.ensure_future(listen())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await ask(child, "count") == [{"cancelled": 1, "closed": 0}]

    run(test)


def test_leaving_early_closes_an_operation_that_waits_for_input() -> None:
    async def test() -> None:
        async with opened() as child:
            async with child.request("parked") as exchange:
                await settled(child, exchange)
            assert await ask(child, "count") == [{"cancelled": 0, "closed": 1}]

    run(test)
