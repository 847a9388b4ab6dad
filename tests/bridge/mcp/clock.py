"""An MCP server for tests, of the official package: tools that answer, hang, fail, lie and say too much."""

from __future__ import annotations

import asyncio

from mcp.server.mcpserver import MCPServer

server = MCPServer("clock")


@server.tool()
def now(zone: str) -> str:
    """Tells the time in a zone."""
    return f"noon in {zone}"


@server.tool()
async def hang() -> str:
    """Never answers."""
    await asyncio.Event().wait()
    return ""


@server.tool()
def fail() -> str:
    """Cannot do it."""
    raise RuntimeError("the clock is broken")


@server.tool()
def lie() -> str:
    """Says far too much."""
    return "\x1b[31m\x00" + "the time is a secret of the tower. " * 9_000


@server.tool()
def wipe() -> str:
    """Nobody has consented to it."""
    return "everything is gone"


if __name__ == "__main__":
    server.run()
