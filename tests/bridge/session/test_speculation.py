"""Answers begun before the user's turn is over: what is won, and that nothing of the lost ones is ever noticed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest

from bridge.core.turn_policy import Policy
from bridge.session.companion import Rules
from engines.api import FaceBlock, FaceStyle, Request, Speech, Stream, Transcript
from protocol import messages as m
from testkit.avatar import Avatar
from testkit.judge import troubles
from testkit.scripted.engines import Fault, ScriptedDialogue, ScriptedFace, ScriptedStt, ScriptedTts, ToolUse
from tests.bridge.scenario import LONG, WITH_LIFE, Cast, Scenario, history, perform, replies, trace

AHEAD = Rules()
PLAIN = Rules(policy=Policy(tries=0))
DOOR = m.Tools(tools=(m.ToolSpec(name="open_door", description="Opens a door.", parameters={"type": "object"}),))


class Ear(ScriptedStt):
    """Each utterance's partials at given amounts of audio, in seconds, and `delay` after its end the final words."""

    def __init__(self, *utterances: tuple[list[tuple[float, str]], str], delay: float = 0.1) -> None:
        super().__init__()
        self._utterances, self._late = utterances, delay

    async def transcribe(self, audio: Stream[bytes], language: str, names: Sequence[str] = ()) -> Stream[Transcript]:
        partials, final = self._utterances[self.streams % len(self._utterances)]
        self.begin()
        waiting, size = deque(partials), 0
        async with aclosing(audio):
            async for data in audio:
                size += len(data)
                while waiting and size / 32_000 >= waiting[0][0]:
                    yield Transcript(waiting.popleft()[1], final=False)
        await asyncio.sleep(self._late)
        yield Transcript(final, final=True)


def speculations(scenario: Scenario) -> dict[str, float]:
    """How many speculations ended how."""
    lines = scenario.metrics.text().decode().splitlines()
    counts = [line.split() for line in lines if line.startswith("companion_speculations_total")]
    return {name.split('"')[1]: float(count) for name, count in counts if float(count)}


def asked(scenario: Scenario) -> list[str]:
    """What the dialogue was asked, in order."""
    return [request.history[-1].text for request in scenario.cast.dialogue.requests]


def one_question(rules: Rules, *, partials: list[tuple[float, str]], final: str, first: float = 0.4) -> Scenario:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(6.0)

    return perform(play, Cast(replies("Well now.", first=first), stt=Ear((partials, final))), rules=rules, mic=True)


# -------------------------------------------------------------------------------------------------- what is won


def test_an_answer_to_a_stable_partial_is_there_when_the_turn_is_over() -> None:
    known = [(0.8, "what is"), (1.37, "what is a comet")]
    plain, ahead = (
        one_question(rules, partials=known, final="What is a comet?", first=0.3) for rules in (PLAIN, AHEAD)
    )
    assert plain.avatar.turns[1].sound_at == pytest.approx(2.0 + 0.3 + 0.25 + 0.3, abs=0.03)
    assert ahead.avatar.turns[1].sound_at == pytest.approx(2.0 + 0.3 + 0.25, abs=0.05)
    assert asked(ahead) == ["what is a comet"]
    assert speculations(ahead) == {"used": 1}
    for scenario in (plain, ahead):
        assert troubles(scenario.avatar) == []
        assert scenario.avatar.heard(1) == "Well now."
        assert scenario.avatar.states() == ["listening", "thinking", "speaking", "idle"]


def test_without_partials_the_wait_for_more_is_used() -> None:
    plain, ahead = (one_question(rules, partials=[], final="what is a comet") for rules in (PLAIN, AHEAD))
    won = (plain.avatar.turns[1].sound_at or 0) - (ahead.avatar.turns[1].sound_at or 0)
    assert won == pytest.approx(0.15, abs=0.03)  # from the words to the end of the wait
    assert speculations(ahead) == {"used": 1}


