"""A duplex model is told what is remembered of its user, as a dialogue is, is learned from and forgets at a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engines.memory.briefing import DONE, KNOWN, NOT_KEPT
from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.duplex import ScriptedServer
from tests.bridge.scenario import Scenario, perform
from tests.bridge.session.duplex.test_duplex_talk import cast, said
from tests.bridge.session.places import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def instructions(server: ScriptedServer) -> list[str]:
    """What the model was told of itself and its user, each time."""
    sessions = [event["session"] for event in server.of("session.update")]
    return [session["instructions"] for session in sessions if "instructions" in session]


def told(server: ScriptedServer) -> list[str]:
    """What was put into the conversation by nobody who spoke."""
    items = [event["item"] for event in server.of("conversation.item.create")]
    return [item["content"][0]["text"] for item in items if item.get("role") == "system"]


async def quiet(scenario: Scenario) -> None:
    await scenario.at(2.0)


def test_it_knows_its_user_from_the_first_call_as_a_dialogue_does(place: Place) -> None:
    place.told("My name is Ada. I like tea.")
    server = ScriptedServer()
    perform(quiet, cast(server), remembered=place.remembered())
    (text,) = instructions(server)
    assert text.endswith(f"{KNOWN} «Your name is Ada.» «You like tea.»")
    assert "You talk with Ada." in text


def test_of_who_has_not_agreed_nothing_is_told_and_nothing_learned(place: Place) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("My name is Ada.")
        await scenario.at(5.0)

    server = ScriptedServer("Hello.")
    perform(play, cast(server), remembered=place.remembered(agreed=False))
    assert KNOWN not in "".join(instructions(server))
    assert not (place.folder / "memory.sqlite").exists()


def test_what_is_told_of_a_user_keeps_to_its_budget(place: Place) -> None:
    for number in range(60):
        place.told(f"Remember that my {number}th book has a green cover and many pages about the sea.")
    place.terms = place.terms.__class__(tokens=100)
    server = ScriptedServer()
    perform(quiet, cast(server), remembered=place.remembered())
    (text,) = instructions(server)
    assert 0 < text.partition(KNOWN)[2].count("«") <= 6


def test_it_is_told_what_it_has_just_made_known_and_not_again_what_it_knows(place: Place) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        scenario.speak(6.0, 7.0)
        await scenario.at(12.0)

    server = ScriptedServer("Well.", heard=("I have a dog called Rex.", "it is late"))
    scenario = perform(play, cast(server), mic=True, remembered=place.remembered())
    assert troubles(scenario.avatar) == []
    assert [kind for kind, _ in place.facts()] == ["pet"]
    assert ["Rex" in text for text in instructions(server)] == [False, True]


def test_what_fits_the_typed_words_is_there_before_they_are_answered(place: Place) -> None:
    place.told("I like tea.")
    for number in range(20):
        place.told(f"Remember that the {number}th key of the house is blue.")
    place.terms = place.terms.__class__(tokens=80)

    async def play(scenario: Scenario) -> None:
        scenario.type("What do I like?")
        await scenario.at(4.0)

    server = ScriptedServer("Tea.")
    perform(play, cast(server), remembered=place.remembered())
    kinds = [event["type"] for event in server.sent]
    assert "You like tea." in instructions(server)[-1]
    assert kinds == ["session.update", "session.update", "conversation.item.create", "response.create"]


@pytest.mark.parametrize("speaks", [False, True])
def test_a_thing_is_forgotten_at_a_word_and_it_says_so(place: Place, speaks: bool) -> None:
    place.told("My name is Ada. I like tea.")

    async def play(scenario: Scenario) -> None:
        if speaks:
            scenario.speak(1.0, 2.0)
        else:
            scenario.type("Forget that I like tea.")
        await scenario.at(7.0)

    answers = ("I never forget.", "It is forgotten.") if speaks else ("It is forgotten.",)
    server = ScriptedServer(*answers, heard=("Forget that I like tea.",))
    scenario = perform(play, cast(server), mic=speaks, remembered=place.remembered())
    assert troubles(scenario.avatar) == []
    assert place.facts() == [("name", "Ada")]
    assert told(server) == [DONE["forgot"]]
    assert "like tea" not in instructions(server)[-1]
    assert scenario.avatar.heard(1) == "It is forgotten."
    assert said(scenario)[-1] == ("companion", "It is forgotten.")


def test_words_that_are_understood_late_are_obeyed_all_the_same(place: Place) -> None:
    place.told("I like tea.")

    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(8.0)

    server = ScriptedServer("All right.", heard=("Forget that I like tea.",), understands=1.5)
    perform(play, cast(server), mic=True, remembered=place.remembered())
    assert place.facts() == []
    assert told(server) == [DONE["forgot"]]


@pytest.mark.parametrize("by", ["words", "page"])
def test_when_everything_is_forgotten_nothing_stays_in_its_conversation(place: Place, by: str) -> None:
    place.told("My name is Ada.")

    async def play(scenario: Scenario) -> None:
        scenario.type("I have a dog called Rex.")
        await scenario.at(4.0)
        if by == "page":
            scenario.say(m.MemoryAsk(op="erase"))
        else:
            scenario.type("Forget everything.")
        await scenario.at(8.0)

    server = ScriptedServer("Well.")
    scenario = perform(play, cast(server), remembered=place.remembered())
    assert place.facts() == []
    assert "Rex" not in str(server.items)
    assert "Rex" not in instructions(server)[-1]
    assert KNOWN not in instructions(server)[-1]
    if by == "words":
        assert told(server) == [DONE["erased"]]
        assert said(scenario) == [("user", "Forget everything."), ("companion", "Well.")]


def test_who_refuses_is_a_stranger_at_once_and_known_again_when_they_agree(place: Place) -> None:
    place.told("My name is Ada.")

    async def play(scenario: Scenario) -> None:
        await scenario.at(1.0)
        scenario.say(m.MemoryAsk(op="refuse"))
        await scenario.at(2.0)
        scenario.say(m.MemoryAsk(op="agree"))
        await scenario.at(3.0)

    server = ScriptedServer()
    perform(play, cast(server), remembered=place.remembered())
    assert [KNOWN in text for text in instructions(server)] == [True, False, True]


def test_who_has_not_agreed_is_told_so_when_they_ask(place: Place) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("What do you know about me?")
        await scenario.at(4.0)

    server = ScriptedServer("Nothing.")
    perform(play, cast(server), remembered=place.remembered(agreed=False))
    assert told(server) == [NOT_KEPT]


def test_a_model_that_is_called_again_knows_its_user_as_they_are_now(place: Place) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("My name is Ada.")
        await scenario.at(5.0)
        server.lose()
        await scenario.at(8.0)

    server = ScriptedServer("Hello.")
    perform(play, cast(server), remembered=place.remembered())
    assert server.calls == 2
    assert "«Your name is Ada.»" in instructions(server)[-1]


def test_what_the_documents_have_on_typed_words_comes_before_their_answer(monkeypatch: Any) -> None:
    from bridge.session import conduct
    from engines.api import Passage

    found = (Passage("Tides come twice a day.", "sea.md"),)
    monkeypatch.setattr(conduct, "passages", lambda documents, history: found)

    async def play(scenario: Scenario) -> None:
        scenario.type("When do tides come?")
        await scenario.at(4.0)

    server = ScriptedServer("Twice a day.")
    perform(play, cast(server))
    assert "sea.md: «Tides come twice a day.»" in instructions(server)[-1]
    assert [event["type"] for event in server.sent][-2:] == ["conversation.item.create", "response.create"]
