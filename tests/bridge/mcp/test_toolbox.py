"""Tools of real MCP servers of the official package, in a process of their own and by HTTP."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bridge.mcp.consent import Place, place
from bridge.mcp.toolbox import McpTools
from bridge.setup.sections import McpSection
from engines.api import ToolResult
from testkit.scripted.engines import ScriptedDialogue, ScriptedTts, ToolUse
from tests.bridge.peers import peer, run, serving
from tests.bridge.scenario import Cast

pytest.importorskip("mcp")

STDIO = place(f"clock={sys.executable} -m tests.bridge.mcp.clock")
ALLOWED = ("clock.now", "clock.hang", "clock.fail", "clock.lie")


@asynccontextmanager
async def tools(*places: Place, timeout: float = 20.0) -> AsyncIterator[McpTools]:
    async with McpTools(places, allow=ALLOWED, timeout=timeout, longest=500) as box:
        for each in places:
            await box.tried[each.name].wait()
        yield box


def test_tools_of_a_program_are_offered_by_consent_and_called() -> None:
    async def body() -> None:
        async with tools(STDIO) as box:
            assert sorted(tool.name for tool in box.tools) == ["clock_fail", "clock_hang", "clock_lie", "clock_now"]
            (now,) = [tool for tool in box.tools if tool.name == "clock_now"]
            assert now.description == "Tells the time in a zone."
            assert "zone" in str(now.parameters)
            assert await box.call("clock_now", {"zone": "Rome"}) == ToolResult("ok", "noon in Rome")
            assert (await box.call("clock_wipe", {})).status == "failed"
            assert (await box.call("clock_now", {"zone": 7})).status == "failed"
            failed = await box.call("clock_fail", {})
            assert failed.status == "failed"
            lied = await box.call("clock_lie", {})
            assert (lied.status, len(lied.value)) == ("ok", 500)
            assert "\x00" not in lied.value

    run(body)


def test_a_tool_that_hangs_costs_its_time_and_no_more() -> None:
    async def body() -> None:
        async with tools(STDIO, timeout=0.2) as box:
            assert (await box.call("clock_hang", {})).status == "timeout"
        async with tools(STDIO) as box:
            assert (await box.call("clock_now", {"zone": "Rome"})).status == "ok"

    run(body)


def test_a_server_that_is_not_there_leaves_the_others_alone() -> None:
    async def body() -> None:
        gone = place("gone=/nonexistent/program")
        closed = place("closed=http://127.0.0.1:9/mcp")
        async with tools(gone, closed, STDIO) as box:
            assert {tool.name.split("_")[0] for tool in box.tools} == {"clock"}

    run(body)


async def begun(web: Any) -> None:
    """Wait until a web server listens; it says so to nobody."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()

    def look() -> None:
        if web.started:
            ready.set_result(None)
        else:
            loop.call_later(0.01, look)

    look()
    await ready


def test_tools_by_http() -> None:
    import uvicorn

    from tests.bridge.mcp.clock import server

    async def body() -> None:
        web = uvicorn.Server(
            uvicorn.Config(server.streamable_http_app(), host="127.0.0.1", port=0, log_level="error", lifespan="on")
        )
        running = asyncio.create_task(web.serve())
        await begun(web)
        port = web.servers[0].sockets[0].getsockname()[1]
        try:
            async with tools(place(f"clock=http://127.0.0.1:{port}/mcp")) as box:
                assert await box.call("clock_now", {"zone": "Rome"}) == ToolResult("ok", "noon in Rome")
        finally:
            web.should_exit = True
            await running

    run(body)


def test_the_companion_uses_a_tool_in_its_reply() -> None:
    dialogue = ScriptedDialogue(["It is now.", "Still here."], tools=[ToolUse(2, "clock_now", {"zone": "Rome"})])
    cast = Cast(dialogue, tts=ScriptedTts(ms_per_word=20))

    async def body() -> None:
        mcp = McpSection(servers=(f"{STDIO.name}={' '.join(STDIO.command)}",), allow=("clock.now",))
        async with serving(cast, mcp=mcp) as server, peer(server) as client:
            assert server.toolbox is not None
            await server.toolbox.tried["clock"].wait()
            await client.hello()
            client.records = True
            await client.send("text", text="What time is it?")
            assert (await client.until("reply_end"))["text"] == "It is noon in Rome now."
            assert [tool.name for tool in dialogue.requests[-1].tools] == ["clock_now"]

    run(body)