def test_a_client_cannot_tell_whether_an_answer_was_begun_ahead() -> None:
    """But for when it comes."""

    def shape(scenario: Scenario) -> list[str]:
        return [line.split(" ", 1)[1] for line in trace(scenario.avatar) if "TranscriptText" not in line]

    known = [(1.37, "what is a comet")]
    plain, ahead, wrong = (
        one_question(rules, partials=partials, final="What is a comet?")
        for rules, partials in ((PLAIN, known), (AHEAD, known), (AHEAD, [(1.37, "what is a comment")]))
    )
    assert shape(ahead) == shape(plain) == shape(wrong)


def test_history_holds_the_final_words() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(6.0)
        scenario.type("and now")
        await scenario.at(9.0)

    cast = Cast(replies("Well now.", first=0.4), stt=Ear(([(1.37, "what is a comet")], "What is a comet?")))
    scenario = perform(play, cast, rules=AHEAD, mic=True)
    assert history(scenario) == [("user", "What is a comet?"), ("companion", "Well now."), ("user", "and now")]


# ------------------------------------------------------------------------------------------------ what is withdrawn


def test_other_words_in_the_end_get_another_answer() -> None:
    scenario = one_question(AHEAD, partials=[(1.37, "what is a comment")], final="what is a comet")
    assert troubles(scenario.avatar) == []
    assert list(scenario.avatar.turns) == [1]
    assert asked(scenario) == ["what is a comment", "what is a comet"]
    assert speculations(scenario) == {"withdrawn": 1, "used": 1}
    assert scenario.avatar.turns[1].sound_at == pytest.approx(2.0 + 0.3 + 0.1 + 0.4, abs=0.05)


def test_who_goes_on_after_a_pause_is_not_answered_early() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        scenario.speak(2.28, 3.0)
        await scenario.at(8.0)

    known = [(1.37, "what is a comet"), (2.37, "what is a comet made of")]
    cast = Cast(replies("Well now.", first=0.3), stt=Ear((known, "what is a comet made of")))
    scenario = perform(play, cast, rules=AHEAD, mic=True)
    assert troubles(scenario.avatar) == []
    assert asked(scenario) == ["what is a comet", "what is a comet made of"]
    assert list(scenario.avatar.turns) == [1]
    assert scenario.avatar.turns[1].sound_at == pytest.approx(3.0 + 0.3 + 0.25, abs=0.06)
    assert speculations(scenario) == {"withdrawn": 1, "used": 1}


def test_tries_are_bounded() -> None:
    async def play(scenario: Scenario) -> None:
        for number in range(6):
            scenario.speak(1.0 + number * 0.65, 1.4 + number * 0.65)
        await scenario.at(9.0)

    known = [(0.74 + 0.65 * number, " ".join(["word"] * (number + 1))) for number in range(6)]
    scenario = perform(play, Cast(replies("Yes."), stt=Ear((known, "word " * 6))), rules=AHEAD, mic=True)
    assert asked(scenario) == ["word", "word word", "word word word word word word"]
    assert scenario.avatar.heard(1) == "Yes."


def test_typed_text_takes_the_floor_from_what_was_begun() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(2.35)
        assert asked(scenario) == ["what is a comet"]
        scenario.type("stop that")
        await scenario.at(6.0)

    scenario = perform(
        play, Cast(replies("No.", "Yes."), stt=Ear(([(1.37, "what is a comet")], "what"))), rules=AHEAD, mic=True
    )
    assert troubles(scenario.avatar) == []
    assert list(scenario.avatar.turns) == [1]
    assert scenario.avatar.heard(1) == "Yes."
    assert history(scenario) == [("user", "stop that")]
    assert speculations(scenario) == {"withdrawn": 1}


def test_an_answer_that_nobody_comes_for_is_not_kept() -> None:
    rules = Rules(policy=Policy(tries=1, hold_for=0.5))

    async def play(scenario: Scenario) -> None:
        scenario.say(m.Talk(on=True, pts=0))
        await scenario.at(1.0)
        scenario.say(m.Talk(on=False, pts=0))
        await scenario.at(5.0)

    cast = Cast(replies("Well."), stt=Ear(([(0.5, "hello")], "hello"), delay=2.0))
    scenario = perform(play, cast, rules=rules, mic=True)
    assert speculations(scenario) == {"withdrawn": 1}
    assert asked(scenario) == ["hello", "hello"]
    assert scenario.avatar.heard(1) == "Well."


