"""The events of the Realtime API: what a server is told, and what is made of what it tells."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from engines.api import Message
from engines.duplex.exchange import (
    Declined,
    GoOn,
    Happened,
    Heard,
    Parley,
    ReplyBegan,
    ReplyCall,
    ReplyOver,
    ReplySound,
    ReplyText,
    Stop,
    Taken,
    Trouble,
    Unask,
    Words,
)
from engines.duplex.realtime import events
from engines.duplex.realtime.telling import Manner
from engines.duplex.realtime.wire import Wire
from engines.identity import load_identity, shipped

HISTORY = (Message("user", "hi"), Message("companion", "hello"), Message("scene", "It rains."))


def wire(**manner: Any) -> Wire:
    parley = Parley("s", "en", "Ada", lambda: HISTORY, lambda: (), lambda: "Be brief.")
    made = Wire(Manner(**manner), load_identity(shipped()["teacher"]), parley)
    made.opening()
    return made


def take(wire: Wire, kind: str, **fields: Any) -> list[Taken]:
    return wire.take(json.dumps({"type": kind, **fields}))


def sound(wire: Wire, reply: str, item: str, pcm: bytes) -> list[Taken]:
    return take(wire, "response.output_audio.delta", response_id=reply, item_id=item, delta=b64encode(pcm).decode())


def kinds(told: list[dict[str, object]]) -> list[object]:
    return [event["type"] for event in told]


def test_a_server_that_is_called_is_told_everything() -> None:
    made = wire()
    update, *items = made.opening()
    assert "Be brief." in str(update["session"])
    said = [(item["item"]["role"], item["item"]["content"][0]) for item in items]  # type: ignore[index]
    assert said == [
        ("user", {"type": "input_text", "text": "hi"}),
        ("assistant", {"type": "output_text", "text": "hello"}),
        ("system", {"type": "input_text", "text": "It rains."}),
    ]


def test_a_response_is_told_of_when_it_has_something_to_say() -> None:
    made = wire()
    assert take(made, "response.created", response={"id": "r"}) == []
    assert take(made, "response.done", response={"id": "r", "status": "completed"}) == []
    take(made, "response.created", response={"id": "q"})
    assert sound(made, "q", "i", b"\1\0\2") == [ReplyBegan("q"), ReplySound("q", b"\1\0")]
    assert sound(made, "q", "i", b"\0") == [ReplySound("q", b"\2\0")]
    assert take(made, "response.audio_transcript.delta", response_id="q", item_id="i", delta="Hi") == [
        ReplyText("q", "Hi")
    ]
    assert take(made, "response.output_audio_transcript.done", response_id="q", item_id="i", transcript="Hi") == []
    assert take(made, "response.done", response={"id": "q", "status": "incomplete"}) == [ReplyOver("q", "cut")]


def test_a_cut_falls_into_the_item_that_was_heard() -> None:
    made = wire()
    take(made, "response.created", response={"id": "r"})
    sound(made, "r", "one", bytes(2 * 24_000))
    sound(made, "r", "two", bytes(2 * 24_000))
    sound(made, "r", "three", bytes(2 * 2400))
    cuts = made.give(Heard("r", 36_001))
    assert [(cut["item_id"], cut["audio_end_ms"]) for cut in cuts] == [("two", 500), ("three", 0)]


def test_the_end_of_what_was_stopped_is_always_told() -> None:
    made = wire()
    take(made, "response.created", response={"id": "r"})
    sound(made, "r", "one", bytes(2 * 2400))
    assert kinds(made.give(Stop("r"))) == ["response.cancel"]
    assert made.give(Stop("r")) == []
    assert sound(made, "r", "one", bytes(2 * 2400)) == []
    (cut,) = made.give(Heard("r", 2400))
    assert cut["audio_end_ms"] == 100


def test_a_response_is_asked_for_when_the_one_before_is_done() -> None:
    made = wire()
    take(made, "response.created", response={"id": "r"})
    assert kinds(made.give(Words("no"))) == ["conversation.item.create"]
    assert made.due() == []
    take(made, "response.done", response={"id": "r", "status": "cancelled"})
    assert kinds(made.due()) == ["response.create"]
    assert made.due() == []


def test_what_was_asked_for_and_is_not_wanted_is_cancelled_when_it_begins() -> None:
    made = wire()
    made.give(Words("one"))
    made.give(Unask())
    assert kinds(made.give(Words("two"))) == ["conversation.item.create"]
    assert take(made, "response.created", response={"id": "r"}) == []
    assert kinds(made.due()) == ["response.cancel"]
    assert sound(made, "r", "i", b"\0\0") == []
    assert take(made, "response.done", response={"id": "r", "status": "cancelled"}) == []
    assert kinds(made.due()) == ["response.create"]


def test_a_server_that_is_busy_is_asked_again_a_few_times() -> None:
    made = wire()
    (asked,) = made.give(GoOn())
    for _ in range(3):
        code = "conversation_already_has_active_response"
        error = {"code": code, "message": "busy", "event_id": asked["event_id"]}
        assert take(made, "error", error=error) == []
        (asked,) = made.due()
    (declined,) = take(made, "error", error={"code": code, "message": "busy", "event_id": asked["event_id"]})
    assert isinstance(declined, Declined)


def test_complaints_are_told_and_harmless_ones_are_not() -> None:
    made = wire()
    assert take(made, "error", error={"code": "response_cancel_not_active"}) == []
    (trouble,) = take(made, "error", error={"message": "no such voice"})
    assert isinstance(trouble, Trouble)
    assert "no such voice" in trouble.error.message
    assert isinstance(take(made, "error")[0], Trouble)


def test_a_call_is_told_once_however_it_is_told() -> None:
    made = wire()
    take(made, "response.created", response={"id": "r"})
    item = {"id": "i", "type": "function_call", "name": "lamp", "call_id": "c", "arguments": "{}"}
    take(made, "response.output_item.added", response_id="r", item={**item, "arguments": ""})
    done = take(
        made, "response.function_call_arguments.done", response_id="r", item_id="i", call_id="c", arguments="{}"
    )
    assert done == [ReplyBegan("r"), ReplyCall("r", "c", "lamp", "{}")]
    assert take(made, "response.output_item.done", response_id="r", item=item) == []


def test_a_greeting_and_a_scene_are_asked_for_in_their_way() -> None:
    made = wire()
    (create,) = made.give(Happened("", answer=True))
    assert "response" in create
    item, create = wire().give(Happened("A bell rings.", answer=True))
    assert item["item"]["role"] == "system"  # type: ignore[index]
    assert "response" not in create
    assert kinds(made.give(Happened("Nobody speaks of it."))) == ["conversation.item.create"]


@pytest.mark.parametrize(
    "data",
    [b"{}", "", "null", '{"type": 1}', '{"type": "x", "response": []}', '{"type": "x", "delta": {}}', "[" * 9999],
)
def test_what_is_no_event_is_unreadable(data: Any) -> None:
    with pytest.raises(events.Unreadable):
        wire().take(data)


def test_what_is_not_needed_is_skipped() -> None:
    assert take(wire(), "rate_limits.updated", rate_limits=[{"name": "tokens"}]) == []
    assert take(wire(), "response.output_audio.done", response_id="r", item_id="i") == []
