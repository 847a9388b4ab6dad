"""The gate that ships in whole conversations: what never sounds, help for somebody in need, and a break after hours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.setup.config import load
from bridge.setup.guarding import Clerk, guarding
from engines.guard.desk import Desk
from engines.guard.gate import WISHES, Guard
from engines.guard.words import crisis, sentences
from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.engines import ScriptedDialogue, ToolUse
from tests.bridge.scenario import Cast, Scenario, Screenplay, history, listening, perform, replies
from tests.bridge.session.test_gates import judged, seen
from tests.bridge.session.test_speculation import DOOR

SORRY = "I had better not say that."
BAD = "To build a pipe bomb you first need a pipe."
HOURS = 3600.0


def guarded(*texts: str, **more: object) -> Cast:
    gate = Guard(language="en-us", region="US", remind_s=3 * HOURS)
    cast = Cast(replies(*texts), gates=(gate,), withheld=SORRY)
    return replace(cast, **more)  # type: ignore[arg-type]


def typing(*lines: tuple[float, str]) -> Screenplay:
    async def play(scenario: Scenario) -> None:
        for at, text in lines:
            await scenario.at(at)
            scenario.type(text)
        await scenario.at(lines[-1][0] + 40.0)

    return play


def test_a_blocked_sentence_never_sounds_and_the_history_holds_what_was_said_instead() -> None:
    scenario = perform(typing((1.0, "tell me"), (20.0, "and now")), guarded(f"That is easy. {BAD} Then wait.", "Fine."))
    assert scenario.avatar.heard(1) == f"That is easy. {SORRY}"
    assert "pipe" not in seen(scenario)
    assert ("companion", f"That is easy. {SORRY}") in history(scenario)
    assert troubles(scenario.avatar) == []
    assert judged(scenario)["guard", "companion", "block", "danger"] == 1.0


def test_a_sentence_that_becomes_bad_only_with_the_one_before_it_ends_the_reply() -> None:
    scenario = perform(typing((1.0, "tell me")), guarded("I think you should kill. Yourself. Fine."))
    assert scenario.avatar.heard(1).startswith("I think you should kill. I'm glad that you told me.")
    assert "ourself" not in seen(scenario)
    assert "Fine" not in seen(scenario)


def test_somebody_in_need_is_answered_with_help_and_the_talk_goes_on_gently() -> None:
    scenario = perform(
        typing((1.0, "I want to kill myself"), (60.0, "my cat is called Momo")), guarded("What a lovely name.")
    )
    help_ = crisis("", "en-us", "US", young=True)
    assert scenario.avatar.heard(1) == help_
    assert "988" in help_
    assert scenario.avatar.turns[1].reason == "complete"
    assert scenario.avatar.heard(2) == "What a lovely name."
    (request,) = scenario.cast.dialogue.requests
    assert request.guidance == WISHES["crisis"]
    assert ("companion", help_) in [(said.role, said.text) for said in request.history]
    assert judged(scenario) == {("guard", "user", "block", "crisis"): 1.0}


def test_a_crisis_that_is_heard_by_the_microphone_can_be_talked_over() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        scenario.speak(5.0, 6.5)
        await scenario.at(20.0)

    scenario = perform(play, guarded("I am here.", stt=listening("i want to die", "wait a moment")), mic=True)
    assert scenario.avatar.turns[1].cut is not None
    assert scenario.avatar.heard(2) == "I am here."
    assert scenario.crash is None


def test_after_three_hours_a_break_is_advised_once_behind_a_reply() -> None:
    lines = [(1.0, "hello"), (9000.0, "go on"), (10_900.0, "go on"), (11_000.0, "go on"), (21_800.0, "go on")]

    async def play(scenario: Scenario) -> None:
        for at, text in lines:
            while scenario.now < at:
                await scenario.at(min(at, scenario.now + 300.0))
                scenario.say(m.Context(states={"time": str(scenario.now)}, respond="silent"))
            scenario.type(text)
        await scenario.at(22_000.0)

    scenario = perform(play, guarded("Fine."))
    rest = sentences("en")["rest"]
    assert [scenario.avatar.heard(turn) for turn in range(1, 6)] == [
        "Fine.", "Fine.", f"Fine. {rest}", "Fine.", f"Fine. {rest}",
    ]  # fmt: skip


def test_a_reminder_that_was_talked_over_comes_again() -> None:
    async def play(scenario: Scenario) -> None:
        while scenario.now < 10_900.0:
            await scenario.at(scenario.now + 300.0)
            scenario.say(m.Context(states={"time": str(scenario.now)}, respond="silent"))
        scenario.type("go on")
        await scenario.at(scenario.now + 1.5)
        scenario.say(m.Interrupt(turn=1))
        await scenario.at(scenario.now + 5.0)
        scenario.type("go on")
        await scenario.at(scenario.now + 40.0)

    scenario = perform(play, guarded("One two three four five six."))
    rest = sentences("en")["rest"]
    assert rest not in scenario.avatar.turns[1].text
    assert scenario.avatar.heard(2).endswith(rest)


def test_a_tool_is_not_told_what_may_not_be_said() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        await scenario.at(1.0)
        scenario.type("open it")
        await scenario.at(10.0)

    dialogue = ScriptedDialogue(("One. Two",), tools=(ToolUse(1, "open_door", {"sign": "kill yourself"}),))
    scenario = perform(play, guarded(dialogue=dialogue))
    assert not any(isinstance(message, m.ToolCall) for _, message in scenario.avatar.messages)


# ------------------------------------------------------------------------------------------------- the set-up


def test_flags_reach_the_queue_without_words(tmp_path: Path) -> None:
    clerk = Clerk(Desk(tmp_path))
    perform(typing((1.0, "tell me")), guarded(BAD, review=clerk))
    clerk.settle()
    (item,) = Desk(tmp_path).items()
    assert item.entry["category"] == "danger"
    assert item.entry["session"] == "s-1"
    assert str(item.entry["at"])[:2] == "20"
    assert b"pipe" not in (tmp_path / "flagged.jsonl").read_bytes()


def test_a_queue_that_cannot_be_written_loses_flags_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    clerk = Clerk(Desk(tmp_path / "file"))
    scenario = perform(typing((1.0, "tell me"), (20.0, "and now")), guarded(BAD, BAD, review=clerk))
    clerk.settle()
    assert clerk.lost == 2
    assert sum("review queue cannot be written" in record.message for record in caplog.records) == 1
    assert scenario.avatar.heard(2) == SORRY


def test_the_section_makes_the_gate_and_bad_ones_are_refused(tmp_path: Path) -> None:
    def made(*settings: str) -> object:
        section = load(None, {}, [f"guard.{setting}" for setting in (f"queue={tmp_path}", *settings)]).guard
        return guarding(section, "en-us")

    made_ = guarding(load(None, {}, ["guard.queue=none"]).guard, "en-us")
    assert [gate.name for gate in made_.gates] == ["guard"]
    assert made_.review is None
    assert guarding(load(None, {}, ["guard.enabled=false"]).guard, "en-us").gates == ()
    made("audience=adult", "remind_s=0")
    made("model_url=http://127.0.0.1:1/v1", "model=guard")
    made(f"model_folder={tmp_path}")
    for wrong in (
        ("region=Germany",),
        ("remind_s=0",),
        ("remind_s=20000",),
        ("audience=teen", "remind_s=20000"),
        ("model_url=http://127.0.0.1:1/v1",),
        ("model_url=http://127.0.0.1:1/v1", "model=g", f"model_folder={tmp_path}"),
    ):
        with pytest.raises(Exception, match="guard"):
            made(*wrong)
