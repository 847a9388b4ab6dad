"""Requests in words become tool calls, when they are meant as such and everything needed was said."""

from __future__ import annotations

import pytest

from engines.api import Tool, ToolResult
from tests.engines.dialogue.screenplay import scene

DOOR = Tool("open_door", "Opens the door of the hall.", {})
LAMP = Tool(
    "setLampColor",
    "Changes the color of the lamp.",
    {"type": "object", "properties": {"color": {"enum": ["red", "green", "deep blue"]}}, "required": ["color"]},
)
VOLUME = Tool(
    "set_volume",
    "Sets the loudness of the music.",
    {"properties": {"percent": {"type": "integer", "minimum": 0, "maximum": 100}}, "required": ["percent"]},
)
PLAY = Tool(
    "play_music", "Plays a kind of music.", {"properties": {"genre": {"type": "string"}}, "required": ["genre"]}
)
WAVE = Tool("wave", "The companion waves its hand.", {})
SHIP = Tool("launch", "", {"properties": {"plan": {"type": "object"}}, "required": ["plan"]})
TOOLS = (DOOR, LAMP, VOLUME, PLAY, WAVE, SHIP)


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("open the door", ("open_door", {})),
        ("can you open the door please", ("open_door", {})),
        ("could you please opne the door", ("open_door", {})),
        ("please open that door for me", ("open_door", {})),
        ("i want you to open the door", ("open_door", {})),
        ("make the lamp color red", ("setLampColor", {"color": "red"})),
        ("change the color of the lamp to deep blue", ("setLampColor", {"color": "deep blue"})),
        ("set the volume to thirty percent", ("set_volume", {"percent": 30})),
        ("set the volume to 55", ("set_volume", {"percent": 55})),
        ("play some jazz music", ("play_music", {"genre": "jazz"})),
        ("wave at me", ("wave", {})),
    ],
)
def test_requests_call_the_tool(line: str, call: tuple[str, dict[str, object]]) -> None:
    play = scene("guide", tools=TOOLS)
    reply = play.say(line)
    assert play.calls == [call]
    assert "gesture:nod" in reply
    assert reply.endswith(".")


@pytest.mark.parametrize(
    "line",
    [
        "do not open the door",
        "why is the door open",
        "is the door open",
        "who opened the door",
        "you opened the door",
        "tell me about the whale",
        "hello",
        "what is a wave",
        "launch the ship",
        "open your heart",
        "music is nice",
    ],
)
def test_other_words_call_nothing(line: str) -> None:
    play = scene("guide", tools=TOOLS)
    assert play.say(line)
    assert play.calls == []


def test_nothing_is_called_that_the_scene_does_not_offer() -> None:
    play = scene("guide")
    play.say("open the door")
    assert play.calls == []


def test_a_missing_parameter_is_asked_for() -> None:
    play = scene("guide", tools=TOOLS)
    assert "red, green, and deep blue" in play.say("change the lamp color")
    assert play.calls == []
    play.say("green")
    assert play.calls == [("setLampColor", {"color": "green"})]


def test_a_question_for_a_parameter_can_be_left() -> None:
    play = scene("guide", tools=TOOLS)
    play.say("set the volume")
    assert "leave" in play.say("never mind")
    play.say("thirty")
    assert play.calls == []


def test_a_number_out_of_range_is_not_sent() -> None:
    play = scene("guide", tools=TOOLS)
    play.say("set the volume to five hundred")
    assert play.calls == []


@pytest.mark.parametrize(
    ("result", "wanted"),
    [
        (ToolResult("ok", ""), ("done", "there you are")),
        (ToolResult("ok", "done"), ("done", "there you are")),
        (ToolResult("ok", "the door is open now"), ("The door is open now.",)),
        (ToolResult("ok", "[angry] {{char}} opened *it*"), (" angry char opened it.",)),
        (ToolResult("failed", "it is locked"), ("it is locked.",)),
        (ToolResult("failed", ""), ("did not work.",)),
        (ToolResult("timeout", ""), ("no answer",)),
        (ToolResult("cancelled", ""), ("called off",)),
    ],
)
def test_the_result_is_spoken_of(result: ToolResult, wanted: tuple[str, ...]) -> None:
    reply = scene("guide", tools=TOOLS, results={"open_door": result}).say("open the door")
    assert any(part.lower() in reply.lower() for part in wanted), reply
    assert "[angry]" not in reply


def test_tools_work_during_a_lesson_and_the_lesson_goes_on() -> None:
    play = scene("teacher", tools=TOOLS)
    play.say("start")
    play.say("open the door")
    assert play.calls == [("open_door", {})]
    assert "nudge" in play.say("vibration")


@pytest.mark.parametrize(
    "parameters",
    [
        {"properties": 5},
        {"properties": {"x": 3}, "required": ["x"]},
        {"required": "x"},
        {"required": [1, None, "gone"]},
        {"properties": {"x": {"enum": []}}, "required": ["x"]},
        {"properties": {"x": {"type": ["string", "null"]}}, "required": ["x"]},
        {"properties": {"x": {"type": "integer", "minimum": "low"}}, "required": ["x"]},
    ],
)
def test_strange_schemas_do_no_harm(parameters: dict[str, object]) -> None:
    play = scene("guide", tools=(Tool("open_door", "", parameters),))
    assert play.say("open the door 5")
