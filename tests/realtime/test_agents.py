"""OpenAI's own agents package for JavaScript, as it is, talks to a bridge."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from testkit.scripted.engines import ScriptedDialogue, ScriptedTts, ToolUse
from tests.bridge.peers import run, serving
from tests.bridge.scenario import Cast, listening

HERE = Path(__file__).parent / "agents"

pytestmark = pytest.mark.skipif(
    not (HERE / "node_modules").is_dir() or shutil.which("node") is None,
    reason="OpenAI's agents package is not installed: run tests/realtime/install.sh",
)


class Answering(ScriptedDialogue):
    """Calls the clock when it is asked for the time."""

    def __init__(self) -> None:
        super().__init__(lambda request: self._answer(request.history[-1].text))

    def _answer(self, asked: str) -> str:
        self._tools = {3: ToolUse(3, "clock", {"zone": "utc"})} if "time" in asked else {}
        if asked == "Count.":
            return "one two three four five six seven eight nine ten. " * 4
        return "The time is now." if "time" in asked else f"You said {asked}"


def test_openais_agents_talk_call_functions_and_interrupt() -> None:
    cast = Cast(Answering(), tts=ScriptedTts(ms_per_word=100), stt=listening("tell me something"))

    async def body() -> None:
        async with serving(cast) as server:
            url = f"ws://127.0.0.1:{server.port}/v1/realtime?model=gpt-realtime"
            process = await asyncio.create_subprocess_exec(
                "node", str(HERE / "talk.mjs"), url, "sk-anything", stdout=-1, stderr=-1
            )
            out, err = await process.communicate()
            assert process.returncode == 0, (out.decode()[-3000:], err.decode()[-3000:])
            told = json.loads(out.decode().splitlines()[-1])
            assert told["errors"] == [], told["errors"]
            assert told["called"] == [{"zone": "utc"}]
            assert told["audio"] > 0
            said = [(each["role"], each["text"]) for each in told["history"]]
            assert said[:2] == [("user", "Hello?"), ("assistant", "You said Hello?")]
            assert ("user", "tell me something") in said
            assert ("assistant", "You said tell me something") in said
            assert "input_audio_buffer.speech_started" in told["seen"]
            assert "conversation.item.truncated" in told["seen"]
            assert cast.dialogue.requests[-1].history[-1].text == "Count."

    run(body)
