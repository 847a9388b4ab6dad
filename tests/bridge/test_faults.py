"""Engines that fail, hang, die or crash: the turn fails, the session lives; a crash ends its session and says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from bridge.companion import Rules
from bridge.core.timeline import MEDIA_RATE
from bridge.patience import Limits
from bridge.regrets import regrets
from engines.api import EngineError
from engines.jobs import VadStream
from engines.scripted import Fault, ScriptedDialogue, ScriptedFace, ScriptedStt, ScriptedTts, ScriptedVad
from protocol import messages as m
from tests.bridge.stage import Cast, Stage, history, perform, replies
from tests.judge import troubles

LONG = "One two three. Four five six. Seven eight nine."
RULES = Rules(limits=Limits(first_word=3.0, stall=2.0))


def cast(job: str, fault: Fault) -> Cast:
    faults = {job: fault}
    return Cast(
        ScriptedDialogue((LONG, "Again."), fault=faults.get("dialogue")),
        ScriptedTts(ms_per_word=200, fault=faults.get("tts")),
        ScriptedStt(("hello", "again"), fault=faults.get("stt")),
        ScriptedVad(),
        ScriptedFace(fault=faults.get("face")),
    )


async def two_questions(stage: Stage) -> None:
    stage.speak(1.0, 2.0)
    stage.speak(20.0, 21.0)
    await stage.at(40.0)


# When a reply's engine strikes at its second item, the first sentence has been heard.
@pytest.mark.parametrize("kind", ["fail", "die"])
@pytest.mark.parametrize(
    ("job", "at"), [("dialogue", 0), ("dialogue", 4), ("tts", 0), ("tts", 1), ("face", 0), ("face", 1)]
)
def test_a_failing_engine_ends_the_reply_and_the_next_one_works(job: str, at: int, kind: str) -> None:
    stage = perform(two_questions, cast(job, Fault(kind, at)), mic=True, rules=RULES)  # type: ignore[arg-type]  # a literal
    avatar = stage.avatar
    assert stage.crash is None
    assert avatar.errors() == [f"{job}_failed"]
    assert next(x for _, x in avatar.messages if isinstance(x, m.Error)).turn == 1
    assert avatar.turns[1].reason == "failed"
    assert avatar.heard(1) == ("" if at == 0 else "One two three.")
    assert avatar.turns[1].text == avatar.heard(1)
    assert avatar.heard(2) == "Again."
    assert avatar.faults == []
    assert avatar.states()[-1] == "idle"
    assert ("companion", "One two three.") in history(stage) or at == 0
    assert f'companion_engine_failures_total{{code="{job}_failed"}} 1.0'.encode() in stage.metrics.text()


@pytest.mark.parametrize(
    ("job", "at", "silent"), [("dialogue", 0, 3.0), ("dialogue", 4, 2.0), ("tts", 0, 2.0), ("tts", 1, 2.0)]
)
def test_a_hanging_engine_is_given_up(job: str, at: int, silent: float) -> None:
    stage = perform(two_questions, cast(job, Fault("hang", at)), mic=True, rules=RULES)
    avatar = stage.avatar
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
    stage = perform(two_questions, actors, mic=True, rules=RULES)
    avatar = stage.avatar
    assert avatar.heard(1) == before + sorry
    assert avatar.turns[1].text == avatar.heard(1)
    assert avatar.turns[1].reason == "failed"
    assert avatar.errors() == ["dialogue_failed"]
    (told,) = [when for when, x in avatar.messages if isinstance(x, m.Error)]
    assert silent - 0.1 <= told - avatar.turns[1].begun_at <= silent + 1.1
    assert avatar.heard(2) == "Again."
    assert [text for who, text in history(stage) if who == "companion"] == [avatar.heard(1)]
    assert avatar.faults == []
    assert avatar.states()[-1] == "idle"


def test_a_script_stands_in_for_a_mind_that_hangs_before_its_first_word() -> None:
    actors = replace(
        cast("dialogue", Fault("hang")), understudy=replies("From my script."), sorry="Sorry.", away="Alas."
    )
    avatar = perform(two_questions, actors, mic=True, rules=RULES).avatar
    assert avatar.heard(1) == "Alas. From my script."
    assert avatar.turns[1].reason == "complete"
    assert avatar.errors() == ["dialogue_failed"]
    assert avatar.heard(2) == "Again."


def test_a_script_that_hangs_as_well_ends_the_turn() -> None:
    actors = replace(
        cast("dialogue", Fault("hang")), understudy=ScriptedDialogue(("Words.",), fault=Fault("hang")), away="Alas."
    )
    avatar = perform(two_questions, actors, mic=True, rules=RULES).avatar
    assert avatar.turns[1].reason == "failed"
    assert avatar.heard(2) == "Again."


def test_a_mind_that_is_slow_but_never_silent_for_too_long_is_waited_for() -> None:
    slow = Cast(ScriptedDialogue((LONG,), first=2.9, every=1.9), ScriptedTts(ms_per_word=200), sorry="Sorry.")

    async def play(stage: Stage) -> None:
        stage.type("hello")
        await stage.at(60.0)

    avatar = perform(play, slow, rules=RULES).avatar
    assert avatar.heard(1) == LONG
    assert avatar.errors() == []


def test_a_hanging_face_is_given_up_too() -> None:
    stage = perform(two_questions, cast("face", Fault("hang")), mic=True, rules=RULES)
    assert len(stage.avatar.errors()) == 1
    assert stage.avatar.turns[1].reason == "failed"
    assert stage.avatar.heard(2) == "Again."


@pytest.mark.parametrize("kind", ["fail", "die"])
@pytest.mark.parametrize("at", [0, 20])
def test_a_failing_recogniser_loses_one_utterance_only(kind: str, at: int) -> None:
    stage = perform(two_questions, cast("stt", Fault(kind, at)), mic=True, rules=RULES)  # type: ignore[arg-type]  # a literal
    avatar = stage.avatar
    assert avatar.errors() == ["stt_failed"]
    assert avatar.transcripts() == ["again"]
    assert history(stage) == [("user", "again")]
    assert avatar.states()[:2] == ["listening", "idle"]
    assert avatar.states()[-1] == "idle"


def test_a_hanging_recogniser_is_given_up() -> None:
    stage = perform(two_questions, cast("stt", Fault("hang", 20)), mic=True, rules=RULES)
    avatar = stage.avatar
    idle = next(at for at, x in avatar.messages if isinstance(x, m.StateChange) and x.state == "idle")
    assert idle == pytest.approx(2.3 + RULES.policy.transcript_wait, abs=0.1)
    assert avatar.errors() == ["stt_failed"]
    assert history(stage) == [("user", "again")]


def test_a_third_utterance_too_many_is_refused_not_queued() -> None:
    async def play(stage: Stage) -> None:
        for i in range(5):
            stage.speak(1.0 + i, 1.3 + i)
        await stage.at(20.0)

    stt = ScriptedStt(("hello",), fault=Fault("hang", 5, times=5))
    stage = perform(play, Cast(stt=stt), mic=True)
    assert stage.avatar.errors().count("stt_failed") == 5
    assert stt.streams == 3


@pytest.mark.parametrize("job", ["dialogue", "tts", "face", "stt"])
def test_a_crash_ends_the_session_loudly(job: str) -> None:
    stage = perform(two_questions, cast(job, Fault("crash")), mic=True, rules=RULES)
    assert stage.crash is not None
    assert stage.session.over
    assert "bug" in str(stage.crash.exceptions[0])
    assert list(stage.cast.dialogue.forgotten) == ["s-1"]


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
    async def play(stage: Stage) -> None:
        await stage.at(2.0)
        stage.type("hello")
        await stage.at(5.0)

    stage = perform(play, Cast(vad=BrokenVad()), mic=True)
    assert stage.crash is None
    assert "stt_failed" in stage.avatar.errors()
    assert stage.avatar.heard(1) == "One two three four."


def test_a_reply_is_not_made_far_ahead_of_its_hearing() -> None:
    async def play(stage: Stage) -> None:
        stage.type("hello")
        await stage.at(2.0)
        made = stage.session._speaking._playing.pacer.end  # type: ignore[union-attr]  # it is playing
        assert made / MEDIA_RATE <= 10.0 + 2.0 + 5.0
        await stage.at(130.0)

    stage = perform(play, Cast(ScriptedDialogue(("One two three four five. " * 120,)), ScriptedTts(ms_per_word=200)))
    assert troubles(stage.avatar) == []
    assert stage.avatar.turns[1].over_at == pytest.approx(120.0, abs=1.0)


def test_a_cancelled_reply_closes_its_engines_at_once() -> None:
    closed: list[float] = []

    class Closing(ScriptedTts):
        async def speak(self, phrases, voice):  # type: ignore[no-untyped-def]  # as in the base class
            try:
                async for piece in super().speak(phrases, voice):
                    yield piece
            finally:
                closed.append(asyncio.get_running_loop().time())

    async def play(stage: Stage) -> None:
        stage.type("hello")
        await stage.at(1.0)
        stage.say(m.Interrupt())
        await stage.at(1.1)

    perform(play, Cast(ScriptedDialogue((LONG * 20,), every=0.1), Closing(ms_per_word=200, pace=1.0)))
    assert closed == [1.0]
