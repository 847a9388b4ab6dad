"""One bridge speaks through another, on real sockets: the inner one's Realtime endpoint is the outer one's model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bridge.server.server import Server
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from bridge.setup.sections import EnginesSection, GuardSection, ProvenanceSection, RealtimeSection, ServerSection
from engines.api import MIC_RATE
from testkit.scripted.engines import ScriptedFace
from tests.bridge.peers import peer, run, serving
from tests.bridge.scenario import NOON
from tests.realtime.sounds import quick, quiet, tone

FRAME = 640  # bytes of 20 ms


@asynccontextmanager
async def outer(inner: Server) -> AsyncIterator[Server]:
    """A bridge as `companion serve` casts it, with the other one for a model."""
    config = Config(
        server=ServerSection(port=0),
        engines=EnginesSection(duplex="realtime"),
        realtime=RealtimeSection(url=f"ws://127.0.0.1:{inner.port}/v1/realtime"),
        guard=GuardSection(queue="none"),
        provenance=ProvenanceSection(mark=False),
    )
    made = casting.companion(config)
    companion = replace(made, engines=replace(made.engines, face=ScriptedFace()))
    async with lifecycle.started(companion.engines), Server(config, companion, clock=lambda: NOON) as server:
        yield server


def test_typed_and_spoken_turns_go_through_both() -> None:
    cast = quick("One two three.", "And four.", heard="go on please")

    async def body() -> None:
        async with serving(cast) as inner, outer(inner) as server, peer(server) as client:
            client.records = True
            welcome = await client.hello(audio={"aec": True})
            assert {"mic", "talk"} <= set(welcome["features"])
            assert welcome["engines"]["dialogue"] == welcome["engines"]["tts"] == "realtime"
            assert "No language model" not in welcome.get("notice", "")
            await client.send("text", text="count")
            end = await client.until("reply_end", turn=1)
            assert (end["text"], end.get("reason", "complete")) == ("One two three.", "complete")
            assert client.pcm(1) == cast.tts.pcm("One two three.")
            faces = [m for m in client.seen if m["type"] == "media" and m["turn"] == 1 and m.get("face")]
            assert faces
            await client.until("state", state="idle")
            # The inner bridge counts what is heard by its own clock, which began a little later.
            while not all(each._parts.turns.at_rest for each in inner._hosting.sessions.all()):  # noqa: ASYNC110
                await asyncio.sleep(0)
            sound = quiet(0.2, rate=MIC_RATE) + tone(0.6, rate=MIC_RATE) + quiet(1.0, rate=MIC_RATE)
            for at in range(0, len(sound) - FRAME, FRAME):
                await client.send("mic", pts=at // 2, data=sound[at : at + FRAME])
            heard = await client.until("transcript", final=True)
            assert heard["text"] == "go on please"
            end = await client.until("reply_end", turn=2)
            assert end["text"] == "And four."
            assert client.pcm(2) == cast.tts.pcm("And four.")
            said = [(one.role, one.text) for one in cast.dialogue.requests[-1].history]
            assert said == [("user", "count"), ("companion", "One two three."), ("user", "go on please")]
            instructions = cast.dialogue.requests[-1].instructions
            assert welcome["identity"]["name"] in instructions
            assert client.errors() == []

    run(body)
