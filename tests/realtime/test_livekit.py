"""LiveKit's own Realtime plugin, as it is, talks to a bridge."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from testkit.scripted.engines import ScriptedDialogue, ScriptedTts, ToolUse
from tests.bridge.peers import run, serving
from tests.bridge.scenario import Cast
from tests.realtime.sounds import quick, quiet, tone

pytest.importorskip("livekit.plugins.openai")
from livekit import rtc
from livekit.agents import llm
from livekit.plugins import openai

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


async def heard(generation: Any) -> tuple[str, float, list[str]]:
    """What a generation says, for how many seconds, and the functions that it calls."""
    text, seconds = "", 0.0
    async for message in generation.message_stream:
        async for part in message.text_stream:
            text += part
        async for frame in message.audio_stream:
            seconds += frame.duration
    return text, seconds, [call.name async for call in generation.function_stream]


def test_livekits_plugin_talks_hears_and_calls_functions() -> None:
    class Clocked(ScriptedDialogue):
        def __init__(self) -> None:
            super().__init__(lambda request: self._answer(request.history[-1].text))

        def _answer(self, asked: str) -> str:
            self._tools = {0: ToolUse(0, "clock", {})} if "time" in asked else {}
            return "it is" if "time" in asked else "One two."

    cast = quick("One two.", heard="tell me something")
    cast = Cast(Clocked(), tts=ScriptedTts(ms_per_word=100), stt=cast.stt)

    async def body() -> None:
        async with serving(cast) as server:
            model = openai.realtime.RealtimeModel(base_url=f"http://127.0.0.1:{server.port}/v1", api_key="sk-anything")
            session = model.session()
            errors: list[Any] = []
            session.on("error", errors.append)
            try:
                await session.update_instructions("Be brief.")

                async def clock() -> str:
                    """Tells the time."""
                    return "noon"

                await session.update_tools([llm.function_tool(clock)])
                context = session.chat_ctx.copy()
                context.add_message(role="user", content="Hello?")
                await session.update_chat_ctx(context)
                text, seconds, calls = await heard(await session.generate_reply())
                assert (text, round(seconds, 2), calls) == ("One two.", 0.2, [])
                # Speech, found by the bridge.
                spoken: asyncio.Queue[Any] = asyncio.Queue()
                session.on("generation_created", spoken.put_nowait)
                voice = tone(0.6) + quiet(1.4)
                for at in range(0, len(voice), 960):
                    piece = voice[at : at + 960]
                    session.push_audio(rtc.AudioFrame(piece, 24_000, 1, len(piece) // 2))
                generation = await spoken.get()
                assert not generation.user_initiated
                assert (await heard(generation))[0] == "One two."
                # A function, and its answer.
                context = session.chat_ctx.copy()
                context.add_message(role="user", content="What time is it?")
                await session.update_chat_ctx(context)
                text, _, calls = await heard(await session.generate_reply())
                assert (text, calls) == ("", ["clock"])
                context = session.chat_ctx.copy()
                call = next(item for item in reversed(context.items) if item.type == "function_call")
                context.items.append(
                    llm.FunctionCallOutput(call_id=call.call_id, name="clock", output="noon", is_error=False)
                )
                await session.update_chat_ctx(context)
                text, _, _ = await heard(await session.generate_reply())
                assert text == "noon it is"
                assert errors == []
            finally:
                await session.aclose()
                await model.aclose()

    run(body)
