"""The scene around the avatar: what is, what happened, and what it can do when asked.

Knows engine values only; the session turns them into messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from engines.api import Tool, ToolResult

MAX_STATES: Final = 128
TOOL_TIMEOUT: Final = 10.0  # seconds


class Scene:
    """States, tools and open tool calls of one session."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.tools: tuple[Tool, ...] = ()
        self._calls: dict[int, asyncio.Future[ToolResult]] = {}
        self._last_call = 0

    def update(self, states: Mapping[str, str]) -> None:
        """Replace states by key; "" removes one. Beyond MAX_STATES the oldest go."""
        for key, value in states.items():
            self.states.pop(key, None)
            if value:
                self.states[key] = value
        while len(self.states) > MAX_STATES:
            del self.states[next(iter(self.states))]

    async def call(self, name: str, send: Callable[[int], None]) -> ToolResult:
        """Run tool `name`: `send` gets the number of the call; waits for `answer`, at most TOOL_TIMEOUT seconds."""
        if name not in {tool.name for tool in self.tools}:
            return ToolResult("failed", f"there is no tool named {name}")
        self._last_call += 1
        number = self._last_call
        self._calls[number] = asyncio.get_running_loop().create_future()
        try:
            send(number)
            async with asyncio.timeout(TOOL_TIMEOUT):
                return await self._calls[number]
        except TimeoutError:
            return ToolResult("timeout", f"{name} did not answer")
        finally:
            del self._calls[number]

    def answer(self, number: int, result: ToolResult) -> bool:
        """The result of call `number`; False when nobody waits for it."""
        waiting = self._calls.get(number)
        if waiting is None or waiting.done():
            return number <= self._last_call
        waiting.set_result(result)
        return True
