"""A user's sessions are counted over all processes that share a store, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.shared.presence import LASTS, Everywhere, Here
from bridge.shared.store import Store
from tests.bridge.peers import run
from tests.bridge.shared.stores import address, free_port, running

pytest.importorskip("redis", reason="the extra shared is not installed")


def test_all_processes_count_together_and_nobody_holds_a_place_for_ever(tmp_path: Path) -> None:
    at, port = 1000.0, free_port()

    async def body() -> None:
        nonlocal at
        stores = [Store(address(port)) for _ in range(2)]
        one, two = (Everywhere(store, now=lambda: at) for store in stores)
        assert await one.enter("ada", "a", 2)
        assert await two.enter("ada", "b", 2)
        assert not await two.enter("ada", "c", 2)
        assert await two.enter("ada", "a", 2)  # it has moved
        assert await two.enter("grace", "d", 2)
        assert await one.enter("", "e", 1)
        await one.leave("ada", "a")
        assert await two.enter("ada", "c", 2)
        assert not await one.enter("ada", "f", 2)
        at += LASTS + 1.0  # the other process has died
        assert await one.enter("ada", "f", 2)
        # The store goes: the conversation goes on.
        process.kill()
        await asyncio.to_thread(process.wait)
        for name in "ghi":
            assert await one.enter("ada", name, 1)
        await one.leave("ada", "g")
        for store in stores:
            await store.close()

    with running(tmp_path, port) as process:
        run(body)


def test_an_address_that_is_none_is_refused() -> None:
    async def body() -> None:
        with pytest.raises(ConfigError):
            Store("nonsense")

    run(body)


def test_without_a_store_there_is_room() -> None:
    here = Here()
    waits: list[Callable[[], Awaitable[object]]] = [
        lambda: here.enter("ada", "a", 1),
        lambda: here.leave("ada", "a"),
        here.renew,
    ]

    async def body() -> list[object]:
        return [await each() for each in waits]

    assert run(body) == [True, None, None]
