"""A dialogue that is asked once more because a gate wants another reply, and what a gate wants said at the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engines.api import Message
from engines.guard.verdicts import Flag, Verdict
from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.engines import Fault, ScriptedDialogue, ToolUse
from testkit.scripted.gates import ScriptedGate
from tests.bridge.scenario import Scenario, history, listening, perform, replies
from tests.bridge.session.test_gates import BLOCK, SORRY, gated, judged, seen, typed
from tests.bridge.session.test_speculation import DOOR, Ear, speculations

WISH = "Light makes 300 km in a millisecond."
WRONG = Verdict("soften", "contradiction", instead="That is as it is.", wish=WISH)


def model(*texts: str, **more: object) -> ScriptedDialogue:
    """A dialogue that counts as a language model."""
    dialogue = replies(*texts, **more)  # type: ignore[arg-type]
    dialogue.model = "tiny"
    return dialogue


def test_the_dialogue_is_asked_once_more_and_the_first_try_is_never_heard() -> None:
    dialogue = model("The bomb is here. And so on.", "All is well. Truly.", "Fine.")
    scenario = perform(typed, gated(ScriptedGate({"bomb": WRONG}), dialogue=dialogue))
    assert scenario.avatar.heard(1) == "All is well. Truly."
    assert scenario.avatar.turns[1].reason == "complete"
    assert scenario.avatar.heard(2) == "Fine."
    assert "bomb" not in seen(scenario)
    assert [request.guidance for request in dialogue.requests] == ["", WISH, ""]
    assert ("companion", "All is well. Truly.") in history(scenario)
    assert judged(scenario) == {("scripted", "companion", "again", "contradiction"): 1.0}
    assert troubles(scenario.avatar) == []
    assert scenario.crash is None


def test_one_that_insists_is_corrected() -> None:
    scenario = perform(typed, gated(ScriptedGate({"bomb": WRONG}), dialogue=model("The bomb. Yes.", "A bomb. No.")))
    assert scenario.avatar.heard(1) == "That is as it is. No."
    assert judged(scenario)["scripted", "companion", "again", "contradiction"] >= 1
    assert "bomb" not in seen(scenario)


@pytest.mark.parametrize("said", ["One two three. ", "[happy] Well now. "])
def test_when_something_was_said_the_phrase_alone_is_corrected(said: str) -> None:
    dialogue = model(f"{said}The bomb is here. More.", "Fine.")
    scenario = perform(typed, gated(ScriptedGate({"bomb": WRONG}), dialogue=dialogue))
    assert scenario.avatar.heard(1).endswith("That is as it is. More.")
    assert len(dialogue.requests) == 2


def test_a_script_is_not_asked_again() -> None:
    scenario = perform(typed, gated(ScriptedGate({"bomb": WRONG}), dialogue=replies("The bomb. More.", "Fine.")))
    assert scenario.avatar.heard(1) == "That is as it is. More."
    assert len(scenario.cast.dialogue.requests) == 2


def test_a_tool_is_not_called_twice() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        await scenario.at(1.0)
        scenario.type("open it")
        await scenario.at(10.0)

    dialogue = ScriptedDialogue(("The bomb. Two",), tools=(ToolUse(0, "open_door"),))
    dialogue.model = "tiny"
    scenario = perform(play, gated(ScriptedGate({"bomb": WRONG}), dialogue=dialogue))
    assert sum(isinstance(message, m.ToolCall) for _, message in scenario.avatar.messages) == 1
    assert "bomb" not in seen(scenario)
    assert len(dialogue.requests) == 1


def test_a_second_try_that_fails_is_excused() -> None:
    dialogue = ScriptedDialogue(("The bomb. More.",), fault=Fault("fail", 0, 2))
    dialogue.model = "tiny"
    cast = replace(gated(ScriptedGate({"bomb": WRONG}), dialogue=dialogue), sorry="I have lost my thread.")
    scenario = perform(typed, cast)
    assert scenario.avatar.heard(1) == "I have lost my thread."
    assert scenario.crash is None
    assert "bomb" not in seen(scenario)


def test_a_reply_begun_ahead_is_asked_again_in_silence() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(10.0)

    flagged: list[Flag] = []
    dialogue = model("The bomb. More.", "All is well. Truly.", first=0.2)
    ear = Ear(([(0.8, "what is"), (1.37, "what is a comet")], "What is a comet?"))
    cast = gated(
        ScriptedGate({"bomb": WRONG}), dialogue=dialogue, stt=ear, review=lambda *flag: flagged.append(flag[2])
    )
    scenario = perform(play, cast, mic=True)
    assert "used" in speculations(scenario)
    assert scenario.avatar.heard(1) == "All is well. Truly."
    assert [flag.anew for flag in flagged] == [True]
    assert "bomb" not in seen(scenario)


def test_barge_in_while_the_second_try_is_made_leaves_nothing() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 1.8)
        scenario.speak(3.0, 4.2)
        await scenario.at(15.0)

    dialogue = model("The bomb. More.", "All is well here, and it will stay so for ever. Truly.", "Fine.", first=0.8)
    cast = gated(ScriptedGate({"bomb": WRONG}), dialogue=dialogue, stt=listening("hello", "stop it"))
    scenario = perform(play, cast, mic=True)
    assert "bomb" not in seen(scenario)
    assert scenario.crash is None
    assert all("bomb" not in message.text for message in dialogue.requests[-1].history)
    assert dialogue.requests[-1].history[-1] == Message("user", "hello stop it")  # nothing was said in between


# ---------------------------------------------------------------------------------------- what is owed at the end


def test_what_is_owed_is_said_at_the_end_and_remembered() -> None:
    gate = ScriptedGate(owed="Unplug the lamp first. And wait.")
    scenario = perform(typed, gated(gate, dialogue=replies("Turn it.", "Unplug the lamp first. And wait. Then turn.")))
    assert scenario.avatar.heard(1) == scenario.avatar.turns[1].text == "Turn it. Unplug the lamp first. And wait."
    assert scenario.avatar.heard(2) == "Unplug the lamp first. And wait. Then turn."
    assert ("companion", "Turn it. Unplug the lamp first. And wait.") in history(scenario)
    assert troubles(scenario.avatar) == []


def test_what_one_gate_wants_said_is_judged_by_the_others() -> None:
    cast = gated(ScriptedGate(owed="The bomb is owed."), ScriptedGate({"bomb": BLOCK}), dialogue=replies("Turn it."))
    scenario = perform(typed, cast)
    assert scenario.avatar.heard(1) == f"Turn it. {SORRY}"


def test_nothing_is_owed_after_a_reply_that_a_gate_has_ended() -> None:
    scenario = perform(typed, gated(ScriptedGate({"bomb": BLOCK}, owed="Mind the step.")))
    assert scenario.avatar.heard(1) == f"One two three. {SORRY}"


def test_a_gate_that_fails_at_the_end_wants_nothing() -> None:
    class Broken(ScriptedGate):
        async def rest(self, request: object, said: str) -> str:
            raise KeyError(said)

    scenario = perform(typed, gated(Broken()))
    assert scenario.avatar.heard(2) == "Fine."
    assert scenario.crash is None
