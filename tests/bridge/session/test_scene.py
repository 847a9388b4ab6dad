"""What the companion knows of the scene, and when it speaks of its own accord."""

from __future__ import annotations

import pytest

from protocol import messages as m
from testkit.judge import troubles
from tests.bridge.scenario import Scenario, history, perform


def test_states_and_events_are_known_to_the_next_reply() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Context(states={"time": "dusk", "weapon": "sword"}, events=("The door creaks.",)))
        scenario.say(m.Context(states={"weapon": ""}))
        await scenario.at(1.0)
        scenario.type("what was that")
        await scenario.at(4.0)

    scenario = perform(play)
    (request,) = scenario.cast.dialogue.requests
    assert request.scene == {"time": "dusk"}
    assert history(scenario) == [("scene", "The door creaks."), ("user", "what was that")]
    assert request.occasion == "user"


def test_auto_speaks_when_idle_and_only_then() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Context(events=("The door creaks.",), respond="auto"))
        await scenario.at(0.4)
        scenario.say(m.Context(events=("It closes.",), respond="auto"))
        await scenario.at(5.0)

    scenario = perform(play)
    (request,) = scenario.cast.dialogue.requests
    assert request.occasion == "scene"
    assert history(scenario) == [("scene", "The door creaks.")]
    assert scenario.avatar.heard(1) == "One two three four."


def test_must_speaks_as_soon_as_the_floor_is_free() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(0.4)
        scenario.say(m.Context(events=("Fire!",), respond="must"))
        await scenario.at(5.0)

    scenario = perform(play)
    assert [request.occasion for request in scenario.cast.dialogue.requests] == ["user", "scene"]
    assert scenario.avatar.turns[2].begun_at == pytest.approx(0.8, abs=0.01)
    assert troubles(scenario.avatar) == []


@pytest.mark.parametrize("respond", ["auto", "must"])
def test_a_reply_to_the_scene_finds_it_last_in_its_history(respond: str) -> None:
    """`Request` promises so; here only a state changed, or the companion spoke in between."""

    async def play(scenario: Scenario) -> None:
        if respond == "must":
            scenario.type("hello")
            await scenario.at(0.2)
        scenario.say(m.Context(states={"weather": "rain"}, respond=respond))  # type: ignore[arg-type]  # one of the literals
        await scenario.at(5.0)

    scenario = perform(play)
    assert scenario.cast.dialogue.requests[-1].occasion == "scene"
    assert history(scenario)[-1] == ("scene", "weather: rain")


def test_an_event_without_words_prompts_nothing() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Context(events=("",), respond="must"))
        await scenario.at(2.0)

    assert not perform(play).cast.dialogue.requests


def test_it_greets_when_asked_to() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(3.0)

    scenario = perform(play, hello=m.Hello(greet=True, user="Ada", language="de-DE"))
    (request,) = scenario.cast.dialogue.requests
    assert (request.occasion, request.history, request.user, request.language) == ("greeting", (), "Ada", "de-DE")
    assert scenario.avatar.heard(1) == "One two three four."
