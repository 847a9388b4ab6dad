"""A conversation by a language model behind an endpoint, through the whole bridge on real sockets; and without it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bridge.errors import ConfigError
from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from bridge.setup.sections import EnginesSection, OpenaiSection, ServerSection, TurnsSection
from engines.api import EngineError
from engines.identity import Identity, load_identity, shipped
from engines.jobs import Dialogue
from testkit.patience import PATIENCE
from testkit.scripted.engines import ScriptedFace, ScriptedTts
from tests.bridge.peers import Peer, http, peer, run
from tests.bridge.scenario import NOON
from tests.engines.dialogue.endpoint import NAME, Exchange, babble, call, die, endpoint, hang, refuse, say
from tests.engines.dialogue.test_dialogue_openai import free_port

SORRY = "Sorry, I have lost my thread."
AWAY = "My language model does not answer just now, so I speak from my script."
LAMP = {
    "name": "set_lamp",
    "description": "Sets the colour of the lamp",
    "parameters": {"type": "object", "properties": {"colour": {"type": "string"}}},
}

LATE_S = 4.0  # of an endpoint that hangs; a busy machine answers sooner


def config(url: str, *, fallback: bool = True, first_word_s: float = PATIENCE, late_s: float = PATIENCE) -> Config:
    return Config(
        turns=TurnsSection(first_word_s=first_word_s),
        server=ServerSection(port=0),
        engines=EnginesSection(stt="none", dialogue="openai"),
        openai=OpenaiSection(
            base_url=url,
            model=NAME,
            connect_s=PATIENCE,
            first_token_s=late_s,
            stall_s=late_s,
            retries=0,
            fallback=fallback,
        ),
    )


@asynccontextmanager
async def serving(
    url: str, *, fallback: bool = True, first_word_s: float = PATIENCE, late_s: float = PATIENCE
) -> AsyncIterator[Server]:
    """A server with this endpoint; its voice and face are scripted, so that nothing else takes time."""
    settings = config(url, fallback=fallback, first_word_s=first_word_s, late_s=late_s)
    made = casting.companion(settings)
    quick = ScriptedTts(ms_per_word=40)
    companion = replace(made, engines=replace(made.engines, tts=quick, face=ScriptedFace()))
    async with lifecycle.started(companion.engines), Server(settings, companion, clock=lambda: NOON) as server:
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
            serving(model.url, late_s=LATE_S if fault is hang else PATIENCE) as server,
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


@pytest.mark.parametrize(
    ("fault", "late_s"),
    [(refuse(503), PATIENCE), (refuse(401), PATIENCE), (die(), PATIENCE), (babble(), PATIENCE), (hang(), LATE_S)],
    ids=range(5),
)
def test_before_a_word_the_script_stands_in_and_says_so(fault: Any, late_s: float) -> None:
    async def body() -> None:
        async with endpoint(fault, fault, say("I am back.")) as model, serving(model.url, late_s=late_s) as server:
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
            engine: Any = server.ensemble.main.engines.dialogue
            engine._away_until = 0.0
            async with endpoint(say("Here I am."), port=port), talking(server) as (client, _):
                assert (await told(client, "Hello?"))["text"] == "Here I am."
            async with talking(server) as (_, welcome):
                assert welcome.get("notice", "") == ""

    run(body)


def test_it_does_not_start_where_waiting_would_not_help() -> None:
    async def start(url: str, *, fallback: bool) -> None:
        made = casting.companion(config(url, fallback=fallback))
        async with lifecycle.started(made.engines):
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


def test_a_reply_that_is_not_whole_ends_as_cut() -> None:
    async def body() -> None:
        plays = (say("Sound is a wave, and it", finish="length"), say("The answer is: " * 40), say("Better now."))
        async with endpoint(*plays) as model, serving(model.url) as server, talking(server) as (client, _):
            end = await told(client, "What is sound?")
            assert (end["text"], end["reason"]) == ("Sound is a wave, and it", "cut")
            end = await told(client, "And?")
            assert (end["text"], end["reason"]) == ("The answer is: The answer is: The answer is:", "cut")
            assert (await told(client, "So?")).get("reason", "complete") == "complete"
            assert client.errors() == []
            assert len(model.requests) == 3

    run(body)


def test_a_healthy_model_is_never_replaced() -> None:
    async def thinks(exchange: Exchange) -> None:
        for _ in range(8):
            await exchange.chunk({"reasoning_content": "hm"})
            await asyncio.sleep(0.7)  # in all longer than a first word may take, each time much shorter
        await exchange.chunk({"content": "I have thought."})
        await exchange.done()  # without a word of why

    async def body() -> None:
        parts = [{"type": "text", "text": "In parts."}]
        plays = (
            thinks,
            _sent({"refusal": "I would rather not."}),
            _sent({"content": parts}),
            say("Hello."),
        )
        async with endpoint(*plays) as model, serving(model.url, first_word_s=5.0) as server:
            async with talking(server) as (client, _):
                for text in ("I have thought.", "I would rather not.", "In parts.", "Hello."):
                    assert (await told(client, "So?"))["text"] == text
                assert client.errors() == []
            assert len(model.requests) == 4

    run(body)


def _sent(delta: dict[str, Any]) -> Any:
    async def show(exchange: Exchange) -> None:
        await exchange.chunk(delta, "stop")
        await exchange.done()

    return show


WORDS = "Incorrect API key provided: sk-abcdefgh12345678. Ask admin@example.org"


def test_what_the_endpoint_says_of_its_errors_reaches_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def body() -> None:
        async with endpoint(refuse(400, WORDS), refuse(401, WORDS), refuse(500, WORDS)) as model:
            url = model.url.replace("http://", "http://bob:hunter2@")
            async with serving(url, fallback=False) as server, talking(server) as (client, _):
                for _ in range(3):
                    assert (await told(client, "So?"))["text"] == SORRY
                shown = str(client.seen)
            assert not any(word in shown for word in ("hunter2", "sk-abc", "Incorrect", "admin@"))
            assert model.url.removeprefix("http://") in shown

    with caplog.at_level(logging.INFO):
        run(body)
    ours = [str(vars(record)) for record in caplog.records if not record.name.startswith("http")]
    assert not any(word in line for word in ("hunter2", "sk-abc", "Incorrect", "admin@") for line in ours)


def test_a_flood_from_the_endpoint_fails_the_turn_and_keeps_the_session() -> None:
    async def flood(exchange: Exchange) -> None:
        await exchange.chunk({"content": "x" * 10_000_000})
        await exchange.done()

    async def body() -> None:
        async with (
            endpoint(flood, say("Better now.")) as model,
            serving(model.url, fallback=False) as server,
            talking(server) as (client, _),
        ):
            assert (await told(client, "So?"))["reason"] == "failed"
            assert (await told(client, "So?"))["text"] == "Better now."

    run(body)


# -------------------------------------------------------------------------------------- what the identity says


def loaded(monkeypatch: pytest.MonkeyPatch, **facts: Any) -> Companion:
    teacher = load_identity(shipped()["teacher"])
    person: Identity = replace(teacher, facts={**teacher.facts, **facts})
    monkeypatch.setattr(casting, "identity", lambda name: person)
    return casting.companion(config("http://127.0.0.1:9/v1"))


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
            understudy: Dialogue | None = server.ensemble.main.engines.understudy
            assert understudy is not None
            understudy.forget = ended.append  # type: ignore[method-assign, assignment]  # to look at
            async with talking(server) as (client, _):
                await told(client, "Hello?")
                await client.send("bye")
                await client.closed()
            for _ in range(20):
                await asyncio.sleep(0)
            assert len(ended) == 1

    run(body)
