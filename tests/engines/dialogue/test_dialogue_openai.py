"""Dialogue by an OpenAI-compatible endpoint that answers, calls tools, is away, hangs, babbles or dies."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from engines.api import EngineError, Failure, Message, Picture, Request, Tool, ToolResult
from engines.dialogue.openai.failures import RetryBudget
from engines.identity import load_identity, shipped
from testkit.patience import PATIENCE
from tests.engines.dialogue.endpoint import NAME, Endpoint, Play, babble, call, die, endpoint, hang, refuse, say

pytest.importorskip("httpx2", reason="the client for OpenAI-compatible endpoints is not installed")

from engines.dialogue.openai.engine import OpenAiDialogue

TEACHER = load_identity(shipped()["teacher"])
LAMP = Tool("set_lamp", "Sets the lamp", {"type": "object", "properties": {"colour": {"type": "string"}}})


def play(body: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(PATIENCE):
            await body()

    asyncio.run(main())


def asked(
    text: str = "Hello?",
    *,
    occasion: Literal["user", "greeting", "scene"] = "user",
    tools: tuple[Tool, ...] = (),
    results: Mapping[str, ToolResult] | None = None,
) -> Request:
    calls: list[tuple[str, Mapping[str, object]]] = []

    async def run(name: str, arguments: Mapping[str, object]) -> ToolResult:
        calls.append((name, arguments))
        return (results or {}).get(name, ToolResult("failed", f"there is no tool named {name}"))

    request = Request(
        session="s",
        occasion=occasion,
        history=(Message("user", text),) if occasion == "user" else (),
        user="Ada",
        language="en-us",
        now=datetime(2030, 1, 1, 12, tzinfo=UTC),
        scene={},
        tools=tools,
        call=run,
    )
    run.calls = calls  # type: ignore[attr-defined]  # for the test to look at
    return request


def called(request: Request) -> list[tuple[str, Mapping[str, object]]]:
    calls: list[tuple[str, Mapping[str, object]]] = request.call.calls  # type: ignore[attr-defined]  # see `asked`
    return calls


def engine(url: str, **settings: Any) -> OpenAiDialogue:
    quick = {"connect_s": 10.0, "first_token_s": 10.0, "stall_s": 10.0, "away_s": 0.0}
    return OpenAiDialogue(TEACHER, base_url=url, **{**quick, **settings})


@asynccontextmanager
async def talking(*plays: Play, **settings: Any) -> AsyncIterator[tuple[OpenAiDialogue, Endpoint]]:
    async with endpoint(*plays) as server:
        dialogue = engine(server.url, **settings)
        await dialogue.start()
        try:
            yield dialogue, server
        finally:
            await dialogue.close()


async def heard(dialogue: OpenAiDialogue, request: Request) -> tuple[str, EngineError | None]:
    """What was said, and how it failed if it did."""
    said = ""
    try:
        async with aclosing(dialogue.reply(request)) as pieces:
            async for piece in pieces:
                said += piece if isinstance(piece, str) else ""
    except EngineError as error:
        return said, error
    return said, None


# ------------------------------------------------------------------------------------------------ answers


def test_it_says_what_the_model_writes_and_tells_it_who_it_is() -> None:
    async def body() -> None:
        async with talking(say("[happy] Sound is a vibration."), temperature=0.3, max_tokens=99) as (dialogue, server):
            assert dialogue.model == NAME
            assert await heard(dialogue, asked("What is sound?")) == ("[happy] Sound is a vibration.", None)
            [request] = server.requests
            assert request["model"] == NAME
            assert request["stream"] is True
            assert (request["temperature"], request["max_tokens"]) == (0.3, 99)
            assert "tools" not in request
            assert "You are Nora" in request["messages"][0]["content"]
            assert request["messages"][-1]["content"].endswith("What is sound?")

    play(body)


def test_it_greets_with_the_cards_own_words() -> None:
    async def body() -> None:
        async with talking() as (dialogue, server):
            said, failure = await heard(dialogue, asked(occasion="greeting"))
            assert "Nora" in said
            assert failure is None
            assert server.requests == []

    play(body)


def test_thoughts_are_not_spoken() -> None:
    async def body() -> None:
        async with talking(say("<think>She asks. I should greet.</think>Hello, Ada.")) as (dialogue, _):
            assert await heard(dialogue, asked()) == ("Hello, Ada.", None)

    play(body)


def test_nobody_can_say_the_marks_of_a_template_or_half_a_character() -> None:
    async def body() -> None:
        async with talking() as (dialogue, server):
            words = "Hi</s>[INST]<|im_end|><end_of_turn> \ud83d [happy] </b>"
            await heard(dialogue, replace(asked(words), user="A\ud83dda"))
            text = json.dumps(server.requests[0]["messages"], ensure_ascii=False)
            assert not any(mark in text for mark in ("</s>", "[INST]", "<|im_end|>", "<end_of_turn>", "\ud83d"))
            assert "[happy] </b>" in text

    play(body)


def test_the_key_is_sent() -> None:
    async def body() -> None:
        async with talking(api_key="secret") as (dialogue, server):
            await heard(dialogue, asked())
            assert set(server.keys) == {"bearer secret"}

    play(body)


# ------------------------------------------------------------------------------------------------ tools


def test_it_calls_tools_and_speaks_of_what_came_of_them() -> None:
    async def body() -> None:
        plays = (call(("set_lamp", '{"colour": "blue", "level": 3}'), text="One moment."), say("The lamp is blue."))
        async with talking(*plays) as (dialogue, server):
            request = asked("Blue, please.", tools=(LAMP,), results={"set_lamp": ToolResult("ok", "blue it is")})
            assert await heard(dialogue, request) == ("One moment. The lamp is blue.", None)
            assert called(request) == [("set_lamp", {"colour": "blue", "level": 3})]
            assert server.requests[0]["tools"][0]["function"]["name"] == "set_lamp"
            assistant, result = server.requests[1]["messages"][-2:]
            assert assistant["tool_calls"][0]["function"]["name"] == "set_lamp"
            assert result["tool_call_id"] == assistant["tool_calls"][0]["id"]
            assert json.loads(result["content"]) == {"status": "ok", "value": "blue it is"}

    play(body)


def test_calls_of_one_answer_run_side_by_side() -> None:
    async def body() -> None:
        both, running = asyncio.Event(), 0

        async def run(name: str, arguments: Mapping[str, object]) -> ToolResult:
            nonlocal running
            running += 1
            if running == 2:
                both.set()
            await both.wait()
            return ToolResult("ok", name)

        async with talking(call(("one", "{}"), ("two", "")), say("Done.")) as (dialogue, server):
            request = replace(asked(tools=(LAMP,)), call=run)
            assert await heard(dialogue, request) == ("Done.", None)
            assert [m["role"] for m in server.requests[1]["messages"][-3:]] == ["assistant", "tool", "tool"]

    play(body)


def test_a_model_that_only_calls_tools_has_to_speak_in_the_end() -> None:
    async def body() -> None:
        async with talking(call(("set_lamp", "{}")), call(("set_lamp", "[1]")), say("Enough."), tool_rounds=2) as (
            dialogue,
            server,
        ):
            request = asked(tools=(LAMP,), results={"set_lamp": ToolResult("ok", "")})
            assert await heard(dialogue, request) == ("Enough.", None)
            assert called(request) == [("set_lamp", {})], "arguments that are no object are the model's mistake"
            assert "tools" not in server.requests[2]

    play(body)


def test_a_model_that_can_see_is_shown_the_picture_and_another_is_told() -> None:
    look = Tool("look", "Looks at the user.", {})
    brought = ToolResult("ok", "a person who smiles", Picture(b"\xff\xd8\xff" + bytes(200_000)))

    async def body() -> None:
        for sees in (True, False):
            async with talking(call(("look", "{}")), say("I see you.")) as (dialogue, server):
                dialogue._vision = sees
                request = asked(tools=(look,), results={"look": brought})
                assert await heard(dialogue, request) == ("I see you.", None)
                *_, told, last = server.requests[1]["messages"]
                if not sees:
                    assert "a person who smiles" in last["content"]
                    continue
                assert told["role"] == "tool"
                text, picture = last["content"]
                assert last["role"] == "user"
                assert text["type"] == "text"
                assert picture["image_url"]["url"].startswith("data:image/jpeg;base64,/9j/")

    play(body)


def test_a_tool_whose_name_has_a_dot_goes_by_another() -> None:
    async def body() -> None:
        async with talking(call(("lamp_set", "{}")), say("Done.")) as (dialogue, server):
            request = asked(tools=(Tool("lamp.set", "Sets the lamp", {}),), results={"lamp.set": ToolResult("ok", "")})
            assert await heard(dialogue, request) == ("Done.", None)
            assert called(request) == [("lamp.set", {})]
            assert server.requests[0]["tools"][0]["function"]["name"] == "lamp_set"

    play(body)


def test_settings_that_an_endpoint_refuses_are_given_as_it_likes() -> None:
    async def body() -> None:
        plays = (
            refuse(400, "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
            refuse(400, "'temperature' does not support 0.8 with this model."),
            say("Hello."),
        )
        async with talking(*plays, retries=0) as (dialogue, server):
            assert await heard(dialogue, asked()) == ("Hello.", None)
            last = server.requests[-1]
            assert last["max_completion_tokens"] == 400
            assert not {"max_tokens", "temperature"} & last.keys()

    play(body)


# ------------------------------------------------------------------------------------------------ what goes wrong


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_an_endpoint_that_is_away_is_said_to_be_and_found_when_it_comes() -> None:
    async def body() -> None:
        port = free_port()
        dialogue = engine(f"http://127.0.0.1:{port}/v1", model=NAME)
        with pytest.raises(EngineError, match=r"Nothing answers at http://127\.0\.0\.1") as caught:
            await dialogue.start()
        assert caught.value.retryable
        assert dialogue.model == ""
        said, failure = await heard(dialogue, asked())
        assert said == ""
        assert failure is not None
        assert failure.retryable
        async with endpoint(say("Here I am."), port=port):
            assert await heard(dialogue, asked()) == ("Here I am.", None)
            assert dialogue.model == NAME
            await dialogue.close()

    play(body)


def test_an_endpoint_that_is_away_is_left_alone_for_a_while() -> None:
    async def body() -> None:
        port = free_port()
        dialogue = engine(f"http://127.0.0.1:{port}/v1", model=NAME, away_s=60.0)
        await heard(dialogue, asked())
        async with endpoint(port=port) as server:
            _, failure = await heard(dialogue, asked())
            assert failure is not None
            assert server.requests == []
            await dialogue.close()

    play(body)


LATE = {"first_token_s": 0.3, "stall_s": 0.5}


@pytest.mark.parametrize(
    ("first", "kind", "setting", "again"),
    [
        (refuse(401, "Bad key"), Failure.REFUSED, "openai.api_key", 0),
        (refuse(404, "model 'x' not found"), Failure.MISSING, "openai.model", 0),
        (refuse(400, "context too long"), Failure.TOO_LONG, "openai.context_tokens", 0),
        (refuse(400, "no"), Failure.PARAMETER, "openai.context_tokens", 0),
        (refuse(413), Failure.TOO_LONG, "openai.context_tokens", 0),
        (refuse(405), Failure.FOREIGN, "openai.base_url", 0),
        (refuse(429, "slow down"), Failure.BUSY, "", 2),
        (refuse(503, "temperature in time"), Failure.BUSY, "", 2),
        (refuse(500, "temperature in time"), Failure.FAULTY, "", 2),
        (babble(), Failure.BROKEN, "", 2),
        (die(), Failure.BROKEN, "", 2),
        (say("", finish="stop"), Failure.EMPTY, "", 2),
        (say("<think>hm</think>"), Failure.EMPTY, "", 2),
        (say("", finish="content_filter"), Failure.WITHHELD, "", 0),
        (say("<think>hm", finish="length"), Failure.SPENT, "openai.max_tokens", 0),
        (say("", finish=None, end=False), Failure.BROKEN, "", 2),
        (hang(), Failure.LATE, "openai.first_token_s", 0),
    ],
)
def test_what_fails_before_a_word_has_a_kind_and_is_tried_again_where_that_helps(
    first: Play, kind: Failure, setting: str, again: int
) -> None:
    async def body() -> None:
        waits = LATE if kind is Failure.LATE else {}
        async with talking(first, **waits) as (dialogue, server):
            said, failure = await heard(dialogue, asked())
            assert said == ""
            assert failure is not None
            assert (failure.code, failure.kind, failure.setting) == ("dialogue_failed", kind, setting)
            assert setting in failure.message
            assert len(server.requests) == 1 + again
        async with talking(first, say("At last."), **waits) as (dialogue, server):
            said, _ = await heard(dialogue, asked())
            assert said == ("At last." if again else "")

    play(body)


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (die("Sound is a vib"), Failure.BROKEN),
        (babble("Sound is a vib"), Failure.BROKEN),
        (hang("Sound is a vib"), Failure.LATE),
        (say("Sound is a vib", finish=None, end=False), Failure.BROKEN),
        (say("Sound is a vib", finish="error"), Failure.BROKEN),
    ],
)
def test_what_was_said_before_it_fails_stays_said(first: Play, kind: Failure) -> None:
    async def body() -> None:
        waits = {"stall_s": 0.5} if kind is Failure.LATE else {}
        async with talking(first, say("never"), **waits) as (dialogue, server):
            said, failure = await heard(dialogue, asked())
            assert said == "Sound is a vib"
            assert failure is not None
            assert (failure.code, failure.kind) == ("dialogue_failed", kind)
            assert len(server.requests) == 1, "one does not begin again in the middle"

    play(body)


def test_all_requests_together_pay_for_retries() -> None:
    budget = RetryBudget(share=0.25, most=2, saved=2)
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    for _ in range(4):
        budget.earn()
    assert [budget.spend() for _ in range(2)] == [True, False]

    async def body() -> None:
        async with talking(refuse(503)) as (dialogue, server):
            for _ in range(20):
                await heard(dialogue, asked())
            assert len(server.requests) < 20 * 1.6

    play(body)


def test_a_model_that_is_not_there() -> None:
    async def body() -> None:
        async with endpoint(models=("llama3.1:8b", "org/Qwen-3")) as server:
            wrong = engine(server.url, model="gpt")
            with pytest.raises(EngineError, match=r"has no model 'gpt'; it has: llama3\.1:8b") as caught:
                await wrong.start()
            assert not caught.value.retryable
            await wrong.close()
            for name in ("llama3.1", "Qwen-3"):
                dialogue = engine(server.url, model=name)
                await dialogue.start()
                assert dialogue.model == name
                await dialogue.close()
        async with endpoint(models=()) as server:
            nameless = engine(server.url)
            with pytest.raises(EngineError, match=r"set openai\.model"):
                await nameless.start()
            await nameless.close()
        async with endpoint(models=refuse(404)) as server:
            dialogue = engine(server.url, model="any")
            await dialogue.start()
            assert dialogue.model == "any"
            await dialogue.close()

    play(body)


def test_leaving_in_the_middle_closes_the_stream() -> None:
    async def body() -> None:
        async with talking(say("word " * 200), say("Fine.")) as (dialogue, _):
            async with aclosing(dialogue.reply(asked())) as pieces:
                async for _piece in pieces:
                    break
            assert await heard(dialogue, asked()) == ("Fine.", None)

    play(body)
