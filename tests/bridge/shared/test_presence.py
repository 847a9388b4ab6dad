"""A user's sessions are counted over all processes that share a store, against a real server."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.shared.presence import LASTS, Everywhere, Here
from tests.bridge.peers import run

pytest.importorskip("redis", reason="the extra shared is not installed")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    folder: Path = tmp_path_factory.mktemp("store")
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if b"eady to accept" in line:
                break
        yield f"redis://127.0.0.1:{port}/0", process
        process.kill()


def test_all_processes_count_together_and_nobody_holds_a_place_for_ever(
    store: tuple[str, subprocess.Popen[bytes]],
) -> None:
    address, process = store
    at = 1000.0

    async def body() -> None:
        nonlocal at
        one, two = (Everywhere(address, now=lambda: at) for _ in range(2))
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
        await one.close()
        await two.close()

    run(body)


def test_an_address_that_is_none_is_refused() -> None:
    async def body() -> None:
        with pytest.raises(ConfigError):
            Everywhere("nonsense", now=lambda: 0.0)

    run(body)


def test_without_a_store_there_is_room() -> None:
    here = Here()
    waits: list[Callable[[], Awaitable[object]]] = [
        lambda: here.enter("ada", "a", 1),
        lambda: here.leave("ada", "a"),
        here.renew,
        here.close,
    ]

    async def body() -> list[object]:
        return [await each() for each in waits]

    assert run(body) == [True, None, None, None]
