"""Which of an endpoint's models people may choose, that the one they choose is the one that answers, and the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bridge.server.server import Server
from bridge.setup import casting, lifecycle
from bridge.setup.config import load
from engines.dialogue.openai.choice import LONGEST, MOST, offered
from tests.bridge.peers import peer, run
from tests.bridge.server.test_identities import refused
from tests.engines.dialogue.endpoint import Exchange, endpoint, say
from tests.engines.dialogue.test_dialogue_openai import asked, engine, heard, play

pytest.importorskip("httpx2", reason="the client for OpenAI-compatible endpoints is not installed")

KNOWN = ("qwen3:8b", "llama3.2:latest", "nomic-embed-text:latest", "qwen3:8b", "whisper-large")


async def named(exchange: Exchange) -> None:
    """Answers with the name of the model that was asked."""
    await say(f"I am {exchange.body['model']}.")(exchange)


@pytest.mark.parametrize(
    ("setting", "own", "here", "expected"),
    [
        ((), "llama3.2", True, ("llama3.2", "qwen3:8b")),
        ((), "qwen3:8b", True, ("llama3.2:latest", "qwen3:8b")),
        ((), "qwen3:8b", False, ()),
        (("*",), "qwen3:8b", False, ("llama3.2:latest", "qwen3:8b")),
        (("llama3.2",), "qwen3:8b", False, ("llama3.2:latest", "qwen3:8b")),
        (("qwen3:8b",), "qwen3:8b", True, ()),
        (("gone",), "qwen3:8b", True, ()),
    ],
)
def test_who_is_offered(setting: tuple[str, ...], own: str, here: bool, expected: tuple[str, ...]) -> None:
    assert offered(KNOWN, setting, own=own, here=here) == expected


def test_a_long_list_and_long_names_are_bounded() -> None:
    many = [f"model-{number}" for number in range(500)]
    assert len(offered(many, (), own="model-499", here=True)) == MOST
    assert "model-499" in offered(many, (), own="model-499", here=True)
    assert offered(["x" * (LONGEST + 1), "a", "b\n"], (), own="a", here=True) == ()


def test_the_model_that_is_asked_for_answers_and_another_that_is_not_offered_does_not() -> None:
    async def body() -> None:
        async with endpoint(named, models=KNOWN) as server:
            dialogue = engine(server.url)
            await dialogue.start()
            try:
                assert dialogue.models() == ("llama3.2:latest", "qwen3:8b")
                for wish, expected in (("", "qwen3:8b"), ("llama3.2:latest", "llama3.2:latest"), ("gpt-9", "qwen3:8b")):
                    assert await heard(dialogue, replace(asked(), model=wish)) == (f"I am {expected}.", None)
            finally:
                await dialogue.close()

    play(body)


def test_what_one_model_does_not_take_is_remembered_for_it_alone() -> None:
    async def picky(exchange: Exchange) -> None:
        if exchange.body["model"] == "b" and "max_tokens" in exchange.body:
            wrong = {"message": "unsupported parameter", "param": "max_tokens", "code": "unsupported_parameter"}
            await exchange.plain(400, {"error": wrong})
        else:
            await named(exchange)

    async def body() -> None:
        async with endpoint(picky, models=("a", "b")) as server:
            dialogue = engine(server.url)
            await dialogue.start()
            try:
                for wish in ("b", "b", "a"):
                    assert await heard(dialogue, replace(asked(), model=wish)) == (f"I am {wish}.", None)
            finally:
                await dialogue.close()
            told = [(request["model"], "max_tokens" in request) for request in server.requests]
            assert told == [("b", True), ("b", False), ("b", False), ("a", True)]

    play(body)


@asynccontextmanager
async def serving(url: str, *settings: str) -> AsyncIterator[Server]:
    base = ["engines.stt=none", "server.port=0", "engines.dialogue=openai", f"openai.base_url={url}"]
    config = load(None, {}, [*base, *settings])
    person = casting.identity(config.identity.path)
    companion = casting.cast(config, person, casting.engine)
    async with lifecycle.started(companion.engines), Server(config, companion, person=person) as server:
        yield server


def test_a_client_is_told_the_models_and_gets_the_one_it_asks_for() -> None:
    async def body() -> None:
        async with endpoint(named, models=KNOWN) as minds, serving(minds.url) as server, peer(server) as one:
            welcome = await one.hello(model="llama3.2:latest", face={"profile": "none"})
            assert welcome["models"] == ["llama3.2:latest", "qwen3:8b"]
            assert welcome["model"] == "llama3.2:latest"
            await one.send("text", text="Who are you?")
            assert "I am llama3.2:latest." in (await one.until("reply_end"))["text"]
            async with peer(server) as other:
                assert (await other.hello(face={"profile": "none"}))["model"] == "qwen3:8b"
            code, sentence = await refused(server, model="gpt-9")
            assert (code, "gpt-9" in sentence) == (4006, True)

    run(body)


def test_a_server_with_one_model_tells_of_none() -> None:
    async def body() -> None:
        async with endpoint(named, models=("only",)) as minds, serving(minds.url) as server, peer(server) as one:
            welcome = await one.hello(face={"profile": "none"})
            assert not welcome.get("models")
            assert not welcome.get("model")
            assert (await refused(server, model="only"))[0] == 4006

    run(body)
