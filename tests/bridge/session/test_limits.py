"""What is too long, too odd or too quiet, and what the server cannot do."""

from __future__ import annotations

import pytest

from bridge.session.companion import Rules
from protocol import messages as m
from testkit.judge import troubles
from tests.bridge.scenario import Cast, Scenario, history, listening, perform, played, replies


def test_a_reply_that_never_ends_is_cut_and_says_so() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(20.0)

    scenario = perform(play, Cast(replies("One two. " * 1000)), rules=Rules(longest_reply=5.0))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.turns[1].reason == "too_long"
    assert 5.0 <= played(scenario, 1) <= 6.0
    assert scenario.avatar.states()[-1] == "idle"


def test_an_utterance_that_never_ends_is_cut_and_answered() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 7.5)
        await scenario.at(12.0)

    scenario = perform(play, Cast(stt=listening("one", "two", "three")), rules=Rules(longest_utterance=3.0), mic=True)
    assert "turn_too_long" in scenario.avatar.errors()
    assert scenario.avatar.transcripts() == ["one", "two", "three"]
    assert history(scenario) == [("user", "one two three")]


def test_a_held_key_is_cut_too() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Talk(on=True))
        await scenario.at(8.0)
        scenario.say(m.Talk(on=False))
        await scenario.at(10.0)

    scenario = perform(play, Cast(vad=None, stt=listening("hello")), rules=Rules(longest_utterance=3.0), mic=True)
    assert scenario.avatar.errors() == ["turn_too_long"]
    assert history(scenario) == [("user", "hello")]


def test_a_lost_microphone_ends_the_utterance() -> None:
    """Frames stop for five seconds in the middle of a word and then come with their own time."""

    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        scenario.speak(9.0, 10.0)
        await scenario.at(2.0)
        scenario._mic_pts += 5 * 16_000
        await scenario.at(15.0)

    scenario = perform(play, Cast(stt=listening("what is", "a comet")), mic=True)
    assert scenario.avatar.transcripts() == ["what is", "a comet"]
    assert [said for said in history(scenario) if said[0] == "user"] == [("user", "what is"), ("user", "a comet")]
    assert scenario.avatar.states()[-1] == "idle"


def test_a_microphone_that_was_opened_anew_is_heard() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(5.0)
        scenario.say(m.Talk(on=True))
        for i in range(50):
            scenario.say(m.Mic(pts=320 * i, data=bytes(640)))
        scenario.say(m.Talk(on=False))
        await scenario.at(8.0)

    cast = Cast(stt=listening("hello"))
    scenario = perform(play, cast, mic=False)
    first = list(cast.stt.heard if cast.stt else ())

    async def twice(scenario: Scenario) -> None:
        for i in range(500):
            scenario.session.receive(m.Mic(pts=320 * i, data=bytes(640)))
        await play(scenario)

    cast = Cast(stt=listening("hello"))
    scenario = perform(twice, cast, mic=False)
    assert list(cast.stt.heard if cast.stt else ()) == first == [16_000]
    assert scenario.avatar.heard(1) == "One two three four."


@pytest.mark.parametrize("size", [0, 318, 321, 1922 // 2 * 2 + 1])
def test_a_frame_that_is_none_is_refused(size: int) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.session.receive(m.Mic(pts=0, data=bytes(size)))
        scenario.session.receive(m.Mic(pts=0, data=bytes(size)))
        await scenario.at(1.0)

    scenario = perform(play)
    assert scenario.avatar.errors() == ["bad_mic"]
    assert b"companion_mic_refused_total 2.0" in scenario.metrics.text()


def test_text_is_bounded_and_must_have_words() -> None:
    async def play(scenario: Scenario) -> None:
        for _ in range(2):
            scenario.type(" \n ")
            scenario.type("x" * 2001)
        await scenario.at(1.0)
        scenario.type("x" * 2000)
        await scenario.at(3.0)

    scenario = perform(play)
    assert scenario.avatar.errors() == ["empty_text", "bad_message"] * 2  # a person typed each of them
    assert history(scenario) == [("user", "x" * 2000)]


def test_what_the_server_cannot_do_it_says() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Camera(data=b"\xff\xd8"))
        scenario.say(m.Talk(on=True))
        scenario.session.receive(m.Mic(pts=0, data=bytes(640)))
        await scenario.at(1.0)

    scenario = perform(play, Cast(stt=None))
    assert set(scenario.avatar.errors()) == {"unsupported"}
    assert scenario.avatar.welcome
    assert scenario.avatar.welcome.engines["stt"] == ""
    assert "mic" not in scenario.avatar.welcome.features
    assert "talk" not in scenario.avatar.welcome.features


def test_without_a_face_there_is_speech() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(3.0)

    scenario = perform(play, Cast(face=None), hello=m.Hello(features=("idle_face",)))
    assert scenario.avatar.welcome
    assert scenario.avatar.welcome.face.profile == "none"
    assert scenario.avatar.heard(1) == "One two three four."
    assert troubles(scenario.avatar) == []


def test_a_silent_client_is_told_and_closed() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(30.0)
        scenario.session.alive()
        await scenario.at(100.0)

    scenario = perform(play, rules=Rules(idle_after=60.0))
    assert scenario.link.error is not None
    assert scenario.link.error.code == "idle_timeout"
    assert scenario.avatar.messages[-1][0] == pytest.approx(90.0, abs=0.01)
