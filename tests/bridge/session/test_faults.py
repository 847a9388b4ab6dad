"""Engines that fail, hang, die or crash: the turn fails, the session lives; a crash ends its session and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

import pytest

from bridge.session.companion import Rules
from bridge.session.patience import Limits
from bridge.setup.regrets import regrets
from engines.api import EngineError, Phrase, Speech, Stream, Transcript, Voice
from engines.jobs import VadStream
from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.engines import Fault, ScriptedDialogue, ScriptedFace, ScriptedStt, ScriptedTts, ScriptedVad
from tests.bridge.scenario import Cast, Scenario, history, perform, replies

Kind: TypeAlias = Literal["fail", "die", "crash", "hang"]
LONG = "One two three. Four five six. Seven eight nine."
RULES = Rules(limits=Limits(first_word=3.0, stall=2.0, speech=2.0))


def cast(job: str, fault: Fault) -> Cast:
    faults = {job: fault}
    return Cast(
        ScriptedDialogue((LONG, "Again."), fault=faults.get("dialogue")),
        ScriptedTts(ms_per_word=200, fault=faults.get("tts")),
        ScriptedStt(("hello", "again"), fault=faults.get("stt")),
        ScriptedVad(),
        ScriptedFace(fault=faults.get("face")),
    )


async def two_questions(scenario: Scenario) -> None:
    scenario.speak(1.0, 2.0)
    scenario.speak(20.0, 21.0)
    await scenario.at(40.0)


async def two_typed(scenario: Scenario) -> None:
    """Nothing is begun ahead of what is typed: the first fault is that of the first reply."""
    await scenario.at(1.0)
    scenario.type("hello")
    await scenario.at(20.0)
    scenario.type("again")
    await scenario.at(40.0)


# When a reply's engine strikes at its second item, the first sentence has been heard.
@pytest.mark.parametrize("kind", ["fail", "die"])
@pytest.mark.parametrize(
    ("job", "at"), [("dialogue", 0), ("dialogue", 4), ("tts", 0), ("tts", 1), ("face", 0), ("face", 1)]
)
def test_a_failing_engine_ends_the_reply_and_the_next_one_works(job: str, at: int, kind: Kind) -> None:
    # A synthesizer that fails before its first sound is asked once more.
    times = 2 if (job, at) == ("tts", 0) else 1
    scenario = perform(two_typed, cast(job, Fault(kind, at, times)), rules=RULES)
    avatar = scenario.avatar
    assert scenario.crash is None
    assert avatar.errors() == [f"{job}_failed"]
    assert next(x for _, x in avatar.messages if isinstance(x, m.Error)).turn == 1
    assert avatar.turns[1].reason == "failed"
    assert avatar.heard(1) == ("" if at == 0 else "One two three.")
    assert avatar.turns[1].text == avatar.heard(1)
    assert avatar.heard(2) == "Again."
    assert avatar.faults == []
    assert avatar.states()[-1] == "idle"
    assert ("companion", "One two three.") in history(scenario) or at == 0
    assert f'companion_engine_failures_total{{code="{job}_failed"}} 1.0'.encode() in scenario.metrics.text()


@pytest.mark.parametrize(
    ("job", "at", "silent"), [("dialogue", 0, 3.0), ("dialogue", 4, 2.0), ("tts", 0, 2.0), ("tts", 1, 2.0)]
)
def test_a_hanging_engine_is_given_up(job: str, at: int, silent: float) -> None:
    scenario = perform(two_typed, cast(job, Fault("hang", at)), rules=RULES)
    avatar = scenario.avatar
    assert avatar.errors() == [f"{job}_failed"]
    (told,) = [when for when, x in avatar.messages if isinstance(x, m.Error)]
    assert silent - 0.1 <= told - avatar.turns[1].begun_at <= silent + 1.1
    assert avatar.heard(1) == ("" if at == 0 else "One two three.")
    assert avatar.heard(2) == "Again."
    assert avatar.faults == []


@pytest.mark.parametrize(("at", "silent", "before"), [(0, 3.0, ""), (4, 2.0, "One two three. Four... ")])
def test_a_mind_that_hangs_is_apologised_for_once_in_its_language(at: int, silent: float, before: str) -> None:
    sorry = regrets("de-DE")[0]
    actors = replace(cast("dialogue", Fault("hang", at)), sorry=sorry)
    scenario = perform(two_typed, actors, rules=RULES)
    avatar = scenario.avatar
    assert avatar.heard(1) == before + sorry
    assert avatar.turns[1].text == avatar.heard(1)
    assert avatar.turns[1].reason == "failed"
    assert avatar.errors() == ["dialogue_failed"]
    (told,) = [when for when, x in avatar.messages if isinstance(x, m.Error)]
    assert silent - 0.1 <= told - avatar.turns[1].begun_at <= silent + 1.1
    assert avatar.heard(2) == "Again."
    assert [text for who, text in history(scenario) if who == "companion"] == [avatar.heard(1)]
    assert avatar.faults == []
    assert avatar.states()[-1] == "idle"


def test_a_script_stands_in_for_a_mind_that_hangs_before_its_first_word() -> None:
    actors = replace(
        cast("dialogue", Fault("hang")), understudy=replies("From my script."), sorry="Sorry.", away="Alas."
    )
    avatar = perform(two_typed, actors, rules=RULES).avatar
    assert avatar.heard(1) == "Alas. From my script."
    assert avatar.turns[1].reason == "complete"
    assert avatar.errors() == ["dialogue_failed"]
    assert avatar.heard(2) == "Again."


def test_a_script_that_hangs_as_well_ends_the_turn() -> None:
    actors = replace(
        cast("dialogue", Fault("hang")), understudy=ScriptedDialogue(("Words.",), fault=Fault("hang")), away="Alas."
    )
    avatar = perform(two_typed, actors, rules=RULES).avatar
    assert avatar.turns[1].reason == "failed"
    assert avatar.heard(2) == "Again."


def test_a_mind_that_is_slow_but_never_silent_for_too_long_is_waited_for() -> None:
    slow = Cast(ScriptedDialogue((LONG,), first=2.9, every=1.9), ScriptedTts(ms_per_word=200), sorry="Sorry.")

    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(60.0)

    avatar = perform(play, slow, rules=RULES).avatar
    assert avatar.heard(1) == LONG
    assert avatar.errors() == []


def test_a_hanging_face_is_given_up_too() -> None:
    scenario = perform(two_typed, cast("face", Fault("hang")), rules=RULES)
    assert len(scenario.avatar.errors()) == 1
    assert scenario.avatar.turns[1].reason == "failed"
    assert scenario.avatar.heard(2) == "Again."


@pytest.mark.parametrize("kind", ["fail", "die"])
@pytest.mark.parametrize("at", [0, 20])
def test_a_failing_recogniser_loses_one_utterance_only(kind: Kind, at: int) -> None:
    scenario = perform(two_questions, cast("stt", Fault(kind, at)), mic=True, rules=RULES)
    avatar = scenario.avatar
    assert avatar.errors() == ["stt_failed"]
    assert avatar.transcripts() == ["again"]
    assert history(scenario) == [("user", "again")]
    assert avatar.states()[:2] == ["listening", "idle"]
    assert avatar.states()[-1] == "idle"


def test_a_hanging_recogniser_is_given_up() -> None:
    scenario = perform(two_questions, cast("stt", Fault("hang", 20)), mic=True, rules=RULES)
    avatar = scenario.avatar
    idle = next(at for at, x in avatar.messages if isinstance(x, m.StateChange) and x.state == "idle")
    assert idle == pytest.approx(2.3 + RULES.limits.transcript, abs=0.1)
    assert avatar.errors() == ["stt_slow", "stt_failed"]
    assert history(scenario) == [("user", "again")]


def test_a_third_utterance_too_many_is_refused_not_queued() -> None:
    async def play(scenario: Scenario) -> None:
        for i in range(5):
            scenario.speak(1.0 + i, 1.3 + i)
        await scenario.at(20.0)

    stt = ScriptedStt(("hello",), fault=Fault("hang", 5, times=5))
    scenario = perform(play, Cast(stt=stt), mic=True)
    assert scenario.avatar.errors().count("stt_failed") == 5
    assert stt.streams == 3


@pytest.mark.parametrize("kind", ["fail", "die", "crash"])
def test_a_synthesizer_that_fails_before_its_first_sound_is_asked_once_more(kind: Kind) -> None:
    """And gets all that the dialogue has said."""
    actors = replace(cast("tts", Fault(kind)), dialogue=ScriptedDialogue((LONG, "Again."), every=0.05))
    avatar = perform(two_typed, actors, rules=RULES).avatar
    assert avatar.errors() == []
    assert avatar.heard(1) == LONG
    assert avatar.turns[1].reason == "complete"
    assert actors.tts.streams == 3


def test_a_synthesizer_that_fails_over_and_over_is_told_after_the_second_time() -> None:
    actors = cast("tts", Fault("die", times=9))
    avatar = perform(two_typed, actors, rules=RULES).avatar
    assert avatar.errors() == ["tts_failed", "tts_failed"]
    assert actors.tts.streams == 4


@pytest.mark.parametrize(("job", "at"), [("dialogue", 0), ("dialogue", 4), ("tts", 1), ("face", 0), ("face", 1)])
def test_a_bug_of_an_engine_fails_the_turn_and_not_the_session(job: str, at: int) -> None:
    scenario = perform(two_typed, cast(job, Fault("crash", at)), rules=RULES)
    avatar = scenario.avatar
    assert scenario.crash is None
    assert avatar.errors() == [f"{job}_failed"]
    assert avatar.turns[1].reason == "failed"
    assert avatar.heard(2) == "Again."
    assert list(scenario.cast.dialogue.forgotten) == ["s-1"]


def test_a_bug_of_the_recogniser_loses_one_utterance_only() -> None:
    avatar = perform(two_questions, cast("stt", Fault("crash", 20)), mic=True, rules=RULES).avatar
    assert avatar.errors() == ["stt_failed"]
    assert avatar.transcripts() == ["again"]


def test_a_bug_of_the_bridge_ends_the_session_loudly() -> None:
    def clock() -> datetime:
        raise RuntimeError("a bug")

    scenario = perform(two_questions, Cast(), mic=True, rules=RULES, clock=clock)
    assert scenario.crash is not None
    assert scenario.session.over
    assert "a bug" in str(scenario.crash.exceptions[0])
    assert list(scenario.cast.dialogue.forgotten) == ["s-1"]


def test_a_stalled_recogniser_is_told_within_five_seconds_of_the_last_word_and_given_up_later() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(14.0)

    avatar = perform(play, cast("stt", Fault("hang", 20)), mic=True).avatar
    assert avatar.errors() == ["stt_slow", "stt_failed"]
    told, lost = (at for at, x in avatar.messages if isinstance(x, m.Error))
    assert 2.0 < told <= 7.0
    assert lost == pytest.approx(2.3 + RULES.limits.transcript, abs=0.1)


def test_a_slow_recogniser_is_told_and_its_words_are_answered() -> None:
    avatar = perform(two_questions, Cast(stt=ScriptedStt(("hello",), delay=6.0)), mic=True).avatar
    assert avatar.errors() == ["stt_slow", "stt_slow"]
    assert avatar.transcripts() == ["hello", "hello"]
    assert avatar.heard(2) == "One two three four."


def test_a_hanging_synthesizer_is_told_within_a_few_seconds() -> None:
    avatar = perform(two_typed, cast("tts", Fault("hang"))).avatar
    (told,) = [at for at, x in avatar.messages if isinstance(x, m.Error)]
    assert 1.0 < told <= 6.5
    assert avatar.errors() == ["tts_failed"]
    assert avatar.heard(2) == "Again."


def test_a_recogniser_without_a_final_is_told() -> None:
    class Partial(ScriptedStt):
        async def transcribe(
            self, audio: Stream[bytes], language: str, names: Sequence[str] = ()
        ) -> Stream[Transcript]:
            async with aclosing(audio):
                async for _ in audio:
                    pass
            yield Transcript("hel", final=False)

    avatar = perform(two_questions, Cast(stt=Partial()), mic=True).avatar
    assert avatar.errors() == ["stt_failed", "stt_failed"]
    assert avatar.states()[-1] == "idle"


@dataclass(slots=True)
class BrokenVadStream:
    left: int

    def probability(self, window: bytes) -> float:
        self.left -= 1
        if not self.left:
            raise EngineError("vad_failed", "the model is gone")
        return 0.0

    def reset(self) -> None:
        pass


@dataclass
class BrokenVad(ScriptedVad):
    """Fails at its tenth window."""

    opened: list[BrokenVadStream] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def open(self) -> VadStream:
        self.opened.append(BrokenVadStream(10))
        return self.opened[-1]


def test_a_failing_voice_detection_costs_the_ears_not_the_session() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(2.0)
        scenario.type("hello")
        await scenario.at(5.0)

    scenario = perform(play, Cast(vad=BrokenVad()), mic=True)
    assert scenario.crash is None
    assert "stt_failed" in scenario.avatar.errors()
    assert scenario.avatar.heard(1) == "One two three four."


def test_a_reply_is_not_made_far_ahead_of_its_hearing() -> None:
    made = 0.0

    class Counting(ScriptedTts):
        async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
            nonlocal made
            async for piece in super().speak(phrases, voice):
                made += piece.samples / piece.rate
                yield piece

    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(2.0)
        assert made <= 10.0 + 2.0 + 5.0
        await scenario.at(130.0)

    scenario = perform(play, Cast(ScriptedDialogue(("One two three four five. " * 120,)), Counting(ms_per_word=200)))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.turns[1].over_at == pytest.approx(120.0, abs=1.0)


def test_a_cancelled_reply_closes_its_engines_at_once() -> None:
    closed: list[float] = []

    class Closing(ScriptedTts):
        async def speak(self, phrases, voice):  # type: ignore[no-untyped-def]  # as in the base class
            try:
                async for piece in super().speak(phrases, voice):
                    yield piece
            finally:
                closed.append(asyncio.get_running_loop().time())

    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(1.0)
        scenario.say(m.Interrupt())
        await scenario.at(1.1)

    perform(play, Cast(ScriptedDialogue((LONG * 20,), every=0.1), Closing(ms_per_word=200, pace=1.0)))
    assert closed == [1.0]
