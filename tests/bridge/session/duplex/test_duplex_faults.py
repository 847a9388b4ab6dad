"""What can go wrong with a duplex model, as screenplays: the conversation goes on, or says plainly why not."""

from __future__ import annotations

import json

import pytest

from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.duplex import ScriptedServer
from tests.bridge.scenario import LONG, Scenario, perform
from tests.bridge.session.duplex.test_duplex_talk import cast, said


def sentences(scenario: Scenario) -> list[str]:
    return [message.message for _, message in scenario.avatar.messages if isinstance(message, m.Error)]


def test_a_model_lost_in_the_middle_is_called_again_with_what_was_said() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(4.0)
        scenario.type("and then")
        await scenario.at(8.0)

    server = ScriptedServer(LONG, "Ten.", dies=3, pace=0.5)
    scenario = perform(play, cast(server, sorry="Sorry."))
    avatar = scenario.avatar
    assert troubles(avatar) == []
    assert server.calls == 2
    assert avatar.turns[1].reason == "failed"
    assert avatar.heard(1) == "one two three... Sorry."
    assert set(avatar.errors()) == {"dialogue_failed"}
    assert "lost" in sentences(scenario)[0]
    told = [(e["item"]["role"], e["item"]["content"][0]["text"]) for e in server.of("conversation.item.create")]
    assert told == [
        ("user", "count"),
        ("user", "count"),
        ("assistant", "one two three... Sorry."),
        ("user", "and then"),
    ]
    assert avatar.heard(2) == "Ten."
    assert said(scenario)[-1] == ("companion", "Ten.")


def test_a_model_that_stays_away_says_so_once_a_turn_and_is_there_again_when_it_answers() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(0.5)
        server.lose()
        await scenario.at(1.0)
        scenario.type("are you there")
        await scenario.at(10.0)
        scenario.type("and now")
        await scenario.at(14.0)

    server = ScriptedServer("Yes.", away=4)
    scenario = perform(play, cast(server, sorry="Sorry."))
    assert scenario.avatar.heard(1) == "Sorry."
    assert "no duplex model answers" in sentences(scenario)[1]
    assert scenario.avatar.heard(2) == "Yes."
    assert troubles(scenario.avatar) == []


def test_a_model_that_is_lost_while_the_user_speaks_leaves_nobody_listening_for_ever() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(1.5)
        server.lose()
        await scenario.at(12.0)

    server = ScriptedServer("Yes.")
    scenario = perform(play, cast(server), mic=True)
    assert scenario.avatar.states()[0] == "listening"
    assert scenario.avatar.states()[-1] == "idle"


GARBAGE = (
    b"\x00\x01",
    "no JSON",
    "[1, 2]",
    '{"no": "type"}',
    '{"type": "response.output_audio.delta", "delta": "***"}',
    '{"type": "response.output_audio.delta", "delta": 7}',
    json.dumps({"type": "x", "item_id": "i" * 9000}),
    "[" * 5000,
    '{"type": "response.output_audio_transcript.delta", "delta": "\\ud800"}',
)


def test_garbage_is_told_once_and_skipped() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(4.0)

    server = ScriptedServer("One two three.", garbage=GARBAGE)
    scenario = perform(play, cast(server))
    assert scenario.avatar.heard(1) == "One two three."
    assert scenario.avatar.errors() == ["dialogue_failed"]
    assert "the duplex model's server sent" in sentences(scenario)[0]
    assert server.calls == 1


def test_a_server_that_sends_nothing_else_is_left_and_called_again() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(3.0)

    server = ScriptedServer("One two three.", garbage=["?"] * 20)
    scenario = perform(play, cast(server, sorry="Sorry."))
    assert server.calls == 3  # the second time it is asked once more
    assert any("again and again" in sentence for sentence in sentences(scenario))


def test_a_model_that_does_not_answer_is_given_up_in_time() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(40.0)

    server = ScriptedServer("Too late.", think=1000.0)
    scenario = perform(play, cast(server, sorry="Sorry."))
    assert scenario.avatar.heard(1) == "Sorry."
    assert "said nothing for 30 s" in sentences(scenario)[0]


def test_a_server_that_takes_nothing_costs_sound_and_says_so() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(0.5)
        server.deaf = True
        await scenario.at(3.0)
        server._tell("ping")
        await scenario.at(3.5)

    server = ScriptedServer()
    scenario = perform(play, cast(server), mic=True)
    assert scenario.avatar.errors() == ["stt_slow"]


def test_what_a_server_refuses_is_told_in_its_words() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(3.0)

    server = ScriptedServer(fails="no credit is left")
    scenario = perform(play, cast(server, sorry="Sorry."))
    assert scenario.avatar.heard(1) == "Sorry."
    assert "the duplex model's server says: no credit is left" in sentences(scenario)[0]


@pytest.mark.parametrize("beta", [False, True])
def test_the_names_of_the_beta_are_read_and_written(beta: bool) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(3.0)

    server = ScriptedServer("One two.", beta=beta)
    scenario = perform(play, cast(server, settings={"beta": beta}))
    assert scenario.avatar.heard(1) == "One two."
    assert ("modalities" in server.of("session.update")[0]["session"]) is beta
