"""Who sounds finished is answered sooner, who does not is given time; the bounds hold, whatever is judged."""

from __future__ import annotations

import asyncio

import pytest

from bridge.core.segmenter import Hysteresis
from bridge.core.turn_policy import Policy
from bridge.session.companion import Companion, Rules
from bridge.session.listen import Began, Ended, Listener, Sound
from engines.api import EngineError
from engines.hearing.endings.engine import WordsEnding
from engines.jobs import Engines
from testkit.judge import troubles
from tests.bridge.scenario import LOUD, QUIET, Cast, Scenario, perform, replies
from tests.bridge.session.test_speculation import Ear, speculations

RULES = Rules()


class Judge(WordsEnding):
    """Always the same opinion."""

    def __init__(self, likelihood: float, *, delay: float = 0.0, fails: bool = False) -> None:
        self._likelihood, self._delay, self._fails = likelihood, delay, fails

    async def likely(self, text: str, language: str) -> float:
        await asyncio.sleep(self._delay)
        if self._fails:
            raise EngineError("ending_failed", "the script says that this fails")
        return self._likelihood


class Judged(Cast):
    """A cast with a judge of endings."""

    def __init__(self, judge: WordsEnding, stt: Ear) -> None:
        super().__init__(dialogue=replies("Well."), stt=stt)
        self._judge = judge

    def engines(self) -> Engines:
        return Engines(self.vad, self.stt, self.dialogue, self.tts, self.face, ending=self._judge)


def answered(judge: WordsEnding, *, rules: Rules = RULES, text: str = "what is a comet", delay: float = 0.05) -> float:
    """Seconds from the end of speech to the first sound."""

    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(8.0)

    scenario = perform(play, Judged(judge, Ear(([(1.1, text)], text), delay=delay)), rules=rules, mic=True)
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.heard(1) == "Well."
    return (scenario.avatar.turns[1].sound_at or 0) - 2.0


@pytest.mark.parametrize(
    ("likelihood", "seconds"),
    [
        (1.0, 0.15 + 0.05),  # the pause, the words
        (0.9, 0.15 + 0.05),  # the same: the wait of 0.05 s is over when the words are there
        (0.5, 0.3 + 0.25),  # no opinion: the silence that ends an utterance, and the wait
        (0.0, 0.3 + 1.0),
        (0.25, 0.3 + 0.25 + 0.375),
    ],
)
def test_the_wait_follows_the_likelihood(likelihood: float, seconds: float) -> None:
    assert answered(Judge(likelihood)) == pytest.approx(seconds, abs=0.06)


def test_the_bounds_are_those_of_the_configuration() -> None:
    policy = Policy(endpoint_least=0.2, endpoint_most=0.4, close_after=0.0)
    assert answered(Judge(1.0), rules=Rules(policy=policy)) == pytest.approx(0.3 + 0.2, abs=0.04)
    assert answered(Judge(0.0), rules=Rules(policy=policy)) == pytest.approx(0.3 + 0.4, abs=0.04)


@pytest.mark.parametrize("judge", [Judge(0.0, fails=True), Judge(0.0, delay=5.0)])
def test_a_judge_that_fails_or_dawdles_is_not_waited_for(judge: Judge) -> None:
    assert answered(judge, delay=0.0) == pytest.approx(0.3 + 0.25, abs=0.06)


def test_the_words_themselves() -> None:
    assert answered(WordsEnding(), text="how far away is the comet") < 0.35
    assert answered(WordsEnding(), text="what is a comet made of and") > 1.2


def test_who_goes_on_after_sounding_finished_is_one_turn() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        scenario.speak(2.3, 3.2)
        await scenario.at(9.0)

    stt = Ear(([(1.1, "what is a comet")], "What is a comet?"), ([(0.8, "made of")], "made of"), delay=0.3)
    scenario = perform(play, Judged(Judge(0.95), stt), rules=RULES, mic=True)
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.transcripts() == ["What is a comet?", "made of"]
    assert list(scenario.avatar.turns) == [1]
    assert scenario.cast.dialogue.requests[-1].history[-1].text == "What is a comet? made of"
    assert speculations(scenario)["used"] == 1


def test_push_to_talk_never_waits() -> None:
    from protocol import messages as m

    async def play(scenario: Scenario) -> None:
        scenario.say(m.Talk(on=True, pts=0))
        await scenario.at(1.0)
        scenario.say(m.Talk(on=False, pts=16_000))
        await scenario.at(4.0)

    scenario = perform(play, Judged(Judge(0.0), Ear(([], "and"), delay=0.1)), rules=RULES, mic=True)
    assert scenario.avatar.turns[1].sound_at == pytest.approx(1.1, abs=0.03)


def test_an_utterance_ends_in_its_pause_and_loses_no_sound_of_the_next() -> None:
    class Loud:
        def probability(self, window: bytes) -> float:
            return float(window == LOUD)

        def reset(self) -> None:
            raise AssertionError("the voice detection goes on")

    listener = Listener(Loud(), 320, Hysteresis(), longest=30.0)
    sounds = [LOUD] * 10 + [QUIET] * 5
    heard = [event for n, frame in enumerate(sounds) for event in listener.hear(320 * n, frame)]
    assert isinstance(heard[0], Began)
    assert listener.close(7) == []  # another utterance
    assert listener.close(1) == [Ended(1)]
    assert listener.close(1) == []
    more = [QUIET] * 3 + [LOUD] * 5
    heard = [event for n, frame in enumerate(more, len(sounds)) for event in listener.hear(320 * n, frame)]
    assert heard[0] == Began(2)
    assert isinstance(heard[1], Sound)
    assert heard[1].data == b"".join([*[QUIET] * 3, *[LOUD] * 3])


def test_an_utterance_does_not_end_while_the_user_speaks() -> None:
    class Always:
        def probability(self, window: bytes) -> float:
            return 1.0

        def reset(self) -> None:
            """Nothing to forget."""

    listener = Listener(Always(), 320, Hysteresis(), longest=30.0)
    for n in range(10):
        listener.hear(320 * n, LOUD)
    assert listener.close(1) == []
    listener.press()
    assert listener.close(2) == []


def test_the_configuration_reaches_the_policy() -> None:
    from bridge.setup.config import load
    from bridge.setup.rules import rules

    settings = ["endpoint_least_s=0.01", "endpoint_most_s=2", "close_after_s=0.2", "speculate_tries=1"]
    policy = rules(load(None, {}, [f"turns.{s}" for s in [*settings, "stable_after_s=0.3", "hold_for_s=4"]])).policy
    assert (policy.endpoint_least, policy.endpoint_most, policy.close_after) == (0.01, 2.0, 0.2)
    assert (policy.tries, policy.stable_after, policy.hold_for) == (1, 0.3, 4.0)


def test_the_default_companion_judges_by_words_and_none_is_possible() -> None:
    from bridge.setup import casting
    from bridge.setup.config import load as load_config

    judged: Companion = casting.companion(load_config(None, {}))
    assert judged.engines.ending is not None
    assert judged.engines.ending.name == "words"
    assert casting.companion(load_config(None, {}, ["engines.ending=none"])).engines.ending is None
