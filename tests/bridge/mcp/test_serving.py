"""The bridge as an MCP server: a client of the official package acts in the conversation that goes on."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

pytest.importorskip("mcp")
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from bridge.command.mcp import server as mcp_server
from talk.dock import Dock
from tests.bridge.peers import SECRET, peer, run, serving, token
from tests.realtime.sounds import quick


async def called(client: Any, tool: str, /, **arguments: Any) -> tuple[bool, str]:
    """Whether a tool worked, and the text of what it said."""
    result = await client.call_tool(tool, arguments)
    return not result.is_error, "\n".join(part.text for part in result.content)


def test_a_program_says_something_and_reads_what_was_said() -> None:
    cast = quick("Good day.")

    async def body() -> None:
        async with serving(cast) as bridge, peer(bridge) as listener:
            dock = Dock(f"ws://127.0.0.1:{bridge.port}")
            async with Client(mcp_server(dock)) as client:
                worked, sentence = await called(client, "say", text="Hello?")
                assert (worked, "nobody is talking now" in sentence) == (False, True)
                await listener.hello()
                listener.records = True
                assert (await called(client, "say", text="Dinner is ready.", mood="happy", gesture="wave"))[0]
                cues = [await listener.until("cue"), await listener.until("cue")]
                assert {(cue["kind"], cue["name"]) for cue in cues} == {("emotion", "happy"), ("gesture", "wave")}
                assert (await listener.until("reply_end"))["text"] == "Dinner is ready."
                worked, said = await called(client, "said", last=1)
                assert worked
                assert "Dinner is ready." in said
                assert not (await called(client, "say", text=" "))[0]
                assert not (await called(client, "say", text="x", mood="[evil] tag"))[0]

    run(body)


def test_a_program_uses_what_the_scene_can_do() -> None:
    async def body() -> None:
        async with serving(quick("Yes.")) as bridge, peer(bridge) as scene:
            await scene.hello()
            await scene.send("tools", tools=[{"name": "look_at", "description": "Looks.", "parameters": {}}])
            async with Client(mcp_server(Dock(f"ws://127.0.0.1:{bridge.port}"))) as client:
                assert "look_at" in (await called(client, "scene"))[1]
                using = asyncio.create_task(called(client, "use", name="look_at", arguments={"what": "door"}))
                call = await scene.until("tool_call")
                assert (call["name"], call["arguments"]) == ("look_at", {"what": "door"})
                await scene.send("tool_result", call=call["call"], status="ok", value="the door is open")
                assert await using == (True, "the door is open")
                assert not (await called(client, "use", name="fly"))[0]

    run(body)


def test_it_runs_as_a_program_and_asks_for_a_token() -> None:
    async def body() -> None:
        async with (
            serving(quick("Yes."), auth={"secret": SECRET, "required": True}) as bridge,
            peer(bridge) as listener,
        ):
            await listener.hello(token=token())
            url = f"ws://127.0.0.1:{bridge.port}"
            for key, expected in ((token(), True), ("", False)):
                arguments = ["-m", "bridge", "mcp", "--url", url, *(["--token", key] if key else [])]
                async with Client(StdioServerParameters(command=sys.executable, args=arguments)) as client:
                    names = {tool.name for tool in (await client.list_tools()).tools}
                    assert names == {"said", "say", "scene", "stop", "use"}
                    assert (await called(client, "stop"))[0] is expected

    run(body)
