"""The `openai` package, as it is, talks to a bridge: what it sends is understood, and it can read all that comes."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

pytest.importorskip("openai")
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from bridge.server.server import Server
from testkit.scripted.engines import ScriptedDialogue, ScriptedTts, ToolUse
from tests.bridge.peers import SECRET, run, serving, token
from tests.bridge.scenario import Cast, listening
from tests.realtime.schema import TYPES
from tests.realtime.sounds import quick, quiet, tone


@asynccontextmanager
async def connected(server: Server, key: str = "sk-anything") -> AsyncIterator[AsyncRealtimeConnection]:
    client = AsyncOpenAI(api_key=key, base_url=f"http://127.0.0.1:{server.port}/v1", max_retries=0)
    async with client, client.realtime.connect(model="gpt-realtime") as connection:
        yield connection


async def until(connection: AsyncRealtimeConnection, kind: str) -> Any:
    """The next event of this type; each on the way is of the package's own type for it."""
    async for event in connection:
        here = event.type
        assert isinstance(event, TYPES[here])
        if here == kind:
            return event
    raise AssertionError(f"{kind} did not come")


def test_the_package_talks_in_words_and_in_sound() -> None:
    cast = quick("One two.", "Three four.")

    async def body() -> None:
        async with (
            serving(cast, auth={"secret": SECRET, "required": True}) as server,
            connected(server, token()) as connection,
        ):
            await until(connection, "session.created")
            await connection.session.update(
                session={
                    "type": "realtime",
                    "instructions": "Be brief.",
                    "audio": {
                        "input": {
                            "transcription": {"model": "whisper-1"},
                            "turn_detection": {"type": "semantic_vad"},
                        }
                    },
                }
            )
            assert (await until(connection, "session.updated")).session.instructions == "Be brief."
            await connection.conversation.item.create(
                item={"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello?"}]}
            )
            await connection.response.create()
            done = await until(connection, "response.done")
            assert done.response.output[0].content[0].transcript == "One two."
            voice = tone(0.6) + quiet(1.2)
            for at in range(0, len(voice), 4800):
                await connection.input_audio_buffer.append(audio=base64.b64encode(voice[at : at + 4800]).decode())
            words = await until(connection, "conversation.item.input_audio_transcription.completed")
            assert words.transcript == "tell me something"
            done = await until(connection, "response.done")
            assert done.response.output[0].content[0].transcript == "Three four."
            assert done.response.usage.input_tokens > 0

    run(body)


def test_the_package_runs_functions() -> None:
    dialogue = ScriptedDialogue(["It is now. Well."], tools=[ToolUse(0, "clock", {"zone": "utc"})])

    async def body() -> None:
        async with serving(Cast(dialogue, tts=ScriptedTts(ms_per_word=100))) as server, connected(server) as connection:
            await connection.session.update(
                session={"type": "realtime", "tools": [{"type": "function", "name": "clock", "parameters": {}}]}
            )
            await connection.conversation.item.create(
                item={
                    "type": "message",
                    "role": "user",
                    "content": [{"type": "input_text", "text": "What time is it?"}],
                }
            )
            await connection.response.create()
            call = await until(connection, "response.function_call_arguments.done")
            assert (call.name, call.arguments) == ("clock", '{"zone": "utc"}')
            await until(connection, "response.done")
            await connection.conversation.item.create(
                item={"type": "function_call_output", "call_id": call.call_id, "output": "noon"}
            )
            await connection.response.create()
            done = await until(connection, "response.done")
            assert done.response.output[0].content[0].transcript == "noon It is now. Well."

    run(body)


def test_the_package_commits_a_recording_and_cancels() -> None:
    cast = Cast(
        ScriptedDialogue(["one two three four five six seven eight."]),
        tts=ScriptedTts(ms_per_word=400),
        stt=listening("count please", delay=0.0),
    )

    async def body() -> None:
        async with serving(cast) as server, connected(server) as connection:
            await connection.session.update(session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
            await connection.input_audio_buffer.append(audio=base64.b64encode(tone(1.0)).decode())
            await connection.input_audio_buffer.commit()
            await connection.response.create()
            item = (await until(connection, "response.output_item.added")).item
            await until(connection, "response.output_audio.delta")
            await connection.response.cancel()
            assert (await until(connection, "response.done")).response.status == "cancelled"
            await connection.conversation.item.truncate(item_id=item.id, content_index=0, audio_end_ms=1)
            await until(connection, "conversation.item.truncated")
            await connection.conversation.item.delete(item_id=item.id)
            await until(connection, "conversation.item.deleted")
            await connection.response.cancel()
            assert (await until(connection, "error")).error.code == "response_cancel_not_active"

    run(body)
