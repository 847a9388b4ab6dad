"""What the scene can do when asked: calls, answers, and everything that can go wrong between them."""

from __future__ import annotations

from bridge.session.scene import MAX_STATES, Scene
from bridge.session.tool_calls import TIMEOUT
from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.engines import ScriptedDialogue, ToolUse
from tests.bridge.scenario import Cast, Scenario, perform

DOOR = m.Tools(tools=(m.ToolSpec(name="open_door", description="Opens a door.", parameters={"type": "object"}),))
USE = ToolUse(2, "open_door", {"door": "north"})


def opener(use: ToolUse = USE, *, first: float = 0.0) -> Cast:
    return Cast(ScriptedDialogue(("Very well. Done.", "Yes."), tools=(use,), first=first))


def test_the_scene_is_asked_and_its_answer_used() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        scenario.type("open it")
        await scenario.at(0.5)
        (call,) = scenario.avatar.tool_calls()
        assert (call.turn, call.name, call.arguments) == (1, "open_door", {"door": "north"})
        assert call.timeout_ms == TIMEOUT * 1000
        scenario.say(m.ToolAnswer(call=call.call, value="it is open"))
        await scenario.at(5.0)

    scenario = perform(play, opener())
    assert scenario.avatar.heard(1) == "Very well. it is open Done."
    assert scenario.avatar.faults == []
    assert scenario.avatar.errors() == []
    (request,) = scenario.cast.dialogue.requests
    assert [tool.name for tool in request.tools] == ["open_door"]


def test_a_failed_call_is_an_answer_too() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        scenario.type("open it")
        await scenario.at(0.5)
        scenario.say(m.ToolAnswer(call=1, status="failed", value="it is locked"))
        scenario.say(m.ToolAnswer(call=1, value="twice"))
        await scenario.at(5.0)

    scenario = perform(play, opener())
    assert "it is locked" in scenario.avatar.heard(1)
    assert scenario.avatar.errors() == []


def test_a_scene_that_never_answers_costs_ten_seconds_and_no_more() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        scenario.type("open it")
        await scenario.at(15.0)
        scenario.say(m.ToolAnswer(call=1, value="at last"))
        await scenario.at(20.0)

    scenario = perform(play, opener())
    assert scenario.avatar.heard(1).endswith("Done.")
    assert "did not answer" in scenario.avatar.heard(1)
    assert scenario.avatar.errors() == []
    assert 10.0 <= (scenario.avatar.turns[1].over_at or 0) <= 12.0


def test_a_tool_that_is_not_offered_is_not_called() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        scenario.say(m.Tools(tools=()))
        scenario.type("open it")
        await scenario.at(5.0)

    scenario = perform(play, opener())
    assert scenario.avatar.tool_calls() == []
    assert "there is no tool named open_door" in scenario.avatar.heard(1)


def test_an_answer_that_nobody_asked_for_is_refused() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.ToolAnswer(call=7))
        await scenario.at(1.0)

    assert perform(play).avatar.errors() == ["unknown_call"]


def test_a_call_is_forgotten_when_the_user_interrupts() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        scenario.type("open it")
        await scenario.at(0.5)
        scenario.type("never mind")
        await scenario.at(0.6)
        scenario.say(m.ToolAnswer(call=1, value="it is open"))
        await scenario.at(5.0)

    scenario = perform(play, opener())
    assert scenario.avatar.errors() == []
    assert "it is open" not in scenario.avatar.heard(1)
    assert scenario.avatar.heard(2) == "Yes."
    assert troubles(scenario.avatar) == []


def test_states_are_bounded_and_the_oldest_go() -> None:
    scene = Scene()
    scene.update({f"key {i}": "x" for i in range(MAX_STATES)})
    scene.update({"key 0": "renewed", "key 1": "", "one more": "x", "two more": "x"})
    assert len(scene.states) == MAX_STATES
    assert "key 2" not in scene.states
    assert scene.states["key 0"] == "renewed"
