"""What the scene can do when asked: calls, answers, and everything that can go wrong between them."""

from __future__ import annotations

from bridge.scene import MAX_STATES, TOOL_TIMEOUT, Scene
from engines.scripted import ScriptedDialogue, ToolUse
from protocol import messages as m
from tests.bridge.stage import Cast, Stage, perform
from tests.judge import troubles

DOOR = m.Tools(tools=(m.ToolSpec(name="open_door", description="Opens a door.", parameters={"type": "object"}),))
USE = ToolUse(2, "open_door", {"door": "north"})


def opener(use: ToolUse = USE, *, first: float = 0.0) -> Cast:
    return Cast(ScriptedDialogue(("Very well. Done.", "Yes."), tools=(use,), first=first))


def test_the_scene_is_asked_and_its_answer_used() -> None:
    async def play(stage: Stage) -> None:
        stage.say(DOOR)
        stage.type("open it")
        await stage.at(0.5)
        (call,) = stage.avatar.tool_calls()
        assert (call.turn, call.name, call.arguments) == (1, "open_door", {"door": "north"})
        assert call.timeout_ms == TOOL_TIMEOUT * 1000
        stage.say(m.ToolAnswer(call=call.call, value="it is open"))
        await stage.at(5.0)

    stage = perform(play, opener())
    assert stage.avatar.heard(1) == "Very well. it is open Done."
    assert stage.avatar.faults == []
    assert stage.avatar.errors() == []
    (request,) = stage.cast.dialogue.requests
    assert [tool.name for tool in request.tools] == ["open_door"]


def test_a_failed_call_is_an_answer_too() -> None:
    async def play(stage: Stage) -> None:
        stage.say(DOOR)
        stage.type("open it")
        await stage.at(0.5)
        stage.say(m.ToolAnswer(call=1, status="failed", value="it is locked"))
        stage.say(m.ToolAnswer(call=1, value="twice"))
        await stage.at(5.0)

    stage = perform(play, opener())
    assert "it is locked" in stage.avatar.heard(1)
    assert stage.avatar.errors() == []


def test_a_scene_that_never_answers_costs_ten_seconds_and_no_more() -> None:
    async def play(stage: Stage) -> None:
        stage.say(DOOR)
        stage.type("open it")
        await stage.at(15.0)
        stage.say(m.ToolAnswer(call=1, value="at last"))
        await stage.at(20.0)

    stage = perform(play, opener())
    assert stage.avatar.heard(1).endswith("Done.")
    assert "did not answer" in stage.avatar.heard(1)
    assert stage.avatar.errors() == []
    assert 10.0 <= (stage.avatar.turns[1].over_at or 0) <= 12.0


def test_a_tool_that_is_not_offered_is_not_called() -> None:
    async def play(stage: Stage) -> None:
        stage.say(DOOR)
        stage.say(m.Tools(tools=()))
        stage.type("open it")
        await stage.at(5.0)

    stage = perform(play, opener())
    assert stage.avatar.tool_calls() == []
    assert "there is no tool named open_door" in stage.avatar.heard(1)


def test_an_answer_that_nobody_asked_for_is_refused() -> None:
    async def play(stage: Stage) -> None:
        stage.say(m.ToolAnswer(call=7))
        await stage.at(1.0)

    assert perform(play).avatar.errors() == ["unknown_call"]


def test_a_call_is_forgotten_when_the_user_interrupts() -> None:
    async def play(stage: Stage) -> None:
        stage.say(DOOR)
        stage.type("open it")
        await stage.at(0.5)
        stage.type("never mind")
        await stage.at(0.6)
        stage.say(m.ToolAnswer(call=1, value="it is open"))
        await stage.at(5.0)

    stage = perform(play, opener())
    assert stage.avatar.errors() == []
    assert "it is open" not in stage.avatar.heard(1)
    assert stage.avatar.heard(2) == "Yes."
    assert troubles(stage.avatar) == []


def test_states_are_bounded_and_the_oldest_go() -> None:
    scene = Scene()
    scene.update({f"key {i}": "x" for i in range(MAX_STATES)})
    scene.update({"key 0": "renewed", "key 1": "", "one more": "x", "two more": "x"})
    assert len(scene.states) == MAX_STATES
    assert "key 2" not in scene.states
    assert scene.states["key 0"] == "renewed"
