"""What a child process says of its work: requests, how long they waited, when it was busy, what was lost, restarts."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from engines.api import EngineError
from engines.measures.work import Work
from engines.process.child import Child
from engines.process.work import ChildWork
from tests.engines.process.children import ask, first, later, opened, run


def of(child: Child, op: str) -> Work:
    (found,) = (work for work in child.work.work() if work.stage == f"the child {op}")
    return found


def only(work: ChildWork) -> Work:
    (found,) = work.work()
    return found


# ------------------------------------------------------------------------------------------------ the arithmetic


def test_requests_that_are_served_in_turns_keep_it_busy_once() -> None:
    work = ChildWork("voice")
    for at in (10.0, 11.0):
        work.opened("speak")
        work.owes("speak", at)
    assert only(work).waiting == 2
    work.begun("speak", 0.0)
    work.begun("speak", 3.0)
    work.rests("speak", 14.0)
    work.over("speak", "done", 14.0, begun=True)
    work.rests("speak", 15.0)
    work.over("speak", "done", 15.0, begun=True)
    work.credit("speak", audio=10.0)
    work.opened("speak")
    work.owes("speak", 100.0)
    work.begun("speak", 0.0)
    work.credit("speak", audio=10.0)
    work.rests("speak", 105.0)
    work.over("speak", "done", 105.0, begun=True)
    told = only(work)
    assert (told.device, told.stage) == ("process", "voice speak")
    assert (told.items, told.batches, told.waiting) == (3, 3, 0)
    assert told.busy == pytest.approx(5.0 + 5.0)
    assert told.queue_sum == pytest.approx(3.0)
    assert sum(told.queue) == 3
    assert told.real_time_factor == pytest.approx(0.5)


def test_time_in_which_it_waits_for_input_is_not_work() -> None:
    work = ChildWork("ear")
    work.opened("hear")
    work.begun("hear", 0.0)
    for at in (1.0, 2.0, 3.0):
        work.owes("hear", at)
        work.rests("hear", at + 0.25)
    work.over("hear", "done", 9.0, begun=True)
    assert only(work).busy == pytest.approx(0.75)


def test_operations_are_told_apart() -> None:
    work = ChildWork("voice", "process 2")
    for op in ("about", "speak"):
        work.opened(op)
        work.begun(op, 0.5)
        work.over(op, "done", 1.0, begun=True)
    assert [(told.device, told.stage, told.items) for told in work.work()] == [
        ("process 2", "voice about", 1),
        ("process 2", "voice speak", 1),
    ]


# ------------------------------------------------------------------------------------------------ a real process


def test_what_is_done_is_counted_with_its_time() -> None:
    async def test() -> None:
        async with opened() as child:
            for _ in range(3):
                await ask(child, "echo", value=1)
            told = of(child, "echo")
            assert (told.items, sum(told.queue), told.waiting) == (3, 3, 0)
            assert 0 < told.busy < 60
            assert 0 < told.queue_sum < 60

    run(test)


def test_who_comes_while_it_is_busy_waits_in_the_queue() -> None:
    async def test() -> None:
        async with opened() as child, child.request("busy") as long:
            await first(long)
            async with child.request("echo", value=1) as short:
                assert of(child, "echo").waiting == 1
                later(7.0)
                await long.__aexit__(None, None, None)
                assert await first(short) == {"value": 1}
            assert of(child, "echo").waiting == 0
            assert of(child, "echo").queue_sum > 6.9
            assert of(child, "busy").cancelled == 1
            assert of(child, "busy").busy > 6.9

    run(test)


def test_one_that_waits_for_input_is_not_at_work() -> None:
    async def test() -> None:
        async with opened() as child, child.request("total") as sums:
            await sums.send(value=1)
            await first(sums)
            while sums.owed_since is not None:
                await ask(child, "echo", value=1)
            later(50.0)
            await sums.finish()
            assert [reply async for reply in sums] == [{"count": 1}]
            assert of(child, "total").busy < 40

    run(test)


@pytest.mark.parametrize("op", ["refuse", "crash"])
def test_what_fails_is_counted(op: str) -> None:
    async def test() -> None:
        async with opened() as child:
            with pytest.raises(EngineError):
                await ask(child, op, retryable=True, said="")
            assert (of(child, op).failed, of(child, op).items) == (1, 0)

    run(test)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_process_that_dies_is_restarted_and_counted_once() -> None:
    async def test() -> None:
        async with opened() as child, child.request("parked") as open_request:
            await ask(child, "echo", value=1)
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            with pytest.raises(EngineError):
                await first(open_request)
            await asyncio.gather(*(ask(child, "echo", value=1) for _ in range(3)))
            assert of(child, "parked").failed == 1
            assert (of(child, "echo").restarts, of(child, "echo").items) == (1, 4)

    run(test)


def test_a_process_that_hangs_is_counted_as_such() -> None:
    async def test() -> None:
        async with opened(patience=5.0) as child, child.request("hang") as stuck:
            await first(stuck)
            later(6.0)
            with pytest.raises(EngineError, match="did not answer"):
                await first(stuck)
            assert (of(child, "hang").hung, of(child, "hang").failed) == (1, 0)
            assert await ask(child, "echo", value=1) == [{"value": 1}]
            assert of(child, "echo").restarts == 1

    run(test)
