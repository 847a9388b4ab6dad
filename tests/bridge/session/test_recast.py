"""A companion whose identity changes in a conversation: the talk goes on, and the next turn is the new one's."""

from __future__ import annotations

from bridge.core.turn_policy import Policy
from bridge.session.companion import Companion, Rules
from engines.api import EngineError
from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.engines import ScriptedDialogue, ScriptedStt
from tests.bridge.scenario import AEC, LONG, Cast, Scenario, history, listening, perform, replies


class Left:
    """Somebody who comes on, and what is told when they go."""

    def __init__(self, cast: Cast, name: str = "Nora", language: str = "en-us") -> None:
        self.cast = cast
        self.companion = Companion(cast.engines(), name, language=language, id=name.lower())
        self.at: list[float] = []

    def come(self, scenario: Scenario) -> None:
        scenario.session.recast(self.companion, lambda: self.at.append(scenario.now))


def test_the_reply_that_runs_is_the_old_ones_and_the_next_the_new_ones() -> None:
    nora = Left(Cast(dialogue=replies("I am Nora now.")))

    async def play(scenario: Scenario) -> None:
        scenario.type("who are you")
        await scenario.at(0.5)
        nora.come(scenario)
        await scenario.at(5.0)
        scenario.type("and who are you")
        await scenario.at(9.0)

    scenario = perform(play, Cast(dialogue=replies("I am Mira, as I have always been.")))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.heard(1) == "I am Mira, as I have always been."
    assert scenario.avatar.heard(2) == "I am Nora now."
    assert list(scenario.cast.dialogue.forgotten) == ["s-1"]
    (asked,) = nora.cast.dialogue.requests
    said = [("user", "who are you"), ("companion", "I am Mira, as I have always been."), ("user", "and who are you")]
    assert [(each.role, each.text) for each in asked.history] == said
    assert nora.at == [9.0], "the session kept it to its end"
    (told,) = [said.identity for _, said in scenario.avatar.messages if isinstance(said, m.IdentityChange)]
    assert (told.id, told.name) == ("nora", "Nora")
    assert "Nora" in told.disclosure


def test_whoever_interrupts_is_answered_by_the_new_one() -> None:
    nora = Left(Cast(dialogue=replies("Nora.")))

    async def play(scenario: Scenario) -> None:
        scenario.type("go on")
        await scenario.at(1.0)
        nora.come(scenario)
        scenario.type("stop, who is there")
        await scenario.at(4.0)

    scenario = perform(play, Cast(dialogue=replies(LONG)))
    assert scenario.avatar.heard(2) == "Nora."
    assert history(scenario) == [("user", "go on")]


def test_what_was_begun_ahead_is_not_the_old_ones() -> None:
    nora = Left(Cast(dialogue=replies("Nora."), stt=listening("what is a comet")))

    async def play(scenario: Scenario) -> None:
        scenario.speak(0.5, 2.0)
        await scenario.at(2.3)
        assert scenario.cast.dialogue.requests, "an answer was begun ahead"
        nora.come(scenario)
        await scenario.at(6.0)

    stt = ScriptedStt(("what is a comet",), partial_s=0.3)
    rules = Rules(policy=Policy(endpoint_after=0.8, tries=1, stable_after=0.1))
    scenario = perform(play, Cast(dialogue=replies("Mira."), stt=stt), mic=True, rules=rules)
    assert scenario.avatar.heard(1) == "Nora."
    assert [request.history[-1].text for request in nora.cast.dialogue.requests] == ["what is a comet"]


def test_the_old_ones_engines_are_let_go_when_nothing_uses_them() -> None:
    nora, olga = Left(Cast(dialogue=replies("Nora."))), Left(Cast(dialogue=replies("Olga.")), "Olga")

    async def play(scenario: Scenario) -> None:
        nora.come(scenario)
        await scenario.at(1.0)
        scenario.type("hello")
        await scenario.at(1.1)
        olga.come(scenario)
        assert nora.at == []
        await scenario.at(5.0)

    scenario = perform(play)
    assert scenario.avatar.heard(1) == "Nora."
    assert 1.1 < nora.at[0] < 3.0, "when its reply had been heard"
    assert list(nora.cast.dialogue.forgotten) == ["s-1"]


def test_one_that_was_replaced_before_its_turn_never_came_on() -> None:
    nora, olga = Left(Cast()), Left(Cast(dialogue=replies("Olga.")), "Olga")

    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(0.5)
        nora.come(scenario)
        olga.come(scenario)
        assert nora.at == [0.5]
        await scenario.at(5.0)
        scenario.type("hello")
        await scenario.at(8.0)

    assert perform(play).avatar.heard(2) == "Olga."
    assert not nora.cast.dialogue.requests


def test_a_session_that_is_over_lets_go_at_once_and_an_engine_that_cannot_forget_does_no_harm() -> None:
    nora, olga, mona = Left(Cast()), Left(Cast(), "Olga"), Left(Cast(), "Mona")

    class Stubborn(ScriptedDialogue):
        def forget(self, session: str) -> None:
            raise EngineError("dialogue_failed", "it cannot forget")

    async def play(scenario: Scenario) -> None:
        nora.come(scenario)
        await scenario.at(0.5)
        scenario.type("hello")
        await scenario.at(0.6)
        olga.come(scenario)
        scenario.session.end(None)
        mona.come(scenario)
        assert (nora.at, olga.at, mona.at) == ([], [], [0.6])

    scenario = perform(play, Cast(dialogue=Stubborn()))
    assert (len(nora.at), len(olga.at)) == (1, 1)
    assert scenario.crash is None


def test_a_resume_tells_who_it_is_now() -> None:
    nora = Left(Cast(), language="de")

    async def play(scenario: Scenario) -> None:
        nora.come(scenario)
        await scenario.at(0.5)
        scenario.cut()
        scenario.connect(seq=0)
        await scenario.at(1.0)
        scenario.type("hallo")
        await scenario.at(2.0)

    scenario = perform(play, hello=m.Hello(audio=AEC))
    welcomes = [message for _, message in scenario.avatar.messages if isinstance(message, m.Welcome)]
    assert [each.identity.name for each in welcomes] == ["Mira", "Nora"]
    assert nora.cast.dialogue.requests[0].language == "de"