def test_a_changed_scene_makes_it_outdated() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(2.4)
        scenario.say(m.Context(states={"door": "open"}, respond="silent"))
        await scenario.at(6.0)

    cast = Cast(replies("Well."), stt=Ear(([(1.37, "is the door open")], "is the door open")))
    scenario = perform(play, cast, rules=AHEAD, mic=True)
    assert speculations(scenario) == {"outdated": 1}
    assert [dict(request.scene) for request in scenario.cast.dialogue.requests] == [{}, {"door": "open"}]
    assert scenario.avatar.heard(1) == "Well."
    assert troubles(scenario.avatar) == []


# ------------------------------------------------------------------------------------------------------- tools


def test_a_tool_waits_until_the_turn_is_over() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        scenario.speak(1.0, 2.0)
        await scenario.at(2.5)
        assert asked(scenario) == ["open the door"]
        assert scenario.avatar.tool_calls() == []
        await scenario.at(2.7)
        (call,) = scenario.avatar.tool_calls()
        assert call.turn == 1
        scenario.say(m.ToolAnswer(call=call.call, value="it is open"))
        await scenario.at(6.0)

    use = ToolUse(0, "open_door")
    cast = Cast(ScriptedDialogue(("Done.",), tools=(use,)), stt=Ear(([(1.37, "open the door")], "open the door")))
    scenario = perform(play, cast, rules=AHEAD, mic=True)
    assert scenario.avatar.heard(1) == "it is open Done."
    assert speculations(scenario) == {"used": 1}
    assert scenario.avatar.errors() == []


def test_a_tool_is_not_called_for_words_that_were_not_said() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(DOOR)
        scenario.speak(1.0, 2.0)
        await scenario.at(6.0)

    def say(request: Request) -> str:
        return "Fine."

    cast = Cast(
        ScriptedDialogue(say, tools=(ToolUse(0, "open_door"),)),
        stt=Ear(([(1.37, "open the door")], "open the drawer")),
    )
    scenario = perform(play, cast, rules=AHEAD, mic=True)
    assert len(scenario.avatar.tool_calls()) == 1
    assert speculations(scenario) == {"withdrawn": 1, "used": 1}


# ------------------------------------------------------------------------------------------------------ failures


@pytest.mark.parametrize("kind", ["fail", "die"])
def test_a_failure_ahead_is_nobodys_business(kind: str) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(6.0)

    dialogue = ScriptedDialogue(("Well now.",), fault=Fault(kind, times=1))  # type: ignore[arg-type]  # one of its kinds
    scenario = perform(play, Cast(dialogue, stt=Ear(([(1.37, "hello")], "hello"))), rules=AHEAD, mic=True)
    assert scenario.avatar.errors() == []
    assert scenario.avatar.heard(1) == "Well now."
    assert speculations(scenario) == {"failed": 1}


def test_a_mind_that_hangs_ahead_is_found_out_when_it_is_asked_for() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(60.0)

    rules = replace(AHEAD, limits=replace(AHEAD.limits, first_word=3.0))
    dialogue = ScriptedDialogue(("Well now.",), fault=Fault("hang", times=1))
    scenario = perform(play, Cast(dialogue, stt=Ear(([(1.37, "hello")], "hello"))), rules=rules, mic=True)
    assert scenario.avatar.errors() == ["dialogue_failed"]
    assert scenario.avatar.states()[-1] == "idle"


def test_the_time_for_which_it_is_held_is_not_a_stall() -> None:
    rules = replace(AHEAD, limits=replace(AHEAD.limits, stall=0.1), policy=Policy(tries=1, endpoint_after=3.0))

    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(9.0)

    scenario = perform(play, Cast(stt=Ear(([(1.37, "hello")], "hello"))), rules=rules, mic=True)
    assert speculations(scenario) == {"used": 1}
    assert scenario.avatar.errors() == []
    assert scenario.avatar.heard(1) == "One two three four."


# ------------------------------------------------------------------------------------------------ lost connections


