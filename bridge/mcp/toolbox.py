"""Keeps connections to MCP servers, by the official `mcp` package, and calls their tools within a time.

A server that is away is tried again; a tool that hangs, fails or says nonsense is a failed call, and never more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, Self

from bridge.logs import anatomy
from bridge.mcp.consent import Offer, Place, offers, plain
from engines.api import Tool, ToolResult

log = logging.getLogger("bridge.mcp.toolbox")

AGAIN: Final = (2.0, 5.0, 15.0, 60.0)  # seconds until a server that is away is tried again
CONNECT: Final = 20.0  # seconds that a server may take to begin
CALLS: Final = 8  # of one server at once


class McpTools:
    """The tools of some MCP servers; `async with` it while they may be called.

    `allow` names those that somebody has consented to, `timeout` is what a call may take in seconds, `longest` what may
    come of it in characters. `connect` makes a client for a place.
    """

    def __init__(
        self,
        places: tuple[Place, ...],
        *,
        allow: tuple[str, ...],
        timeout: float,
        longest: int,
        connect: Callable[[Place], Any] | None = None,
    ) -> None:
        self._places = places
        self._allow = allow
        self._timeout = timeout
        self._longest = longest
        self._connect = connect or _client
        self._clients: dict[str, Any] = {}
        self._offers: dict[str, Offer] = {}
        self._free = {place.name: asyncio.Semaphore(CALLS) for place in places}
        self._stack = AsyncExitStack()
        self._closing = asyncio.Event()
        self.tried = {place.name: asyncio.Event() for place in places}  # connecting has been tried

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Return what can be called now."""
        return tuple(offer.tool for offer in self._offers.values())

    async def __aenter__(self) -> Self:
        group = await self._stack.enter_async_context(asyncio.TaskGroup())
        for place in self._places:
            group.create_task(self._keep(place))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self._stack.aclose()

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Call a tool; whatever goes wrong is told in the result."""
        offer = self._offers.get(name)
        client = self._clients.get(offer.server) if offer is not None else None
        if offer is None or client is None:
            return ToolResult("failed", f"there is no tool named {name}")
        try:
            async with asyncio.timeout(self._timeout), self._free[offer.server]:
                result = await client.call_tool(offer.theirs, dict(arguments))
        except TimeoutError:
            return ToolResult("timeout", f"{name} did not answer within {self._timeout:g} s")
        except Exception as error:  # whatever a stranger's server makes the package raise
            log.warning("a tool failed", extra={"tool": name, "error": anatomy(error)})
            return ToolResult("failed", f"{name} failed: {plain(str(error), 200)}")
        text = plain("\n".join(_texts(result)), self._longest)
        return ToolResult("failed" if result.is_error else "ok", text or "it said nothing")

    # ------------------------------------------------------------------------------------------- one server

    async def _keep(self, place: Place) -> None:
        """Stay connected to a server until all is over."""
        tries = 0
        while not self._closing.is_set():
            try:
                async with self._connected(place):
                    tries = 0
                    self.tried[place.name].set()
                    await self._closing.wait()
            except Exception as error:  # the same
                log.warning("an MCP server is away", extra={"server": place.name, "error": anatomy(error)})
            self.tried[place.name].set()
            wait = AGAIN[min(tries, len(AGAIN) - 1)]
            tries += 1
            try:
                async with asyncio.timeout(wait):
                    await self._closing.wait()
            except TimeoutError:
                pass

    @asynccontextmanager
    async def _connected(self, place: Place) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(CONNECT):
                client = await stack.enter_async_context(self._connect(place))
                listed = await client.list_tools()
            known = [(tool.name, tool.description or "", tool.input_schema) for tool in listed.tools]
            offered, left = offers(place.name, known, self._allow)
            if left:
                log.info("tools are not offered", extra={"server": place.name, "tools": len(left)})
            log.info("tools are offered", extra={"server": place.name, "tools": len(offered)})
            self._clients[place.name] = client
            self._offers |= {offer.tool.name: offer for offer in offered}
            try:
                yield
            finally:
                del self._clients[place.name]
                for offer in offered:
                    self._offers.pop(offer.tool.name, None)


def _client(place: Place) -> Any:
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters

    if place.address:
        return Client(place.address)
    return Client(StdioServerParameters(command=place.command[0], args=list(place.command[1:])))


def _texts(result: Any) -> list[str]:
    """Return the texts of a result; what else is in it is named."""
    return [part.text if part.type == "text" else f"({part.type})" for part in result.content[:64]]
