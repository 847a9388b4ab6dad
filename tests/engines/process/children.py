"""What the tests of `engines.process.child` share: a real loop whose clock can be put forward, and ways to ask."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from engines.process.child import Child, Exchange


class LateLoop(asyncio.SelectorEventLoop):
    """A real event loop whose clock can be put forward."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=LateLoop) as runner:
        runner.run(test())


def later(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, LateLoop)
    loop.ahead += seconds


@asynccontextmanager
async def opened(module: str = "tests.engines.process.child_ops", patience: float = 60.0) -> AsyncIterator[Child]:
    child = Child(module, name="the child", code="test_failed", patience=patience)
    await child.start()
    try:
        yield child
    finally:
        await child.close()


async def ask(child: Child, op: str, **fields: Any) -> list[dict[str, Any]]:
    async with child.request(op, **fields) as replies:
        return [reply async for reply in replies]


async def first(exchange: Exchange) -> dict[str, Any]:
    async for reply in exchange:
        return reply
    raise AssertionError("no reply")


async def settled(child: Child, *exchanges: Exchange) -> None:
    """Until the child has nothing to do for these requests."""
    while any(exchange.owed_since is not None for exchange in exchanges):
        await ask(child, "echo", value=1)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
