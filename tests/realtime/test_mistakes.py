"""What clients get wrong: each is told with a code, and the conversation goes on."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.realtime.incoming import read
from bridge.realtime.refused import Refused
from tests.bridge.peers import run, serving
from tests.realtime.client import client
from tests.realtime.sounds import quick

WRONG: list[tuple[Any, str, str | None]] = [
    ("no json", "invalid_json", None),
    ("[1, 2]", "invalid_value", None),
    ("{}", "invalid_value", None),
    ({"type": 7}, "invalid_value", None),
    ({"type": "session.destroy"}, "unknown_event", "type"),
    ({"type": "input_audio_buffer.append"}, "invalid_value", None),
    ({"type": "input_audio_buffer.append", "audio": "*"}, "invalid_value", "audio"),
    ({"type": "input_audio_buffer.append", "audio": "ÄÖÜ="}, "invalid_value", "audio"),
    ({"type": "input_audio_buffer.commit"}, "input_audio_buffer_commit_empty", None),
    ({"type": "conversation.item.delete", "item_id": "nobody"}, "item_not_found", "item_id"),
    ({"type": "conversation.item.retrieve", "item_id": "nobody"}, "item_not_found", "item_id"),
    ({"type": "conversation.item.truncate", "item_id": "x", "audio_end_ms": 1}, "item_not_found", "item_id"),
    ({"type": "conversation.item.create", "item": {"type": "song"}}, "invalid_value", "item.type"),
    ({"type": "conversation.item.create", "item": {"type": "message", "role": "god"}}, "invalid_value", "item.role"),
    ({"type": "response.cancel"}, "response_cancel_not_active", None),
    ({"type": "response.create", "response": {"conversation": "none"}}, "unsupported", "response.conversation"),
    ({"type": "response.create", "response": {"output_modalities": ["smell"]}}, "invalid_value", None),
    ({"type": "session.update", "session": {"turn_detection": {"type": "psychic"}}}, "invalid_value", None),
    ({"type": "session.update", "session": {"input_audio_format": "mp3"}}, "invalid_value", None),
    ({"type": "session.update", "session": {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 44100}}}}},
     "invalid_value", "session.audio.input.format"),
    ({"type": "session.update", "session": {"tools": [{"type": "mcp"}]}}, "invalid_value", "session.tools[0].type"),
    ({"type": "session.update", "session": {"tools": [{"name": "1"}]}}, "invalid_value", "session.tools[0].name"),
    ({"type": "session.update", "session": {"instructions": "a" * 20_000}}, "string_above_max_length", None),
    ({"type": "session.update", "session": {"instructions": [0] * 9000}}, "too_large", None),
]  # fmt: skip


def test_each_mistake_has_its_code_and_the_conversation_goes_on() -> None:
    async def body() -> None:
        async with serving(quick("Yes.")) as server, client(server) as one:
            for wrong, code, param in WRONG:
                text = wrong if isinstance(wrong, str) else json.dumps({**wrong, "event_id": "mine"})
                await one.socket.send(text)
                error = (await one.until("error"))["error"]
                assert error["code"] == code, (wrong, error)
                assert param in (None, error["param"]), (wrong, error)
                assert error["message"]
                assert error["event_id"] == (None if isinstance(wrong, str) or code == "invalid_json" else "mine")
            await one.socket.send(b"\x00\x01")
            assert (await one.until("error"))["error"]["code"] == "invalid_json"
            await one.says("Are you there?")
            await one.send("response.create")
            assert (await one.until("response.done"))["response"]["status"] == "completed"

    run(body)


def test_a_second_response_is_refused_while_there_is_one() -> None:
    async def body() -> None:
        async with serving(quick("One two three four five.", ms=400)) as server, client(server) as one:
            await one.says("Count.")
            await one.send("response.create")
            await one.until("response.created")
            await one.send("response.create")
            assert (await one.until("error"))["error"]["code"] == "conversation_already_has_active_response"
            assert (await one.until("response.done"))["response"]["status"] == "completed"

    run(body)


def test_a_huge_append_is_heard_in_its_time_and_a_larger_one_ends_the_connection() -> None:
    async def body() -> None:
        async with serving(quick("Yes.")) as server, client(server) as one:
            await one.send("input_audio_buffer.append", audio=base64.b64encode(bytes(24_000 * 2 * 3)).decode())
            await one.says("Are you there?")
            await one.send("response.create")
            assert (await one.until("response.done"))["response"]["status"] == "completed"
            await one.send("input_audio_buffer.append", audio="A" * 3_000_000)
            assert (await one.closed())[0] == 1009

    run(body)


def test_sound_that_nobody_commits_is_bounded() -> None:
    async def body() -> None:
        async with serving(quick("Yes.")) as server, client(server) as one:
            await one.send("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": None}}})
            piece = base64.b64encode(bytes(24_000 * 2 * 10)).decode()
            for _ in range(13):
                await one.send("input_audio_buffer.append", audio=piece)
            assert (await one.until("error"))["error"]["code"] == "buffer_full"

    run(body)


def test_who_sends_nothing_but_garbage_is_left() -> None:
    async def body() -> None:
        async with serving(quick("Yes.")) as server, client(server) as one:
            for _ in range(64):
                await one.socket.send("{")
            assert (await one.closed())[1] == "bad_message"

    run(body)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["session", "audio", "item", "response", "item_id", "event_id", "type", "audio_end_ms", "x"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(
        ["session.update", "conversation.item.create", "response.create", "input_audio_buffer.append", "?"]
    ),
    st.dictionaries(FIELDS, VALUES, max_size=4),
    st.text(max_size=20),
)
def test_whatever_comes_is_an_event_or_refused(kind: str, fields: dict[str, Any], tail: str) -> None:
    for text in (json.dumps({"type": kind, **fields}), json.dumps({"type": kind, **fields}) + tail, tail):
        with contextlib.suppress(Refused):
            read(text)


def test_a_lone_surrogate_is_no_crash() -> None:
    with pytest.raises(Refused):
        read('{"type": "\ud800"}')
