"""Runs the tools that the scene offers: numbers each call, waits for its answer, gives up in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from engines.api import Tool, ToolResult

TIMEOUT: Final = 10.0  # seconds


class ToolCalls:
    """The tools of one session and the calls that are open."""

    def __init__(self) -> None:
        self.offered: tuple[Tool, ...] = ()
        self._open: dict[int, asyncio.Future[ToolResult]] = {}
        self._last = 0

    async def call(self, name: str, send: Callable[[int], None]) -> ToolResult:
        """Run tool `name`: `send` gets the number of the call; waits for `answer`, at most TIMEOUT seconds."""
        if name not in {tool.name for tool in self.offered}:
            return ToolResult("failed", f"there is no tool named {name}")
        self._last += 1
        number = self._last
        self._open[number] = asyncio.get_running_loop().create_future()
        try:
            send(number)
            async with asyncio.timeout(TIMEOUT):
                return await self._open[number]
        except TimeoutError:
            return ToolResult("timeout", f"{name} did not answer")
        finally:
            del self._open[number]

    @property
    def last(self) -> int:
        """Return the number of the newest call."""
        return self._last

    def restore(self, offered: tuple[Tool, ...], last: int) -> None:
        """Go on with what was offered and numbered elsewhere."""
        self.offered, self._last = offered, last

    def waits(self, number: int) -> bool:
        """Return whether call `number` is still waited for."""
        return number in self._open

    def known(self, number: int) -> bool:
        """Return whether there was a call `number`."""
        return 0 < number <= self._last

    def answer(self, number: int, result: ToolResult) -> bool:
        """Take the result of call `number`; False for a call that never was."""
        waiting = self._open.get(number)
        if waiting is None or waiting.done():
            return number <= self._last
        waiting.set_result(result)
        return True
