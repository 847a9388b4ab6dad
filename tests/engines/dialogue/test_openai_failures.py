"""What goes wrong with an endpoint has a kind, and the kind alone decides; what it says itself goes nowhere."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from engines.api import Cut, EngineError, Failure, Message, Request, ToolResult

pytest.importorskip("httpx2", reason="the client for endpoints is not installed")

from engines.dialogue.openai.engine import OpenAiDialogue
from engines.dialogue.openai.failures import wait_of
from testkit.patience import PATIENCE
from tests.engines.dialogue.endpoint import Endpoint, Exchange, Play, call, endpoint, hang, refuse, say
from tests.engines.dialogue.test_dialogue_openai import LAMP, TEACHER, asked, called, engine, heard, play, talking

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def once(*plays: Play, **settings: Any) -> Callable[[Callable[[OpenAiDialogue, Endpoint], Awaitable[None]]], None]:
    """Plays a body with an engine and an endpoint."""

    def run(body: Callable[[OpenAiDialogue, Endpoint], Awaitable[None]]) -> None:
        async def main() -> None:
            async with talking(*plays, **settings) as (dialogue, server):
                await body(dialogue, server)

        play(main)

    return run


async def items(dialogue: OpenAiDialogue, request: Request) -> tuple[str, Cut | None]:
    """What was said, and how it was cut."""
    said, cut = "", None
    async for item in dialogue.reply(request):
        if isinstance(item, Cut):
            cut = item
        else:
            assert cut is None, "nothing comes after a cut"
            said += item
    return said, cut


def chunks(*deltas: Mapping[str, Any], finish: str | None = "stop", done: bool = True) -> Play:
    """Sends these deltas."""

    async def show(exchange: Exchange) -> None:
        for delta in deltas:
            await exchange.chunk(dict(delta))
        if finish:
            await exchange.chunk({}, finish)
        await (exchange.done() if done else exchange.over())

    return show


def raw(*lines: str) -> Play:
    """Sends these events as they are."""

    async def show(exchange: Exchange) -> None:
        for line in lines:
            await exchange.data(line)
        await exchange.over()

    return show


def plain(value: Any, status: int = 200, **headers: str) -> Play:
    """Answers without a stream."""

    async def show(exchange: Exchange) -> None:
        await exchange.plain(status, value, headers)

    return show


# ------------------------------------------------------------------------------------------------ whole answers


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (chunks({"content": "Hello."}, finish=None), "Hello."),
        (chunks({"content": "Hello."}, done=False), "Hello."),
        (chunks({"refusal": "I would "}, {"refusal": "rather not."}), "I would rather not."),
        (chunks({"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Hello."}]}), "Hello."),
        (chunks({"reasoning_content": "hm"}, {"content": "Hello."}), "Hello."),
        (chunks({"content": "User: And stars?\nNora: Stars are hot.\nUser: Oh?"}), "Stars are hot."),
        (plain({"choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}]}), "Hello."),
        (say("Hello.<|im_end|>"), "Hello."),
    ],
)
def test_a_good_answer_is_used_and_paid_for_once(first: Play, said: str) -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        assert await items(dialogue, asked()) == (said, None)
        assert len(server.requests) == 1

    once(first, say("never"))(body)


def test_an_answer_that_has_ended_is_not_waited_for() -> None:
    async def show(exchange: Exchange) -> None:
        await exchange.chunk({"content": "Hello."}, "stop")
        await asyncio.Event().wait()

    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        assert await items(dialogue, asked()) == ("Hello.", None)

    once(show, stall_s=0.3)(body)


def test_an_empty_role_chunk_is_no_first_word_but_a_thought_is() -> None:
    def slow(delta: dict[str, Any], pause: float) -> Play:
        async def show(exchange: Exchange) -> None:
            await exchange.chunk(delta)
            await asyncio.sleep(pause)
            await exchange.chunk({"content": "Hello."}, "stop")
            await exchange.done()

        return show

    async def patient(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        assert await items(dialogue, asked()) == ("Hello.", None)

    async def hasty(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        _, failure = await heard(dialogue, asked())
        assert failure is not None
        assert (failure.kind, failure.setting) == (Failure.LATE, "openai.stall_s")

    once(slow({"role": "assistant", "content": ""}, 0.6), first_token_s=PATIENCE, stall_s=0.2)(patient)
    once(slow({"role": "assistant", "reasoning_content": "hm"}, PATIENCE), first_token_s=PATIENCE, stall_s=0.2)(hasty)


def test_thinking_is_a_sign_of_life() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        pieces = [piece async for piece in dialogue.reply(asked())]
        assert pieces[:2] == ["", ""]
        assert "".join(str(piece) for piece in pieces) == "Hello."

    once(chunks({"reasoning": "hm"}, {"content": "<think>"}, {"content": "</think>Hello."}))(body)


# -------------------------------------------------------------------------------------------------------- cuts


@pytest.mark.parametrize(
    ("first", "said", "cut"),
    [
        (say("Sound is a vib", finish="length"), "Sound is a vib", Cut("length", "openai.max_tokens")),
        (say("Sound is a vib", finish="content_filter"), "Sound is a vib", Cut("withheld")),
        (say("The answer is: " * 50), "The answer is: The answer is: The answer is:", Cut("loop")),
    ],
)
def test_an_answer_that_is_not_whole_says_why(
    first: Play, said: str, cut: Cut, caplog: pytest.LogCaptureFixture
) -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        assert await items(dialogue, asked()) == (said, cut)
        assert len(server.requests) == 1

    with caplog.at_level(logging.WARNING):
        once(first, say("never"))(body)
    (record,) = caplog.records
    assert (record.reason, record.setting) == (cut.why, cut.setting)  # type: ignore[attr-defined]  # extras


@pytest.mark.parametrize("first", [say("<think>hm", finish="length"), chunks({"reasoning": "hm"}, finish="length")])
def test_thinking_that_uses_up_the_answer_is_paid_for_once_and_names_the_setting(first: Play) -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        _, failure = await heard(dialogue, asked())
        assert failure is not None
        assert (failure.kind, failure.setting, failure.retryable) == (Failure.SPENT, "openai.max_tokens", False)
        assert "openai.max_tokens" in failure.message
        assert len(server.requests) == 1

    once(first, say("never"))(body)


def test_a_call_that_the_limit_cut_is_not_made() -> None:
    async def show(exchange: Exchange) -> None:
        head = {"index": 0, "id": "a", "function": {"name": "set_lamp", "arguments": '{"colour": "bl'}}
        await exchange.chunk({"content": "One moment.", "tool_calls": [head]})
        await exchange.chunk({}, "length")
        await exchange.done()

    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        request = asked(tools=(LAMP,))
        assert await items(dialogue, request) == ("One moment.", Cut("length", "openai.max_tokens"))
        assert called(request) == []

    once(show)(body)


# ----------------------------------------------------------------------------------------------------- retries


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=7), usegmt=True)}, 7.0),
        ({"retry-after": format_datetime(NOW, usegmt=True), "date": "Tue, 01 Jan 2030 11:59:56 GMT"}, 4.0),
        ({"retry-after": format_datetime(NOW - timedelta(hours=1), usegmt=True)}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_understood(headers: dict[str, str], wait: float | None) -> None:
    assert wait_of(headers, NOW) == wait


def test_retry_after_is_obeyed_and_bounded() -> None:
    async def body() -> None:
        loop = asyncio.get_running_loop()
        for wait, said in (("0.7", "At last."), ("3600", "")):
            busy = plain({"error": "slow down"}, 429, **{"Retry-After": wait})
            async with talking(busy, say("At last."), first_token_s=PATIENCE) as (dialogue, server):
                begun = loop.time()
                answer, failure = await heard(dialogue, asked())
                assert answer == said
                if said:
                    assert loop.time() - begun >= 0.7
                else:
                    assert failure is not None
                    assert (failure.kind, len(server.requests)) == (Failure.BUSY, 1)
                    assert await heard(dialogue, asked()) == ("At last.", None)

    play(body)


def test_kinds_of_failure_do_not_share_a_budget() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        assert await heard(dialogue, asked()) == ("At last.", None)
        assert len(server.requests) == 6

    faults = (refuse(429), say(""), refuse(500), refuse(429), say(""))
    once(*faults, say("At last."), retries=2)(body)


def test_the_endpoints_words_do_not_steer() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        assert await heard(dialogue, asked()) == ("At last.", None)
        assert all("temperature" in request for request in server.requests)
        assert all("max_tokens" in request for request in server.requests)

    words = "max_completion_tokens: the temperature is not supported; Nothing answers in time"
    once(refuse(503, words), refuse(400, "The temperature outside is high, use max_completion_tokens"), say("no"))(
        lambda dialogue, server: _fails(dialogue, Failure.PARAMETER)
    )
    once(refuse(503, words), say("At last."))(body)


async def _fails(dialogue: OpenAiDialogue, kind: Failure) -> None:
    _, failure = await heard(dialogue, asked())
    assert failure is not None
    assert failure.kind is kind


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ({"message": "Unsupported parameter: 'stop' is not supported with this model.", "param": "stop"}, "stop"),
        ({"message": "Argument not supported on this model: stop"}, "stop"),
        ({"message": "temperature does not support 0.8 with this model"}, "temperature"),
        ({"message": "registry.ollama.ai/library/gemma:2b does not support tools"}, "tools"),
        ({"message": '"auto" tool choice requires --enable-auto-tool-choice to be set'}, "tools"),
    ],
)
def test_what_an_endpoint_does_not_take_is_left_out_from_then_on(message: dict[str, str], gone: str) -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        request = asked(tools=(LAMP,))
        assert await heard(dialogue, request) == ("Hello.", None)
        assert await heard(dialogue, request) == ("Hello.", None)
        assert [gone in one for one in server.requests] == [True, False, False]

    once(plain({"error": message}, 400), say("Hello."), retries=0)(body)


def test_what_did_not_help_is_not_kept() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        await _fails(dialogue, Failure.REFUSED)
        assert await heard(dialogue, asked()) == ("Hello.", None)
        assert ["temperature" in one for one in server.requests] == [True, False, True]

    once(refuse(400, "'temperature' is not supported"), refuse(401), say("Hello."))(body)


def test_a_model_that_fails_over_tools_answers_without_and_an_empty_one_without_stops() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        assert await heard(dialogue, asked(tools=(LAMP,))) == ("Hello.", None)
        assert [set(one) & {"tools", "stop"} for one in server.requests] == [{"tools", "stop"}, {"stop"}, set()]

    once(refuse(500, "tools param requires --jinja flag"), say(""), say("Hello."), retries=1)(body)


def test_a_request_that_is_too_long_loses_its_oldest_turns() -> None:
    history = tuple(
        Message(role, f"{number} " + "word " * 40) for number in range(40) for role in ("user", "companion")
    )

    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        request = asked()
        request = replace(request, history=(*history, *request.history))
        assert await heard(dialogue, request) == ("Hello.", None)
        first, second = (one["messages"] for one in server.requests)
        assert len(second) < len(first)
        assert second[0] == first[0], "never the persona"
        assert second[-1] == first[-1], "nor what is answered"
        assert second[1]["role"] == "user"
        assert await heard(dialogue, request) == ("Hello.", None)
        assert len(server.requests[2]["messages"]) == len(second), "it is remembered"

    too_long = {"error": {"message": "maximum context length is 2048", "code": "context_length_exceeded"}}
    once(plain(too_long, 400), say("Hello."), context_tokens=8000)(body)


# ------------------------------------------------------------------------------------------------------- tools


def test_all_arguments_that_are_sent_are_objects_and_the_model_is_told_what_was_wrong() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        request = asked(tools=(LAMP,), results={"set_lamp": ToolResult("ok", "fine")})
        assert await heard(dialogue, request) == ("Done.", None)
        assert called(request) == [("set_lamp", {"colour": "blue"})]
        assistant, *told = server.requests[1]["messages"][-4:]
        sent = [one["function"]["arguments"] for one in assistant["tool_calls"]]
        assert all(isinstance(json.loads(arguments), dict) for arguments in sent)
        ids = [one["id"] for one in assistant["tool_calls"]]
        assert len(set(ids)) == 3
        assert [one["tool_call_id"] for one in told] == ids
        results = [json.loads(one["content"]) for one in told]
        assert [result["status"] for result in results] == ["failed", "ok", "failed"]
        assert '{"colour": "bl' in results[0]["value"]
        assert "not a JSON object" in results[2]["value"]

    wrong = call(("set_lamp", '{"colour": "bl'), ("set_lamp", "{'colour': 'blue',}"), ("set_lamp", "[1]"))
    once(wrong, say("Done."))(body)


def test_calls_in_the_text_are_made_and_what_tools_said_goes_in_whole_rounds() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        long = ToolResult("ok", "blue " * 800)
        assert await heard(dialogue, asked(tools=(LAMP,), results={"set_lamp": long})) == ("Done.", None)
        for request in server.requests:
            messages = request["messages"]
            assert messages[0]["role"] == "system"
            assert "You are Nora" in messages[0]["content"]
            known: set[str] = set()
            for message in messages:
                known |= {one["id"] for one in message.get("tool_calls", ())}
                assert message["role"] != "tool" or message["tool_call_id"] in known, "no result without its call"
        assert sum(message["role"] == "tool" for message in server.requests[-1]["messages"]) < 4

    plays = [
        say(f'<tool_call>{{"name": "set_lamp", "arguments": {{"colour": "{number}"}}}}</tool_call>')
        for number in range(4)
    ]
    once(*plays, say("Done."), context_tokens=3000)(body)


# ------------------------------------------------------------------------------------------------- hostile ones


@pytest.mark.parametrize(
    "first",
    [
        chunks({"tool_calls": [{"index": [1], "id": 5, "function": {"name": 7, "arguments": [1]}}]}),
        chunks({"content": {"text": {"a": 1}}}),
        chunks({"content": 7}),
        plain({"status": "ok"}),
        raw('{"choices": [{"delta": {"content": NaN}}]}'),
        raw('{"choices": ' + "[" * 50_000),
        raw('{"choices": [{"delta": {"content": "' + "x" * 10_000_000 + '"}}]}'),
        raw(json.dumps({"error": {"message": "the model crashed", "code": 500}})),
        plain({"error": {"message": "no", "type": "server_error"}}),
        plain({"choices": [{"message": {"content": ["x", 5]}}]}),
        plain({"object": "list", "data": []}),
    ],
    ids=range(11),
)
def test_what_no_model_sends_fails_the_turn_and_not_the_session(first: Play) -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        _, failure = await heard(dialogue, asked(tools=(LAMP,)))
        assert failure is not None
        assert failure.kind in (Failure.BROKEN, Failure.FAULTY, Failure.EMPTY, Failure.FOREIGN)
        assert await heard(dialogue, asked()) == ("Hello.", None)

    once(first, say("Hello."), retries=0)(body)


def test_a_long_error_is_not_read_to_its_end_and_a_page_is_no_answer() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        for kind in (Failure.FAULTY, Failure.FOREIGN):
            await _fails(dialogue, kind)

    once(plain({"error": "x" * 5_000_000}, 500), plain(b"<!DOCTYPE html><p>Welcome"), retries=0)(body)


SECRET = "sk-very-secret-key-0123456789"
WORDS = f"Incorrect API key provided: {SECRET}. Ask admin@example.org, <b>now</b>"


@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500])
def test_credentials_and_the_endpoints_words_are_told_to_nobody(status: int, caplog: pytest.LogCaptureFixture) -> None:
    async def body() -> None:
        async with endpoint(plain({"error": {"message": WORDS}}, status)) as server:
            url = server.url.replace("http://", "http://bob:hunter2@") + "?key=sesame"
            dialogue = OpenAiDialogue(TEACHER, base_url=url, model="m", retries=1)
            _, failure = await heard(dialogue, asked())
            assert failure is not None
            assert not _secrets(failure.message)
            assert server.url.removeprefix("http://") in failure.message
            assert set(server.keys) == {"basic ym9iomh1bnrlcji="}
            await dialogue.close()
        keyed = OpenAiDialogue(TEACHER, base_url="http://127.0.0.1:9/v1", model="m", api_key=SECRET)
        _, failure = await heard(keyed, asked())
        assert failure is not None
        assert failure.kind is Failure.AWAY
        await keyed.close()

    with caplog.at_level(logging.INFO):
        play(body)
    # The bridge lets nothing of its HTTP client's log pass below a warning (`bridge.logs`).
    ours = [record for record in caplog.records if not record.name.startswith("http")]
    assert [_secrets(f"{record.getMessage()} {vars(record)}") for record in ours] == [[] for _ in ours]


def _secrets(text: str) -> list[str]:
    return [word for word in ("hunter2", "bob", SECRET, "admin@", "Incorrect", "sesame") if word in text]


@pytest.mark.parametrize(
    ("settings", "kind", "setting"),
    [
        ({"base_url": "localhost:11434/v1"}, Failure.FOREIGN, "openai.base_url"),
        ({"base_url": "ftp://example.org/v1"}, Failure.FOREIGN, "openai.base_url"),
        ({"base_url": "http://[::1/v1"}, Failure.FOREIGN, "openai.base_url"),
        ({"base_url": "http://127.0.0.1:99999/v1"}, Failure.FOREIGN, "openai.base_url"),
        ({"base_url": ""}, Failure.FOREIGN, "openai.base_url"),
        ({"api_key": "schlüssel"}, Failure.REFUSED, "openai.api_key"),
        ({"api_key": "a b"}, Failure.REFUSED, "openai.api_key"),
    ],
)
def test_settings_that_cannot_be_are_named(settings: dict[str, str], kind: Failure, setting: str) -> None:
    async def body() -> None:
        dialogue = engine(**{"url": settings.pop("base_url", "http://127.0.0.1:9/v1"), **settings})
        for ask in (dialogue.start, lambda: heard(dialogue, asked())):
            try:
                failure = (await ask() or ("", None))[1]
            except EngineError as error:
                failure = error
            assert failure is not None
            assert (failure.kind, failure.setting) == (kind, setting)
            assert setting in failure.message
        await dialogue.close()

    play(body)


def test_the_wait_for_the_first_word_bounds_all_tries_together() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        await _fails(dialogue, Failure.BUSY)
        assert len(server.requests) < 5, "ten more would have taken longer"

    once(refuse(503), retries=10, first_token_s=1.0)(body)


def test_a_hanging_endpoint_is_left_when_the_user_interrupts() -> None:
    async def body(dialogue: OpenAiDialogue, server: Endpoint) -> None:
        task = asyncio.ensure_future(heard(dialogue, asked()))
        while not server.requests:  # noqa: ASYNC110 - the endpoint has no event for it
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await heard(dialogue, asked()) == ("Hello.", None)

    once(hang(), say("Hello."))(body)
