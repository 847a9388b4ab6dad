"""What the companion knows of the scene, and when it speaks of its own accord."""

from __future__ import annotations

import pytest

from protocol import messages as m
from tests.bridge.stage import Stage, history, perform
from tests.judge import troubles


def test_states_and_events_are_known_to_the_next_reply() -> None:
    async def play(stage: Stage) -> None:
        stage.say(m.Context(states={"time": "dusk", "weapon": "sword"}, events=("The door creaks.",)))
        stage.say(m.Context(states={"weapon": ""}))
        await stage.at(1.0)
        stage.type("what was that")
        await stage.at(4.0)

    stage = perform(play)
    (request,) = stage.cast.dialogue.requests
    assert request.scene == {"time": "dusk"}
    assert history(stage) == [("scene", "The door creaks."), ("user", "what was that")]
    assert request.occasion == "user"


def test_auto_speaks_when_idle_and_only_then() -> None:
    async def play(stage: Stage) -> None:
        stage.say(m.Context(events=("The door creaks.",), respond="auto"))
        await stage.at(0.4)
        stage.say(m.Context(events=("It closes.",), respond="auto"))
        await stage.at(5.0)

    stage = perform(play)
    (request,) = stage.cast.dialogue.requests
    assert request.occasion == "scene"
    assert history(stage) == [("scene", "The door creaks.")]
    assert stage.avatar.heard(1) == "One two three four."


def test_must_speaks_as_soon_as_the_floor_is_free() -> None:
    async def play(stage: Stage) -> None:
        stage.type("hello")
        await stage.at(0.4)
        stage.say(m.Context(events=("Fire!",), respond="must"))
        await stage.at(5.0)

    stage = perform(play)
    assert [request.occasion for request in stage.cast.dialogue.requests] == ["user", "scene"]
    assert stage.avatar.turns[2].begun_at == pytest.approx(0.8, abs=0.01)
    assert troubles(stage.avatar) == []


@pytest.mark.parametrize("respond", ["auto", "must"])
def test_a_reply_to_the_scene_finds_it_last_in_its_history(respond: str) -> None:
    """`Request` promises so; here only a state changed, or the companion spoke in between."""

    async def play(stage: Stage) -> None:
        if respond == "must":
            stage.type("hello")
            await stage.at(0.2)
        stage.say(m.Context(states={"weather": "rain"}, respond=respond))  # type: ignore[arg-type]  # one of the literals
        await stage.at(5.0)

    stage = perform(play)
    assert stage.cast.dialogue.requests[-1].occasion == "scene"
    assert history(stage)[-1] == ("scene", "weather: rain")


def test_an_event_without_words_prompts_nothing() -> None:
    async def play(stage: Stage) -> None:
        stage.say(m.Context(events=("",), respond="must"))
        await stage.at(2.0)

    assert not perform(play).cast.dialogue.requests


def test_it_greets_when_asked_to() -> None:
    async def play(stage: Stage) -> None:
        await stage.at(3.0)

    stage = perform(play, hello=m.Hello(greet=True, user="Ada", language="de-DE"))
    (request,) = stage.cast.dialogue.requests
    assert (request.occasion, request.history, request.user, request.language) == ("greeting", (), "Ada", "de-DE")
    assert stage.avatar.heard(1) == "One two three four."
