"""The virtual clock jumps, keeps order, and refuses to hang."""

from __future__ import annotations

import asyncio

import pytest

from testkit.virtual_time import Stuck, VirtualLoop, run


def test_an_hour_passes_at_once_and_exactly() -> None:
    async def main() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    assert run(main()) == 3600


def test_timers_fire_in_order_at_their_time() -> None:
    async def main() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        seen: list[tuple[str, float]] = []

        async def say(name: str, after: float) -> None:
            await asyncio.sleep(after)
            seen.append((name, loop.time()))

        async with asyncio.TaskGroup() as tasks:
            for name, after in (("late", 90_000.0), ("soon", 0.25), ("now", 0.0), ("then", 1.5)):
                tasks.create_task(say(name, after))
        return seen

    assert run(main()) == [("now", 0.0), ("soon", 0.25), ("then", 1.5), ("late", 90_000.0)]


def test_timeouts_are_virtual_too() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run(main()) == 30


def test_a_wait_that_cannot_end_raises_and_says_where() -> None:
    ended: list[str] = []

    async def main() -> None:
        try:
            await asyncio.sleep(2)
            await asyncio.Event().wait()
        finally:
            ended.append("main")

    with pytest.raises(Stuck, match=r"at 2\.000 s nothing is scheduled.*test_virtual_time"):
        run(main())
    assert ended == ["main"]


def test_two_runs_give_the_same_trace() -> None:
    async def main() -> list[tuple[float, int]]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        queue: asyncio.Queue[int] = asyncio.Queue(2)
        trace: list[tuple[float, int]] = []

        async def make() -> None:
            for i in range(200):
                await asyncio.sleep(0.01 * (i % 3))
                await queue.put(i)

        async def take() -> None:
            for _ in range(200):
                trace.append((loop.time(), await queue.get()))
                await asyncio.sleep(0.007)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(make())
            tasks.create_task(take())
        return trace

    assert run(main()) == run(main())


def test_what_another_thread_sends_is_still_received() -> None:
    async def main() -> int:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        loop.call_soon_threadsafe(done.set_result, 7)
        return int(await done)

    assert run(main()) == 7
