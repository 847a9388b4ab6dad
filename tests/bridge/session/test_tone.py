"""A judge of the voice in a session: asked in pauses with what was heard, followed, and never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bridge.session.companion import Rules
from bridge.session.tone import KEPT, LOOKS
from engines.api import EngineError
from engines.hearing.endings.engine import WordsEnding
from engines.jobs import Engines
from testkit.judge import troubles
from testkit.scripted.script import Script
from tests.bridge.scenario import LONG, Cast, Scenario, history, perform, played, replies
from tests.bridge.session.test_speculation import Ear


class Voice(Script):
    """Says what `judge` makes of the number of the question, after `delay` seconds."""

    def __init__(self, judge: Callable[[int], float], *, delay: float = 0.015) -> None:
        super().__init__("stt_failed", None)
        self._judge, self._delay = judge, delay
        self.heard: list[tuple[float, bytes]] = []

    async def finished(self, sound: bytes) -> float:
        self.heard.append((asyncio.get_running_loop().time(), sound))
        number = len(self.heard)
        await asyncio.sleep(self._delay)
        return self._judge(number)


class Toned(Cast):
    """A cast with judges of words and voice."""

    def __init__(self, voice: Voice, stt: Ear) -> None:
        super().__init__(dialogue=replies("Well."), stt=stt)
        self._voice = voice

    def engines(self) -> Engines:
        return Engines(
            self.vad, self.stt, self.dialogue, self.tts, self.face, ending=WordsEnding(), intonation=self._voice
        )


def answered(voice: Voice, text: str = "tell me about", *, end: float = 2.0, delay: float = 0.05) -> Scenario:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, end)
        await scenario.at(end + 6.0)

    return perform(play, Toned(voice, Ear(([], text), delay=delay)), rules=Rules(), mic=True)


def wait(scenario: Scenario, end: float = 2.0) -> float:
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.heard(1) == "Well."
    return (scenario.avatar.turns[1].sound_at or 0) - end


def test_a_voice_that_sounds_finished_is_answered_as_soon_as_its_words_are_known() -> None:
    assert wait(answered(Voice(lambda _: 0.97), "how far is the moon")) == pytest.approx(0.06 + 0.05, abs=0.05)


def test_a_voice_that_does_not_is_given_time() -> None:
    assert wait(answered(Voice(lambda _: 0.02), "tell me")) > 1.0


def test_words_that_are_unfinished_hold_the_answer_back_after_all() -> None:
    assert wait(answered(Voice(lambda _: 0.95), "tell me about the")) > 0.25


def test_it_is_asked_again_while_the_pause_lasts_and_not_when_it_is_certain() -> None:
    unsure, sure = Voice(lambda _: 0.6), Voice(lambda n: 0.6 if n < 2 else 0.95)
    answered(unsure)
    answered(sure)
    assert len(unsure.heard) == LOOKS
    assert len(sure.heard) == 2
    times = [at for at, _ in unsure.heard]
    assert times[0] == pytest.approx(2.03, abs=0.02)
    assert times[-1] - times[0] == pytest.approx(0.085 * (LOOKS - 1), abs=0.02)


def test_it_hears_the_utterance_with_its_pause_and_no_more_than_eight_seconds() -> None:
    voice = Voice(lambda _: 0.5)
    answered(voice)
    first, last = (sound for _, sound in (voice.heard[0], voice.heard[-1]))
    assert len(first) / 32_000 == pytest.approx(1.0 + 0.3, abs=0.1)
    assert last.startswith(first)
    assert not last[-3200:].strip(b"\0")
    long = Voice(lambda _: 0.5)
    answered(long, end=12.0)
    assert len(long.heard[-1][1]) <= KEPT + 640


def test_what_it_says_too_late_is_of_no_interest() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 1.5)
        scenario.speak(1.7, 2.5)
        await scenario.at(9.0)

    voice = Voice(lambda _: 0.99, delay=0.25)
    scenario = perform(play, Toned(voice, Ear(([], "so it goes"))), mic=True)
    assert scenario.avatar.transcripts() == ["so it goes"]
    assert list(scenario.avatar.turns) == [1]


def test_one_that_fails_or_hangs_costs_nothing() -> None:
    def broken(_: int) -> float:
        raise EngineError("stt_failed", "the script says that this fails")

    def buggy(_: int) -> float:
        raise ValueError("a bug")

    for voice in (Voice(broken), Voice(buggy), Voice(lambda _: 0.9, delay=1e9)):
        scenario = answered(voice, "maybe blue", delay=0.0)
        assert wait(scenario) == pytest.approx(0.3 + 0.25, abs=0.3)
        assert scenario.avatar.errors() == []


def test_who_goes_on_when_the_answer_has_hardly_begun_is_answered_anew() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        scenario.speak(2.3, 3.2)
        await scenario.at(9.0)

    cast = Toned(Voice(lambda _: 0.97), Ear(([], "what is a comet"), ([], "and what is a meteor"), delay=0.05))
    cast.dialogue = replies(LONG)
    scenario = perform(play, cast, mic=True)
    assert scenario.avatar.faults == []
    assert 0 < played(scenario, 1) < 0.8
    assert scenario.avatar.heard(2) == LONG
    assert history(scenario) == [("user", "what is a comet and what is a meteor")]