def test_a_connection_that_is_lost_meanwhile_misses_nothing() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(2.4)
        scenario.cut()
        await scenario.at(5.0)
        scenario.connect(seq=scenario.avatar.seq)
        await scenario.at(9.0)

    cast = Cast(replies(LONG, first=0.3), stt=Ear(([(1.37, "hello")], "hello")))
    scenario = perform(play, cast, rules=AHEAD, mic=True)
    assert speculations(scenario) == {"used": 1}
    assert scenario.avatar.faults == []
    assert scenario.avatar.heard(1) == LONG


def test_a_session_that_ends_meanwhile_leaves_nothing_running() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(2.4)
        assert asked(scenario) == ["hello"]

    scenario = perform(
        play, Cast(replies(LONG, first=0.3), stt=Ear(([(1.37, "hello")], "hello"))), rules=AHEAD, mic=True
    )
    assert scenario.crash is None
    assert list(scenario.avatar.turns) == []


# --------------------------------------------------------------------------------------------------- face and voice


class Watched(ScriptedFace):
    """Remembers where on the life clock each reply's face began."""

    def __init__(self) -> None:
        super().__init__()
        self.origins: list[int] = []

    def animate(self, speech: Stream[Speech], style: FaceStyle) -> Stream[Speech | FaceBlock]:
        self.origins.append(style.origin)
        return super().animate(speech, style)


def test_the_face_begins_when_it_is_seen_and_not_when_it_was_thought_of() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(6.0)

    face = Watched()
    cast = Cast(replies("Well."), face=face, stt=Ear(([(1.37, "hello")], "hello")))
    scenario = perform(play, cast, hello=WITH_LIFE, rules=AHEAD, mic=True)
    began = scenario.avatar.turns[1].first_at
    assert began is not None
    assert face.origins == [pytest.approx(began * 60, abs=2)]
    assert troubles(scenario.avatar) == []


def test_no_more_than_the_first_piece_is_spoken_ahead() -> None:
    class Counting(ScriptedTts):
        spoken = 0

        async def speak(self, phrases, voice):  # type: ignore[no-untyped-def]  # as that of the class
            async for piece in super().speak(phrases, voice):
                self.spoken += 1
                yield piece

    tts = Counting(ms_per_word=200)

    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(2.5)
        assert tts.spoken == 1
        await scenario.at(9.0)

    cast = Cast(replies("One, two. Three four. Five six."), tts=tts, stt=Ear(([(1.37, "hello")], "hello")))
    scenario = perform(play, cast, rules=AHEAD, mic=True)
    assert tts.spoken > 1
    assert scenario.avatar.heard(1) == "One, two. Three four. Five six."


# --------------------------------------------------------------------------------------------- whole conversations


def test_a_conversation_with_interruptions_is_the_same_only_sooner() -> None:
    def conversation(rules: Rules) -> Scenario:
        async def play(scenario: Scenario) -> None:
            scenario.speak(1.0, 3.0)
            scenario.speak(10.0, 12.0)
            scenario.speak(14.5, 16.5)  # a barge-in
            scenario.speak(24.0, 25.0)
            scenario.speak(26.2, 26.35)  # a murmur
            await scenario.at(40.0)

        stt = Ear(
            ([(1.5, "what is a comet")], "What is a comet?"),
            ([(1.5, "tell me more")], "tell me more"),
            ([(1.0, "no wait")], "No, wait!"),
            ([(0.5, "go on then")], "go on then"),
            ([], "mhm"),
        )
        dialogue = ScriptedDialogue(
            lambda r: f"[happy] You said {len(r.history)} things. {LONG}", first=0.25, every=0.02
        )
        return perform(play, Cast(dialogue, ScriptedTts(ms_per_word=160, delay=0.05), stt), rules=rules, mic=True)

    plain, ahead = conversation(PLAIN), conversation(AHEAD)
    for scenario in (plain, ahead):
        assert troubles(scenario.avatar) == []
    assert ahead.avatar.transcripts() == plain.avatar.transcripts()
    assert ahead.avatar.states() == plain.avatar.states()

    def sounded(avatar: Avatar) -> list[float]:
        return [turn.sound_at or 0.0 for turn in avatar.turns.values()]

    assert len(sounded(ahead.avatar)) == len(sounded(plain.avatar)) == 4
    won = [late - soon for late, soon in zip(sounded(plain.avatar), sounded(ahead.avatar), strict=True)]
    assert min(won) > 0.1
