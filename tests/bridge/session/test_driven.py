"""Engines with bugs: whatever is raised, wherever, is an EngineError with a line in the log; cancellation is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Literal, TypeAlias, cast

import pytest

from bridge.session.driven import asked, driven
from engines.api import EngineError, Stream
from testkit import virtual_time

Place: TypeAlias = Literal["start", "first", "later", "close"]
BUGS: tuple[Callable[[], BaseException], ...] = (
    lambda: ValueError("secret words"),
    MemoryError,
    RecursionError,
    StopAsyncIteration,
    lambda: TimeoutError("its own"),
    asyncio.CancelledError,
    lambda: ExceptionGroup("several", [ValueError("secret words")]),
)


class Buggy:
    """A stream that is no generator, so that nothing is mended on the way; 1, 2, 3 if nothing is raised."""

    def __init__(self, place: Place, bug: Callable[[], BaseException]) -> None:
        if place == "start":
            raise bug()
        self._place, self._bug = place, bug
        self._item = 0

    async def __anext__(self) -> int:
        self._item += 1
        if (self._place, self._item) in (("first", 1), ("later", 2)):
            raise self._bug()
        if self._item > 3:
            raise StopAsyncIteration
        return self._item

    async def aclose(self) -> None:
        if self._place == "close":
            raise self._bug()


async def read(place: Place, bug: Callable[[], BaseException]) -> list[int]:
    async with aclosing(driven("tts", lambda: cast("Stream[int]", Buggy(place, bug)))) as stream:
        return [item async for item in stream]


@pytest.mark.parametrize("bug", BUGS)
@pytest.mark.parametrize("place", ["start", "first", "later"])
def test_any_exception_is_the_engines_failure(
    place: Place, bug: Callable[[], BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    if bug is StopAsyncIteration and place != "start":
        assert virtual_time.run(read(place, bug)) == ([] if place == "first" else [1])  # that is how a stream ends
        return
    with caplog.at_level(logging.ERROR), pytest.raises(EngineError) as caught:
        virtual_time.run(read(place, bug))
    assert caught.value.code == "tts_failed"
    assert "secret" not in caught.value.message
    (record,) = caplog.records
    assert "secret" not in vars(record)["error"]


@pytest.mark.parametrize("bug", BUGS)
def test_a_stream_that_fails_to_close_has_given_all_that_it_had(bug: Callable[[], BaseException]) -> None:
    assert virtual_time.run(read("close", bug)) == [1, 2, 3]


def test_an_engines_own_failure_keeps_its_code() -> None:
    with pytest.raises(EngineError) as caught:
        virtual_time.run(read("later", lambda: EngineError("face_failed", "as it says", retryable=True)))
    assert (caught.value.code, caught.value.message, caught.value.retryable) == ("face_failed", "as it says", True)


def test_what_is_no_stream_at_all_is_a_failure() -> None:
    async def main() -> None:
        async with aclosing(driven("dialogue", lambda: cast("Stream[str]", None))) as stream:
            await anext(stream)

    with pytest.raises(EngineError):
        virtual_time.run(main())


def test_cancellation_that_was_asked_for_passes() -> None:
    closed = False

    async def forever() -> Stream[int]:
        nonlocal closed
        try:
            await asyncio.Event().wait()
            yield 1
        finally:
            closed = True

    async def consume() -> None:
        async with aclosing(driven("tts", forever)) as stream:
            async for _ in stream:
                pass

    async def main() -> None:
        task = asyncio.create_task(consume())
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    virtual_time.run(main())
    assert closed


def test_a_limit_around_an_engine_is_told_as_a_limit() -> None:
    async def hang() -> float:
        await asyncio.Event().wait()
        return 0.0

    async def main() -> None:
        async with asyncio.timeout(1):
            await asked("ending", hang)

    with pytest.raises(TimeoutError):
        virtual_time.run(main())
