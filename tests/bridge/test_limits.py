"""What is too long, too odd or too quiet, and what the server cannot do."""

from __future__ import annotations

import pytest

from bridge.companion import Rules
from protocol import messages as m
from tests.bridge.stage import Cast, Stage, history, listening, perform, played, replies
from tests.judge import troubles


def test_a_reply_that_never_ends_is_cut_and_says_so() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(20.0)

    stage = perform(play, Cast(replies("One two. " * 1000)), rules=Rules(longest_reply=5.0))
    assert troubles(stage.avatar) == []
    assert stage.avatar.turns[1].reason == "too_long"
    assert 5.0 <= played(stage, 1) <= 6.0
    assert stage.avatar.states()[-1] == "idle"


def test_an_utterance_that_never_ends_is_cut_and_answered() -> None:
    async def play(stage: Stage) -> None:
        stage.speak(1.0, 7.5)
        await stage.at(12.0)

    stage = perform(play, Cast(stt=listening("one", "two", "three")), rules=Rules(longest_utterance=3.0), mic=True)
    assert "turn_too_long" in stage.avatar.errors()
    assert stage.avatar.transcripts() == ["one", "two", "three"]
    assert history(stage) == [("user", "one two three")]


def test_a_held_key_is_cut_too() -> None:
    async def play(stage: Stage) -> None:
        stage.say(m.Talk(on=True))
        await stage.at(8.0)
        stage.say(m.Talk(on=False))
        await stage.at(10.0)

    stage = perform(play, Cast(vad=None, stt=listening("hello")), rules=Rules(longest_utterance=3.0), mic=True)
    assert stage.avatar.errors() == ["turn_too_long"]
    assert history(stage) == [("user", "hello")]


def test_a_lost_microphone_ends_the_utterance() -> None:
    """Frames stop for five seconds in the middle of a word and then come with their own time."""

    async def play(stage: Stage) -> None:
        stage.speak(1.0, 2.0)
        stage.speak(9.0, 10.0)
        await stage.at(2.0)
        stage._mic_pts += 5 * 16_000
        await stage.at(15.0)

    stage = perform(play, Cast(stt=listening("what is", "a comet")), mic=True)
    assert stage.avatar.transcripts() == ["what is", "a comet"]
    assert [said for said in history(stage) if said[0] == "user"] == [("user", "what is"), ("user", "a comet")]
    assert stage.avatar.states()[-1] == "idle"


def test_a_microphone_that_was_opened_anew_is_heard() -> None:
    async def play(stage: Stage) -> None:
        await stage.at(5.0)
        stage.say(m.Talk(on=True))
        for i in range(50):
            stage.say(m.Mic(pts=320 * i, data=bytes(640)))
        stage.say(m.Talk(on=False))
        await stage.at(8.0)

    cast = Cast(stt=listening("hello"))
    stage = perform(play, cast, mic=False)
    first = list(cast.stt.heard if cast.stt else ())

    async def twice(stage: Stage) -> None:
        for i in range(500):
            stage.session.receive(m.Mic(pts=320 * i, data=bytes(640)))
        await play(stage)

    cast = Cast(stt=listening("hello"))
    stage = perform(twice, cast, mic=False)
    assert list(cast.stt.heard if cast.stt else ()) == first == [16_000]
    assert stage.avatar.heard(1) == "One two three four."


@pytest.mark.parametrize("size", [0, 318, 321, 1922 // 2 * 2 + 1])
def test_a_frame_that_is_none_is_refused(size: int) -> None:
    async def play(stage: Stage) -> None:
        stage.session.receive(m.Mic(pts=0, data=bytes(size)))
        stage.session.receive(m.Mic(pts=0, data=bytes(size)))
        await stage.at(1.0)

    stage = perform(play)
    assert stage.avatar.errors() == ["bad_mic"]
    assert b"companion_mic_refused_total 2.0" in stage.metrics.text()


def test_text_is_bounded_and_must_have_words() -> None:
    async def play(stage: Stage) -> None:
        for _ in range(2):
            stage.type(" \n ")
            stage.type("x" * 2001)
        await stage.at(1.0)
        stage.type("x" * 2000)
        await stage.at(3.0)

    stage = perform(play)
    assert stage.avatar.errors() == ["empty_text", "bad_message"] * 2  # a person typed each of them
    assert history(stage) == [("user", "x" * 2000)]


def test_what_the_server_cannot_do_it_says() -> None:
    async def play(stage: Stage) -> None:
        stage.say(m.Camera(data=b"\xff\xd8"))
        stage.say(m.Talk(on=True))
        stage.session.receive(m.Mic(pts=0, data=bytes(640)))
        await stage.at(1.0)

    stage = perform(play, Cast(stt=None))
    assert set(stage.avatar.errors()) == {"unsupported"}
    assert stage.avatar.welcome
    assert stage.avatar.welcome.engines["stt"] == ""
    assert "mic" not in stage.avatar.welcome.features
    assert "talk" not in stage.avatar.welcome.features


def test_without_a_face_there_is_speech() -> None:
    async def play(stage: Stage) -> None:
        stage.type("hello")
        await stage.at(3.0)

    stage = perform(play, Cast(face=None), hello=m.Hello(features=("idle_face",)))
    assert stage.avatar.welcome
    assert stage.avatar.welcome.face.profile == "none"
    assert stage.avatar.heard(1) == "One two three four."
    assert troubles(stage.avatar) == []


def test_a_silent_client_is_told_and_closed() -> None:
    async def play(stage: Stage) -> None:
        await stage.at(30.0)
        stage.session.alive()
        await stage.at(100.0)

    stage = perform(play, rules=Rules(idle_after=60.0))
    assert stage.link.error is not None
    assert stage.link.error.code == "idle_timeout"
    assert stage.avatar.messages[-1][0] == pytest.approx(90.0, abs=0.01)
