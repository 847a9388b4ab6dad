"""The worker of a device: batches, priorities, cancelling, failing, hanging, and what it measures."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from engines.api import EngineError
from engines.device.loop import DeviceLoop, Priority, Stage, open_device
from engines.measures.work import Work
from testkit.patience import PATIENCE


class Model:
    """Doubles numbers; notes its batches; can be held, and runs out of memory above `room` items."""

    def __init__(self, *, room: int = 100, name: str = "double", max_batch: int = 8, patience: float = 60.0) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()
        self.room = room
        self.stage: Stage[int, int] = Stage(name, self.run, "tts_failed", max_batch, patience)

    def run(self, items: list[int]) -> list[int | EngineError]:
        self.begun.set()
        assert self.gate.wait(PATIENCE)
        self.batches.append(items)
        if len(items) > self.room:
            raise RuntimeError("CUDA out of memory: tried to allocate")
        if 13 in items:
            raise ValueError("unlucky")
        return [EngineError("tts_failed", "too young") if item == 17 else item * 2 for item in items]


def with_loop(body: Callable[[DeviceLoop], Awaitable[None]], **settings: Any) -> None:
    async def main() -> None:
        loop = open_device("test", **settings)
        try:
            async with asyncio.timeout(PATIENCE):
                await body(loop)
        finally:
            await loop.close()

    asyncio.run(main())


async def held(loop: DeviceLoop, model: Model) -> asyncio.Task[int]:
    """The model is busy with the item 0 until its gate opens."""
    model.gate.clear()
    model.begun.clear()
    task = asyncio.ensure_future(loop.run(model.stage, 0))
    await asyncio.to_thread(model.begun.wait, PATIENCE)
    return task


async def ask(loop: DeviceLoop, model: Model, *items: int, **how: Any) -> list[asyncio.Task[int]]:
    """Asks for each item; when it returns, all wait."""
    tasks = [asyncio.ensure_future(loop.run(model.stage, item, **how)) for item in items]
    await asyncio.sleep(0)
    return tasks


def measured(loop: DeviceLoop, stage: str = "double") -> Work:
    (found,) = (work for work in loop.work() if work.stage == stage)
    return found


# ------------------------------------------------------------------------------------------- batches and order


def test_what_waits_together_runs_in_one_batch() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model(max_batch=4)
        first = await held(loop, model)
        rest = await ask(loop, model, 1, 2, 3, 4, 5)
        model.gate.set()
        assert await asyncio.gather(first, *rest) == [0, 2, 4, 6, 8, 10]
        assert model.batches == [[0], [1, 2, 3, 4], [5]]

    with_loop(body)


def test_only_one_group_shares_a_batch() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model()
        first = await held(loop, model)
        tasks = [task for i in range(4) for task in await ask(loop, model, i, group=i % 2)]
        model.gate.set()
        await asyncio.gather(first, *tasks)
        assert model.batches == [[0], [0, 2], [1, 3]]

    with_loop(body)


def test_an_answers_first_phrase_goes_before_anothers_fifth() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model(max_batch=1)
        first = await held(loop, model)
        tasks = [
            *await ask(loop, model, 4, priority=Priority.PARTIAL),
            *await ask(loop, model, 3, priority=Priority.NEXT),
            *await ask(loop, model, 2, priority=Priority.FIRST),
            *await ask(loop, model, 1, priority=Priority.FINAL),
        ]
        model.gate.set()
        await asyncio.gather(first, *tasks)
        assert model.batches == [[0], [1], [2], [3], [4]]

    with_loop(body)


def test_nothing_waits_for_ever_behind_what_is_urgent() -> None:
    async def main() -> None:
        now = 0.0
        loop = DeviceLoop("clocked", clock=lambda: now)
        loop.users = 1
        model = Model(max_batch=1)
        first = await held(loop, model)
        late = await ask(loop, model, 1, priority=Priority.PARTIAL)
        now = 2.0
        urgent = await ask(loop, model, 2, priority=Priority.FINAL)
        model.gate.set()
        await asyncio.gather(first, *late, *urgent)
        await loop.close()
        assert model.batches == [[0], [1], [2]]

    asyncio.run(main())


def test_the_event_loop_goes_on_while_a_model_runs() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model()
        first = await held(loop, model)
        for _ in range(100):
            await asyncio.sleep(0)
        assert not first.done()
        model.gate.set()
        assert await first == 0

    with_loop(body)


# -------------------------------------------------------------------------------------------------- cancelling


def test_a_cancelled_item_never_runs_and_the_others_do() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model()
        first = await held(loop, model)
        tasks = await ask(loop, model, 1, 2, 3)
        tasks[1].cancel()
        await asyncio.sleep(0)
        model.gate.set()
        assert await first == 0
        assert (await tasks[0], await tasks[2]) == (2, 6)
        assert model.batches == [[0], [1, 3]]
        assert measured(loop).cancelled == 1

    with_loop(body)


def test_cancelling_what_runs_returns_at_once() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model()
        first = await held(loop, model)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        model.gate.set()
        assert await loop.run(model.stage, 4) == 8

    with_loop(body)


# ----------------------------------------------------------------------------------------------------- failing


def test_out_of_memory_halves_the_batch_and_loses_nothing() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model(room=2)
        first = await held(loop, model)
        tasks = await ask(loop, model, 1, 2, 3, 4, 5, 6)
        model.gate.set()
        assert await asyncio.gather(first, *tasks) == [0, 2, 4, 6, 8, 10, 12]
        assert [len(batch) for batch in model.batches] == [1, 6, 3, 1, 1, 1, 3, 1, 1, 1]
        assert measured(loop).out_of_memory == 3
        assert measured(loop).batch_limit == 1

    with_loop(body)


def test_the_batch_grows_again_when_memory_is_back() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model(room=1, max_batch=2)
        first = await held(loop, model)
        tasks = await ask(loop, model, 1, 2)
        model.gate.set()
        await asyncio.gather(first, *tasks)
        assert measured(loop).batch_limit == 1
        model.room = 2
        for _ in range(64):
            await loop.run(model.stage, 1)
        assert measured(loop).batch_limit == 2

    with_loop(body)


def test_out_of_memory_alone_fails_that_item_and_may_be_tried_again() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model(room=0)
        with pytest.raises(EngineError, match="not enough memory") as caught:
            await loop.run(model.stage, 1)
        assert (caught.value.code, caught.value.retryable) == ("tts_failed", True)
        model.room = 1
        assert await loop.run(model.stage, 1) == 2

    with_loop(body)


def test_one_bad_item_fails_alone() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model()
        first = await held(loop, model)
        tasks = await ask(loop, model, 1, 13, 17, 2)
        model.gate.set()
        one, bad, young, two = await asyncio.gather(*tasks, return_exceptions=True)
        assert (one, two, await first) == (2, 4, 0)
        assert isinstance(bad, EngineError)
        assert "unlucky" in bad.message
        assert not bad.retryable
        assert isinstance(young, EngineError)
        assert young.message == "too young"
        assert measured(loop).failed == 2

    with_loop(body)


def test_too_much_waiting_is_refused() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model()
        first = await held(loop, model)
        tasks = await ask(loop, model, 1, 2)
        with pytest.raises(EngineError, match="Too much waits"):
            await loop.run(model.stage, 3)
        model.gate.set()
        assert await asyncio.gather(first, *tasks) == [0, 2, 4]

    with_loop(body, bound=2)


def test_a_hanging_stage_fails_alone_and_works_again_when_it_comes_back() -> None:
    async def body(loop: DeviceLoop) -> None:
        stuck, other = Model(name="stuck", patience=0.05, max_batch=1), Model()
        first = await held(loop, stuck)
        waiting = await ask(loop, stuck, 1)
        assert await loop.run(other.stage, 2) == 4
        for task in (first, *waiting):
            with pytest.raises(EngineError, match="does not answer") as caught:
                await task
            assert caught.value.retryable
        with pytest.raises(EngineError, match="does not answer"):
            await loop.run(stuck.stage, 3)
        assert measured(loop, "stuck").hung == 1
        stuck.gate.set()
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    assert await loop.run(stuck.stage, 3) == 6
                    break
                except EngineError:
                    await asyncio.to_thread(stuck.begun.wait, 1)

    with_loop(body)


# ---------------------------------------------------------------------------------------------------- stepping


class Counter:
    """A stepper that counts to `end`, and notes what the device did before each step."""

    name, code, max_batch, patience = "count", "dialogue_failed", 3, 60.0

    def __init__(self, loop: DeviceLoop, model: Model, end: int) -> None:
        self.loop, self.model, self.end = loop, model, end
        self.home = asyncio.get_running_loop()
        self.seen: list[int] = []
        self.done = asyncio.Event()
        self.error: EngineError | None = None

    def step(self) -> tuple[int, bool]:
        if self.end < 0:
            raise ValueError("below nothing")
        self.seen.append(len(self.model.batches))
        self.loop.credit(self.name, tokens=2)
        if len(self.seen) >= self.end:
            self.loop.post(self.home, self.done.set)
        return 2, len(self.seen) < self.end

    def fail(self, error: EngineError) -> None:
        self.error = error
        self.loop.post(self.home, self.done.set)


def test_steps_and_batches_take_turns() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model(max_batch=1)
        counter = Counter(loop, model, 3)
        loop.attach(counter)
        first = await held(loop, model)
        tasks = await ask(loop, model, 1, 2, 3, 4)
        loop.wake(counter)
        model.gate.set()
        await asyncio.gather(first, *tasks, counter.done.wait())
        assert counter.seen == [2, 3, 4]
        work = measured(loop, "count")
        assert (work.tokens, work.batches, work.items) == (6, 3, 6)
        assert work.tokens_per_second > 0

    with_loop(body)


def test_a_step_that_raises_fails_what_it_steps_and_nothing_else() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model()
        counter = Counter(loop, model, -1)
        loop.attach(counter)
        loop.wake(counter)
        await counter.done.wait()
        assert counter.error is not None
        assert counter.error.code == "dialogue_failed"
        assert await loop.run(model.stage, 1) == 2
        loop.detach(counter)

    with_loop(body)


# -------------------------------------------------------------------------------------- measures, calls, the end


def test_it_measures_waiting_batches_and_speed() -> None:
    async def body(loop: DeviceLoop) -> None:
        model = Model()
        await loop.warm(model.stage, [1, 2, 3])
        assert loop.work() == ()
        first = await held(loop, model)
        tasks = await ask(loop, model, 1, 2)
        assert measured(loop).waiting == 2
        loop.credit("double", audio=2.0)
        model.gate.set()
        await asyncio.gather(first, *tasks)
        work = measured(loop)
        assert (work.items, work.batches, work.waiting, sum(work.queue)) == (3, 2, 0, 3)
        assert work.busy > 0
        assert work.real_time_factor == pytest.approx(work.busy / 2.0)
        assert work.device == "test"

    with_loop(body)


def test_calls_run_in_the_devices_own_thread_and_raise_what_they_raise() -> None:
    async def body(loop: DeviceLoop) -> None:
        names = {await loop.call(lambda: threading.current_thread().name, code="tts_failed") for _ in range(3)}
        assert names == {"test"}
        with pytest.raises(ZeroDivisionError):
            await loop.call(lambda: 1 // 0, code="tts_failed")

    with_loop(body)


def test_a_device_is_shared_and_ends_with_its_last_user() -> None:
    async def main() -> None:
        model = Model()
        one, other = open_device("shared"), open_device("shared")
        assert one is other
        lanes = [open_device("cpu", lane=lane) for lane in ("a", "b", "a")]
        assert lanes[0] is lanes[2] is not lanes[1]
        for lane in lanes:
            await lane.close()
        await one.close()
        assert await other.run(model.stage, 1) == 2
        first = await held(other, model)
        waiting = await ask(other, model, 3)
        ending = asyncio.ensure_future(other.close())
        with pytest.raises(EngineError, match="closed"):
            await waiting[0]
        model.gate.set()
        await ending
        assert await first == 0
        with pytest.raises(EngineError, match="closed"):
            await other.run(model.stage, 1)
        again = open_device("shared")
        assert again is not other
        await again.close()

    asyncio.run(main())
    assert "shared" not in {thread.name for thread in threading.enumerate()}
