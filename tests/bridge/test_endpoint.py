"""A conversation by a language model behind an endpoint, through the whole bridge on real sockets; and without it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bridge import load
from bridge.companion import Companion
from bridge.config import Config, EnginesSection, OpenaiSection, ServerSection
from bridge.errors import ConfigError
from bridge.server import Server
from engines.api import EngineError
from engines.identity import Identity, load_identity, shipped
from engines.jobs import Dialogue
from engines.scripted import ScriptedFace, ScriptedTts
from tests.bridge.peers import Peer, http, peer, run
from tests.bridge.stage import NOON
from tests.engines.endpoint import NAME, babble, call, die, endpoint, hang, refuse, say
from tests.engines.test_dialogue_openai import free_port

SORRY = "Sorry, I have lost my thread."
AWAY = "My language model does not answer just now, so I speak from my script."
LAMP = {
    "name": "set_lamp",
    "description": "Sets the colour of the lamp",
    "parameters": {"type": "object", "properties": {"colour": {"type": "string"}}},
}


def config(url: str, *, fallback: bool = True) -> Config:
    return Config(
        server=ServerSection(port=0),
        engines=EnginesSection(stt="none", dialogue="openai"),
        openai=OpenaiSection(
            base_url=url, model=NAME, connect_s=5.0, first_token_s=2.0, stall_s=2.0, retries=0, fallback=fallback
        ),
    )


@asynccontextmanager
async def serving(url: str, *, fallback: bool = True) -> AsyncIterator[Server]:
    """A server with this endpoint; its voice and face are scripted, so that nothing else takes time."""
    settings = config(url, fallback=fallback)
    made = load.companion(settings)
    quick = ScriptedTts(ms_per_word=40)
    companion = replace(made, engines=replace(made.engines, tts=quick, face=ScriptedFace()))
    async with load.started(companion.engines), Server(settings, companion, clock=lambda: NOON) as server:
        yield server


async def told(client: Peer, text: str) -> dict[str, Any]:
    """Says something; the end of the reply."""
    await client.send("text", text=text)
    return await client.until("reply_end")


@asynccontextmanager
async def talking(server: Server, **hello: Any) -> AsyncIterator[tuple[Peer, dict[str, Any]]]:
    async with peer(server) as client:
        client.records = True
        welcome = await client.hello(client="test", user="Ada", **hello)
        yield client, welcome


async def metric(server: Server, name: str) -> float:
    _, text = await http(server, "GET /metrics HTTP/1.1")
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


# ------------------------------------------------------------------------------------------------ it works


def test_a_conversation_with_tools() -> None:
    async def body() -> None:
        plays = (
            call(("set_lamp", '{"colour": "blue"}'), text="[happy] Let me see."),
            say("The lamp is blue now."),
            say("You asked for blue."),
        )
        async with endpoint(*plays) as model, serving(model.url) as server, talking(server) as (client, welcome):
            assert welcome["engines"]["dialogue"] == "openai"
            assert welcome.get("notice", "") == ""
            await client.send("tools", tools=[LAMP])
            await client.send("context", states={"place": "the study"})
            await client.send("text", text="Make it blue, please.")
            wanted = await client.until("tool_call")
            assert (wanted["name"], wanted["arguments"]) == ("set_lamp", {"colour": "blue"})
            await client.send("tool_result", call=wanted["call"], value="the lamp turned blue", status="ok")
            end = await client.until("reply_end")
            assert end["text"] == "Let me see. The lamp is blue now."
            assert end.get("reason", "complete") == "complete"
            assert any(message["type"] == "cue" and message["name"] == "happy" for message in client.seen)
            assert "the lamp turned blue" in model.requests[1]["messages"][-1]["content"]
            assert "Scene: place: the study." in model.requests[0]["messages"][-1]["content"]
            assert (await told(client, "What did I ask for?"))["text"] == "You asked for blue."
            said = [message["content"] for message in model.requests[2]["messages"] if message["role"] == "assistant"]
            assert said == ["Let me see. The lamp is blue now."]
            assert client.errors() == []

    run(body)


# ------------------------------------------------------------------------------------------------ it does not


@pytest.mark.parametrize("fault", [die, babble, hang], ids=["dies", "babbles", "hangs"])
def test_in_the_middle_of_a_sentence_what_was_said_stays_and_the_turn_fails(
    fault: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def body() -> None:
        async with (
            endpoint(fault("Sound is a wave, and it"), say("Better now.")) as model,
            serving(model.url) as server,
        ):
            async with talking(server) as (client, _), talking(server) as (other, _):
                end = await told(client, "What is sound?")
                assert end["text"].startswith("Sound is a wave, and it")
                assert end["text"].endswith(SORRY)
                assert end["reason"] == "failed"
                assert client.errors() == ["dialogue_failed"]
                assert (await told(other, "Are you there?"))["text"] == "Better now."
                assert other.errors() == [], "nobody else noticed"
                assert (await told(client, "And you?"))["text"] == "Better now."
            assert await metric(server, 'companion_engine_failures_total{code="dialogue_failed"}') == 1

    with caplog.at_level(logging.WARNING):
        run(body)
    assert [record.code for record in caplog.records if record.message == "engine failed"] == ["dialogue_failed"]  # type: ignore[attr-defined]  # an extra


@pytest.mark.parametrize("fault", [refuse(503), refuse(401), die(), babble(), hang()], ids=range(5))
def test_before_a_word_the_script_stands_in_and_says_so(fault: Any) -> None:
    async def body() -> None:
        async with endpoint(fault, fault, say("I am back.")) as model, serving(model.url) as server:
            async with talking(server) as (client, _):
                end = await told(client, "What is sound?")
                assert end["text"].startswith(AWAY)
                assert "vibration" in end["text"]
                assert end.get("reason", "complete") == "complete"
                assert client.errors() == ["dialogue_failed"], "a client may show what is wrong"
                again = await told(client, "What is light?")
                assert AWAY not in again["text"], "once is honest enough"
                assert (await told(client, "Hello?"))["text"] == "I am back."
            assert await metric(server, "companion_engine_failures_total") == 2

    run(body)


def test_without_a_script_it_apologises() -> None:
    async def body() -> None:
        async with (
            endpoint(refuse(503), say("Hello.")) as model,
            serving(model.url, fallback=False) as server,
            talking(server) as (client, _),
        ):
            end = await told(client, "What is sound?")
            assert (end["text"], end["reason"]) == (SORRY, "failed")
            assert client.errors() == ["dialogue_failed"]
            assert (await told(client, "Hello?"))["text"] == "Hello."

    run(body)


def test_it_starts_without_its_model_and_says_so_until_it_comes() -> None:
    async def body() -> None:
        port = free_port()
        async with serving(f"http://127.0.0.1:{port}/v1") as server:
            async with talking(server) as (client, welcome):
                assert "Nora speaks from a script" in welcome["notice"]
                assert server.notice == welcome["notice"]
                assert AWAY in (await told(client, "What is sound?"))["text"]
            engine: Any = server._companion.engines.dialogue
            engine._away_until = 0.0
            async with endpoint(say("Here I am."), port=port), talking(server) as (client, _):
                assert (await told(client, "Hello?"))["text"] == "Here I am."
            async with talking(server) as (_, welcome):
                assert welcome.get("notice", "") == ""

    run(body)


def test_it_does_not_start_where_waiting_would_not_help() -> None:
    async def start(url: str, *, fallback: bool) -> None:
        made = load.companion(config(url, fallback=fallback))
        async with load.started(made.engines):
            pass

    async def body() -> None:
        async with endpoint(models=("other",)) as model:
            with pytest.raises(EngineError, match="has no model"):
                await start(model.url, fallback=True)
        async with endpoint(models=refuse(401)) as model:
            with pytest.raises(EngineError, match="refuses the key"):
                await start(model.url, fallback=True)
        with pytest.raises(EngineError, match="Nothing answers"):
            await start(f"http://127.0.0.1:{free_port()}/v1", fallback=False)

    run(body)


# -------------------------------------------------------------------------------------- what the identity says


def loaded(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> Companion:
    teacher = load_identity(shipped()["teacher"])
    person: Identity = replace(teacher, facts={**teacher.facts, **facts})
    monkeypatch.setattr(load, "identity", lambda name: person)
    return load.companion(config("http://127.0.0.1:9/v1"))


def test_the_identity_decides_whether_its_script_may_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loaded(monkeypatch).engines.understudy is not None
    assert loaded(monkeypatch, fallback=False).engines.understudy is None


def test_the_identity_has_words_of_its_own_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    companion = loaded(monkeypatch, sorry="Ach!", away="I am alone today.")
    assert (companion.sorry, companion.away) == ("Ach!", "I am alone today.")
    with pytest.raises(ConfigError, match="sorry"):
        loaded(monkeypatch, sorry=7)


def test_both_have_their_conversation_ended_and_only_once() -> None:
    ended: list[str] = []

    async def body() -> None:
        async with endpoint(say("Hello.")) as model, serving(model.url) as server:
            understudy: Dialogue | None = server._companion.engines.understudy
            assert understudy is not None
            understudy.forget = ended.append  # type: ignore[method-assign]  # to look at
            async with talking(server) as (client, _):
                await told(client, "Hello?")
                await client.send("bye")
                await client.closed()
            for _ in range(20):
                await asyncio.sleep(0)
            assert len(ended) == 1

    run(body)
