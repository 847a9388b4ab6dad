"""Conversations with a duplex model, as screenplays: a scripted server, the real engine, a session, an avatar."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from bridge.core.timeline import MEDIA_RATE
from engines.duplex.realtime.engine import RealtimeDuplex
from engines.guard.verdicts import Verdict
from engines.identity import Identity, load_identity, shipped
from protocol import messages as m
from testkit.judge import troubles
from testkit.scripted.duplex import ScriptedServer, Use
from testkit.scripted.gates import ScriptedGate
from tests.bridge.scenario import LONG, Cast, Scenario, perform, played, replies


@cache
def teacher() -> Identity:
    return load_identity(shipped()["teacher"])


def duplex(server: ScriptedServer, **settings: Any) -> RealtimeDuplex:
    return RealtimeDuplex(identity=teacher(), url="ws://model", transcription="whisper-1", dial=server.dial, **settings)


def cast(server: ScriptedServer, **others: Any) -> Cast:
    settings = others.pop("settings", {})
    return Cast(stt=None, vad=None, dialogue=replies("NOT THE MODEL"), duplex=duplex(server, **settings), **others)


def said(scenario: Scenario) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in scenario.session.aside.said()]


def test_a_spoken_turn_is_the_models_from_its_ears_to_its_voice() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(6.0)

    server = ScriptedServer("One two three four.", heard=("what comes next",))
    scenario = perform(play, cast(server), mic=True)
    avatar = scenario.avatar
    assert troubles(avatar) == []
    assert avatar.states() == ["listening", "thinking", "speaking", "idle"]
    assert avatar.transcripts() == ["what comes next"]
    assert bytes(avatar.turns[1].pcm) == server.voice.pcm("One two three four.")
    assert avatar.heard(1) == "One two three four."
    assert [word.pts for word in avatar.turns[1].words] == [0, 9600, 19200, 28800]
    assert said(scenario) == [("user", "what comes next"), ("companion", "One two three four.")]
    assert avatar.turns[1].reason == "complete"
    assert scenario.cast.dialogue.streams == 0
    # The microphone went there in its own time, at the rate that the model asks for.
    assert len(server.sound) / 2 / 24_000 == pytest.approx(6.0, abs=0.1)


def test_typed_text_is_answered_by_the_model() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(4.0)

    server = ScriptedServer("One two three.")
    scenario = perform(play, cast(server))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.states() == ["thinking", "speaking", "idle"]
    (item,) = [event["item"] for event in server.of("conversation.item.create")]
    assert item == {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "count"}]}
    assert scenario.avatar.heard(1) == "One two three."
    assert said(scenario) == [("user", "count"), ("companion", "One two three.")]


def test_the_model_is_told_who_it_is_and_how_it_is_to_hear_and_speak() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(1.0)

    server = ScriptedServer()
    perform(play, cast(server, settings={"voice": "marin"}))
    session = server.of("session.update")[0]["session"]
    assert session["type"] == "realtime"
    assert teacher().name in session["instructions"]
    assert session["audio"]["input"]["turn_detection"] == {
        "type": "server_vad",
        "create_response": True,
        "interrupt_response": True,
    }
    assert session["audio"]["input"]["transcription"] == {"model": "whisper-1"}
    assert session["audio"]["output"] == {"format": {"type": "audio/pcm", "rate": 24_000}, "voice": "marin"}


def test_a_barge_in_stops_the_model_and_truncates_it_where_it_was_heard() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        scenario.speak(1.0, 2.0)
        await scenario.at(6.0)

    server = ScriptedServer(LONG, "Sorry.", heard=("the other one",))
    scenario = perform(play, cast(server), mic=True)
    avatar = scenario.avatar
    assert troubles(avatar) == []
    cut = next(at for at, x in avatar.messages if isinstance(x, m.Interrupted))
    assert cut == pytest.approx(1.08, abs=0.05)
    (truncated,) = server.of("conversation.item.truncate")
    assert truncated["item_id"] == "item_1"
    assert truncated["content_index"] == 0
    # To the millisecond below the sample at which the client stopped.
    assert truncated["audio_end_ms"] == avatar.turns[1].played * 1000 // MEDIA_RATE
    assert truncated["audio_end_ms"] / 1000 == pytest.approx(played(scenario, 1), abs=0.001)
    assert said(scenario) == [
        ("user", "count"),
        ("companion", avatar.heard(1)),
        ("user", "the other one"),
        ("companion", "Sorry."),
    ]


def test_what_a_distant_client_really_heard_is_what_the_model_is_told() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.5)
        scenario.say(m.Interrupt())
        await scenario.at(4.0)

    server = ScriptedServer(LONG)
    scenario = perform(play, cast(server), delay=lambda: 0.1)
    (truncated,) = server.of("conversation.item.truncate")
    assert truncated["audio_end_ms"] == scenario.avatar.turns[1].played * 1000 // MEDIA_RATE


def test_typed_text_interrupts_the_model_and_comes_after_the_cut() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.1)
        scenario.type("enough")
        await scenario.at(4.0)

    server = ScriptedServer(LONG, "Fine.", pace=0.9)
    scenario = perform(play, cast(server))
    assert troubles(scenario.avatar) == []
    kinds = [event["type"] for event in server.sent if event["type"] != "session.update"]
    assert kinds == [
        "conversation.item.create",
        "response.create",
        "response.cancel",
        "conversation.item.truncate",
        "conversation.item.create",
        "response.create",
    ]
    assert said(scenario)[-2:] == [("user", "enough"), ("companion", "Fine.")]


@pytest.mark.parametrize("words", ["along", "before", "after"])
@pytest.mark.parametrize("pace", [0.0, 0.9])
def test_words_find_their_sound_however_they_come(words: Any, pace: float) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(9.0)

    text = "One two three. Four five six seven."
    server = ScriptedServer(text, words=words, pace=pace)
    scenario = perform(play, cast(server))
    avatar = scenario.avatar
    assert avatar.faults == []
    assert bytes(avatar.turns[1].pcm) == server.voice.pcm(text)
    assert avatar.heard(1) == text
    assert [message.code for _, message in avatar.messages if isinstance(message, m.Error)] == []


def test_a_model_that_writes_nothing_is_heard_where_nobody_judges() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(4.0)

    server = ScriptedServer("One two three.", words="none")
    scenario = perform(play, cast(server))
    avatar = scenario.avatar
    assert troubles(avatar) == []
    assert bytes(avatar.turns[1].pcm) == server.voice.pcm("One two three.")
    assert avatar.turns[1].words == []
    assert len(avatar.turns[1].faces) == 36


def test_a_model_that_writes_nothing_is_withheld_where_it_would_be_judged() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(5.0)

    server = ScriptedServer("One two three.", words="none", pace=1.0)
    scenario = perform(play, cast(server, gates=(ScriptedGate(),), sorry="Sorry."))
    assert scenario.avatar.heard(1) == "Sorry."
    assert scenario.avatar.errors() == ["dialogue_failed"]
    error = next(message for _, message in scenario.avatar.messages if isinstance(message, m.Error))
    assert "realtime.unwritten" in error.message
    heard = perform(play, cast(server, gates=(ScriptedGate(),), settings={"unwritten": True}))
    assert bytes(heard.avatar.turns[1].pcm) == server.voice.pcm("One two three.")


def test_a_gate_ends_what_the_model_says_before_it_is_heard() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("go on")
        await scenario.at(6.0)

    server = ScriptedServer("One two three. Four BAD six. Seven.", words="along")
    gate = ScriptedGate(said={"BAD": Verdict("block", "harm", instead="No.")})
    scenario = perform(play, cast(server, gates=(gate,)))
    avatar = scenario.avatar
    assert avatar.heard(1) == "One two three. No."
    assert bytes(avatar.turns[1].pcm) == server.voice.pcm("One two three.") + scenario.cast.tts.pcm("No.")
    assert avatar.turns[1].reason == "cut"
    assert troubles(avatar) == []


def test_a_gate_puts_other_words_in_the_place_of_the_models() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("go on")
        await scenario.at(6.0)

    server = ScriptedServer("One two three. Four BAD six. Seven eight nine.", words="before")
    gate = ScriptedGate(said={"BAD": Verdict("soften", "harm", instead="Oh well.")})
    scenario = perform(play, cast(server, gates=(gate,)))
    assert scenario.avatar.heard(1) == "One two three. Oh well. Seven eight nine."
    whole = server.voice.pcm("One two three. Four BAD six. Seven eight nine.")
    third = len(whole) // 3
    spoken = bytes(scenario.avatar.turns[1].pcm)
    assert spoken == whole[:third] + scenario.cast.tts.pcm("Oh well.") + whole[2 * third :]


def test_what_the_user_says_is_judged_before_the_model_is_heard() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(6.0)

    server = ScriptedServer("Sure, do it.", heard=("HELP me",), understands=0.3)
    gate = ScriptedGate(heard={"HELP": Verdict("block", "crisis", instead="Call somebody.")})
    scenario = perform(play, cast(server, gates=(gate,)), mic=True)
    assert scenario.avatar.heard(1) == "Call somebody."
    assert said(scenario) == [("user", "HELP me"), ("companion", "Call somebody.")]


def test_words_of_the_user_that_come_late_are_remembered_before_their_answer() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(7.0)

    server = ScriptedServer("Well.", heard=("late words",), understands=2.0)
    scenario = perform(play, cast(server), mic=True)
    assert said(scenario) == [("user", "late words"), ("companion", "Well.")]


def test_a_model_that_never_writes_what_it_hears_is_not_waited_for_again() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        scenario.speak(5.0, 6.0)
        await scenario.at(10.0)

    server = ScriptedServer("Well.", understands=None)
    scenario = perform(play, cast(server), mic=True)
    begun = [turn.begun_at for turn in scenario.avatar.turns.values()]
    assert begun[0] == pytest.approx(2.0 + 0.3 + 0.1 + 0.6, abs=0.05)
    assert begun[1] == pytest.approx(6.0 + 0.3 + 0.1, abs=0.05)


def test_the_model_calls_what_the_scene_can_do_and_goes_on() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Tools(tools=(m.ToolSpec(name="lamp", description="Sets it", parameters={"type": "object"}),)))
        scenario.type("make it red")
        await scenario.at(1.0)
        (call,) = scenario.avatar.tool_calls()
        assert (call.name, call.arguments) == ("lamp", {"colour": "red"})
        scenario.say(m.ToolAnswer(call=call.call, status="ok", value="it is red"))
        await scenario.at(4.0)

    server = ScriptedServer(Use("lamp", {"colour": "red"}), "It is red now.")
    scenario = perform(play, cast(server))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.heard(1) == "It is red now."
    tools = server.of("session.update")[-1]["session"]["tools"]
    assert [(tool["type"], tool["name"]) for tool in tools] == [("function", "lamp")]
    output = server.of("conversation.item.create")[-1]["item"]
    assert output == {"type": "function_call_output", "call_id": "call_1", "output": "it is red"}


def test_push_to_talk_takes_the_turn_from_the_models_ears() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Talk(on=True))
        scenario.speak(0.5, 1.0)
        scenario.speak(2.0, 2.5)
        await scenario.at(3.0)
        scenario.say(m.Talk(on=False))
        await scenario.at(5.0)

    server = ScriptedServer("Yes.", heard=("one thing and another",))
    scenario = perform(play, cast(server), mic=True)
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.transcripts() == ["one thing and another"]
    assert list(scenario.avatar.turns) == [1]
    assert scenario.avatar.turns[1].begun_at == pytest.approx(3.1, abs=0.05)


def test_the_model_greets_when_it_is_asked_to() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(3.0)

    server = ScriptedServer("Hello, you.")
    scenario = perform(play, cast(server), hello=m.Hello(greet=True, audio=m.HelloAudio(aec=True)))
    assert scenario.avatar.heard(1) == "Hello, you."
    assert "greet" in server.of("response.create")[0]["response"]["instructions"].lower()


def test_a_model_that_talks_over_the_user_is_ducked_and_heard() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        scenario.speak(1.0, 1.5)
        await scenario.at(6.0)

    server = ScriptedServer(LONG, "", interrupts=False, pace=0.5)
    scenario = perform(play, cast(server, settings={"interrupts": False}), mic=True)
    assert scenario.avatar.states()[:4] == ["thinking", "speaking", "overlap", "speaking"]
    assert scenario.avatar.heard(1) == LONG
    assert troubles(scenario.avatar) == []
