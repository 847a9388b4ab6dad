"""Gates between the dialogue and the voice: what they do not allow is never heard, written or remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bridge.session.companion import Rules
from bridge.session.patience import Limits
from engines.api import Message, Request
from engines.guard.verdicts import Flag, Verdict
from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.engines import Fault, ScriptedDialogue, ScriptedTts, ToolUse
from testkit.scripted.gates import ScriptedGate
from tests.bridge.scenario import Cast, Scenario, Screenplay, history, listening, perform, replies
from tests.bridge.session.test_speculation import DOOR, Ear, asked, speculations

BLOCK = Verdict("block", "bad")
SORRY = "I had better not say that."
REPLY = "One two three. Now the bomb goes off. Seven eight nine."


def seen(scenario: Scenario) -> str:
    """Everything that was sent, as one text: what is blocked must not be in it."""
    return " ".join(repr(message) for _, message in scenario.avatar.messages)


def judged(scenario: Scenario) -> dict[tuple[str, ...], float]:
    """What was counted: (gate, side, ruling, category) -> how often."""
    lines = scenario.metrics.text().decode().splitlines()
    found = {}
    for line in (line for line in lines if line.startswith("companion_judged_total")):
        labels = dict(
            pair.split("=") for pair in line[line.index("{") + 1 : line.index("}")].replace('"', "").split(",")
        )
        found[tuple(labels[key] for key in ("gate", "side", "ruling", "category"))] = float(line.split()[-1])
    return found


async def typed(scenario: Scenario) -> None:
    await scenario.at(1.0)
    scenario.type("tell me")
    await scenario.at(15.0)
    scenario.type("and now")
    await scenario.at(30.0)


def gated(*gates: ScriptedGate, dialogue: ScriptedDialogue | None = None, **more: object) -> Cast:
    cast = Cast(dialogue or replies(REPLY, "Fine."), gates=gates, withheld=SORRY)
    return replace(cast, **more)  # type: ignore[arg-type]


# -------------------------------------------------------------------------------------------------- what is said


def test_a_blocked_sentence_never_sounds_and_history_holds_what_was_said_instead() -> None:
    scenario = perform(typed, gated(ScriptedGate({"bomb": BLOCK})))
    plain = perform(typed, gated(dialogue=replies(f"One two three. {SORRY}", "Fine.")))
    avatar = scenario.avatar
    assert avatar.heard(1) == f"One two three. {SORRY}"
    assert bytes(avatar.turns[1].pcm) == bytes(plain.avatar.turns[1].pcm)  # to the sample
    assert avatar.turns[1].reason == "cut"
    assert "bomb" not in seen(scenario)
    assert "Seven" not in seen(scenario)
    assert ("companion", f"One two three. {SORRY}") in history(scenario)
    assert avatar.heard(2) == "Fine."
    assert troubles(avatar) == []
    assert scenario.crash is None
    assert judged(scenario) == {("scripted", "companion", "block", "bad"): 1.0}


def test_without_a_gate_the_same_sentence_is_heard() -> None:
    assert "bomb" in perform(typed, gated()).avatar.heard(1)


@pytest.mark.parametrize("instead", ["It goes quiet.", ""])
def test_what_is_softened_is_replaced_or_left_out_and_the_reply_goes_on(instead: str) -> None:
    scenario = perform(typed, gated(ScriptedGate({"bomb": Verdict("soften", "bad", instead=instead)})))
    assert scenario.avatar.heard(1) == f"One two three. {f'{instead} ' if instead else ''}Seven eight nine."
    assert scenario.avatar.turns[1].reason == "complete"
    assert "bomb" not in seen(scenario)
    assert judged(scenario) == {("scripted", "companion", "soften", "bad"): 1.0}


def test_a_gate_has_words_of_its_own_for_what_it_blocks() -> None:
    gate = ScriptedGate({"One": Verdict("block", "bad", instead="Let me put it in another way. Not at all.")})
    avatar = perform(typed, gated(gate)).avatar
    assert avatar.heard(1) == avatar.turns[1].text == "Let me put it in another way. Not at all."


def test_a_reply_that_is_blocked_with_no_words_at_all_ends_in_silence() -> None:
    scenario = perform(typed, gated(ScriptedGate({"One": BLOCK}), withheld=""))
    assert scenario.avatar.turns[1].text == ""
    assert scenario.avatar.turns[1].reason == "cut"
    assert scenario.avatar.heard(2) == "Fine."


def test_the_cues_of_a_blocked_phrase_are_not_shown() -> None:
    dialogue = replies("[happy] One two three. [sad] The bomb [gesture:wave] goes off. [angry]")
    avatar = perform(typed, gated(ScriptedGate({"bomb": BLOCK}), dialogue=dialogue)).avatar
    assert [cue.name for cue in avatar.turns[1].cues] == ["happy"]


def test_a_phrase_is_judged_with_what_was_said_before_it() -> None:
    gate = ScriptedGate({"your. Self": BLOCK})
    scenario = perform(typed, gated(gate, dialogue=replies("You hurt your. Self is gone. More.", "Self is fine.")))
    assert scenario.avatar.heard(1) == f"You hurt your. {SORRY}"
    assert scenario.avatar.heard(2) == "Self is fine."  # another reply begins anew
    assert [(line.before, line.text) for line in gate.lines] == [
        ("", "You hurt your."),
        ("You hurt your. ", "Self is gone."),
        ("", "Self is fine."),
    ]


def test_a_later_gate_judges_what_an_earlier_one_has_left() -> None:
    first = ScriptedGate({"bomb": Verdict("soften", "rude", instead="A mine lies there.")})
    last = ScriptedGate({"mine": BLOCK, "bomb": Verdict("block", "never")})
    scenario = perform(typed, gated(first, last))
    assert scenario.avatar.heard(1) == f"One two three. {SORRY}"
    assert judged(scenario) == {
        ("scripted", "companion", "soften", "rude"): 1.0,
        ("scripted", "companion", "block", "bad"): 1.0,
    }


def test_a_first_clause_is_judged_before_the_sentence_is_whole() -> None:
    dialogue = replies("Take the bomb from under the old bridge, my friend, and walk. Slowly.", every=0.3)
    scenario = perform(typed, gated(ScriptedGate({"bomb": BLOCK}), dialogue=dialogue))
    assert scenario.avatar.heard(1) == SORRY
    assert scenario.cast.dialogue.streams == 2


# -------------------------------------------------------------------------------------------------- what fails


@pytest.mark.parametrize("kind", ["crash", "fail", "die", "hang"])
def test_a_gate_that_breaks_is_taken_to_have_said_no_and_the_session_lives(kind: str) -> None:
    gate = ScriptedGate(fault=Fault(kind, 0, 1))  # type: ignore[arg-type]
    scenario = perform(typed, gated(gate), rules=Rules(limits=Limits(gate=1.0)))
    assert scenario.crash is None
    assert scenario.avatar.heard(1) == SORRY
    assert scenario.avatar.heard(2) == "Fine."
    assert judged(scenario) == {("scripted", "companion", "block", "failed"): 1.0}
    assert scenario.avatar.errors() == []


def test_a_gate_that_is_slow_delays_and_blames_no_engine() -> None:
    gate = ScriptedGate(takes=1.5)
    scenario = perform(typed, gated(gate), rules=Rules(limits=Limits(first_word=1.0, stall=1.0, speech=2.0)))
    assert scenario.avatar.errors() == []
    assert scenario.avatar.heard(1) == REPLY


def test_a_review_that_breaks_loses_the_flag_and_nothing_else() -> None:
    def broken(session: str, turn: int, flag: Flag) -> None:
        raise OSError("no space left")

    scenario = perform(typed, gated(ScriptedGate({"bomb": BLOCK}), review=broken))
    assert scenario.crash is None
    assert scenario.avatar.heard(1) == f"One two three. {SORRY}"
    assert scenario.avatar.heard(2) == "Fine."


def test_a_synthesizer_that_is_asked_again_gets_what_the_gate_has_left() -> None:
    gate = ScriptedGate({"bomb": BLOCK})
    scenario = perform(typed, gated(gate, tts=ScriptedTts(ms_per_word=200, fault=Fault("die", 0, 1))))
    assert scenario.avatar.heard(1) == f"One two three. {SORRY}"
    assert sum("bomb" in line.text for line in gate.lines) == 1


# ------------------------------------------------------------------------------------------- around the reply


def test_a_greeting_and_an_understudy_are_judged_too() -> None:
    async def greeted(scenario: Scenario) -> None:
        await scenario.at(8.0)
        scenario.type("hello")
        await scenario.at(16.0)

    gate = ScriptedGate({"bomb": BLOCK})
    cast = gated(gate, dialogue=replies(REPLY), understudy=replies("My bomb."))
    cast = replace(cast, dialogue=ScriptedDialogue((REPLY,), fault=Fault("fail", 0, 1)))
    scenario = perform(greeted, cast, hello=m.Hello(greet=True, audio=m.HelloAudio(aec=True)))
    assert scenario.avatar.heard(1) == SORRY
    assert scenario.avatar.heard(2) == f"One two three. {SORRY}"
    assert gate.requests[-1].occasion == "user"
    assert len(gate.requests) == 1  # nobody has said anything before a greeting


def test_a_reply_begun_ahead_is_judged_in_silence_and_flagged_only_when_it_is_asked_for() -> None:
    flagged: list[tuple[int, str]] = []

    def plays(final: str) -> Screenplay:
        async def play(scenario: Scenario) -> None:
            scenario.speak(1.0, 2.0)
            await scenario.at(10.0)

        return play

    def note(session: str, turn: int, flag: Flag) -> None:
        flagged.append((turn, flag.text))

    def answer(request: Request) -> str:
        return REPLY if request.history[-1].text.startswith("what is a comet") else "It is late."

    for final, outcome, heard in (
        ("What is a comet?", "used", f"One two three. {SORRY}"),
        ("What is a comet made of then", "used", f"One two three. {SORRY}"),
        ("What time is it?", "withdrawn", "It is late."),
    ):
        flagged.clear()
        ear = Ear(([(0.8, "what is"), (1.37, "what is a comet")], final))
        cast = gated(ScriptedGate({"bomb": BLOCK}), dialogue=replies_by(answer), stt=ear, review=note)
        scenario = perform(plays(final), cast, mic=True)
        assert scenario.avatar.heard(1) == heard, asked(scenario)
        assert outcome in speculations(scenario)
        assert flagged == ([(1, "Now the bomb goes off.")] if SORRY in heard else [])
        assert "bomb" not in seen(scenario)


def replies_by(answer: Callable[[Request], str]) -> ScriptedDialogue:
    return ScriptedDialogue(lambda request: answer(lowered(request)), first=0.3)


def lowered(request: Request) -> Request:
    last = request.history[-1]
    return replace(request, history=(*request.history[:-1], Message(last.role, last.text.lower())))


def test_barge_in_into_what_stands_in_leaves_in_history_what_was_heard() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 1.8)
        scenario.speak(4.2, 5.6)
        await scenario.at(15.0)

    instead = "I had better leave it there and think of something else for us to do today."
    gate = ScriptedGate({"bomb": Verdict("block", "bad", instead=instead)})
    scenario = perform(play, gated(gate, stt=listening("hello", "stop it")), mic=True)
    assert scenario.avatar.turns[1].cut is not None
    kept = next(text for who, text in history(scenario) if who == "companion")
    assert f"One two three. {instead}".startswith(kept)
    assert "One two three. I had" in kept
    assert kept != f"One two three. {instead}"
    assert "bomb" not in seen(scenario)


def test_a_client_that_resumes_gets_what_was_said_instead() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(1.0)
        scenario.type("tell me")
        await scenario.at(1.3)
        scenario.cut()
        await scenario.at(4.0)
        scenario.connect(seq=scenario.avatar.seq)
        await scenario.at(12.0)

    scenario = perform(play, gated(ScriptedGate({"bomb": BLOCK})))
    assert scenario.avatar.heard(1) == f"One two three. {SORRY}"
    assert "bomb" not in seen(scenario)
    assert scenario.avatar.faults == []


def test_a_tool_is_told_nothing_that_may_not_be_said() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        await scenario.at(1.0)
        scenario.type("open it")
        await scenario.at(10.0)

    for arguments, told, category in (
        ({"sign": "a bomb"}, False, "bad"),
        ({"sign": "x" * 5000}, False, "too_long"),
        ({"sign": "welcome"}, True, ""),
    ):
        dialogue = ScriptedDialogue(("One. Two",), tools=(ToolUse(1, "open_door", arguments),))
        scenario = perform(play, gated(ScriptedGate({"bomb": BLOCK}), dialogue=dialogue))
        assert any(isinstance(message, m.ToolCall) for _, message in scenario.avatar.messages) == told
        assert ("withheld" in scenario.avatar.heard(1)) != told
        assert judged(scenario) == ({("scripted", "tool", "block", category): 1.0} if category else {})


# ---------------------------------------------------------------------------------------- what the user says


def test_what_a_gate_says_to_the_user_is_the_whole_answer_and_no_dialogue_is_asked() -> None:
    gate = ScriptedGate(heard={"tell me": Verdict("block", "crisis", instead="I am here. You matter.")})
    scenario = perform(typed, gated(gate))
    assert scenario.avatar.heard(1) == "I am here. You matter."
    assert scenario.avatar.turns[1].reason == "complete"
    assert asked(scenario) == ["and now"]
    assert ("companion", "I am here. You matter.") in history(scenario)
    assert judged(scenario) == {("scripted", "user", "block", "crisis"): 1.0}


def test_a_wish_of_a_gate_reaches_the_dialogue_of_this_reply_alone() -> None:
    gate = ScriptedGate(heard={"tell me": Verdict("soften", "sad", instead="Be gentle.")})
    both = ScriptedGate(heard={"tell me": Verdict("soften", "sad", instead="Be brief.")})
    scenario = perform(typed, gated(gate, both))
    assert [request.guidance for request in scenario.cast.dialogue.requests] == ["Be gentle. Be brief.", ""]
    assert gate.lines[0].request.guidance == "Be gentle. Be brief."


def test_what_is_answered_by_a_gate_is_answered_so_when_it_was_begun_ahead() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(8.0)

    gate = ScriptedGate(heard={"comet": Verdict("block", "crisis", instead="I am here.")})
    ear = Ear(([(0.8, "what is"), (1.37, "what is a comet")], "what is a comet"))
    scenario = perform(play, gated(gate, stt=ear), mic=True)
    assert scenario.avatar.heard(1) == "I am here."
    assert speculations(scenario)["used"] == 1
    assert asked(scenario) in ([], ["what is"])
