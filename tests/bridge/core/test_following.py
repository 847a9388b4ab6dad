"""The floor with a duplex model: what it hears and says becomes our turns."""

from __future__ import annotations

from bridge.core import turn_events as e
from bridge.core.following import UNANSWERED_S, WORDS_S, Following
from bridge.core.turns import State


def floor(*, interrupts: bool = True) -> Following:
    return Following(interrupts=interrupts)


def heard(turns: Following, utterance: int, text: str, at: float) -> None:
    turns.receive(e.SpeechStarted(utterance), at)
    turns.receive(e.SpeechStopped(utterance), at)
    turns.receive(e.Transcribed(utterance, text), at)


def test_an_answer_begins_with_the_words_that_it_answers() -> None:
    turns = floor()
    heard(turns, 1, "what is it", 0.0)
    assert turns.state is State.ENDPOINTING
    assert turns.receive(e.Answering(), 0.1) == [e.StartReply(1, "what is it", 1)]
    turns.receive(e.PlaybackStarted(1), 0.2)
    assert turns.state is State.SPEAKING
    assert turns.receive(e.PlaybackEnded(1), 2.0) == []
    assert turns.at_rest


def test_words_are_waited_for_and_no_longer_once_they_never_come() -> None:
    turns = floor()
    turns.receive(e.SpeechStarted(1), 0.0)
    turns.receive(e.SpeechStopped(1), 1.0)
    assert turns.receive(e.Answering(), 1.1) == []
    assert turns.deadline == 1.1 + WORDS_S
    assert turns.expire(turns.deadline) == [e.StartReply(1, "", 1)]
    assert turns.receive(e.Transcribed(1, "too late"), 3.0) == [e.LearnWords(1, "too late")]
    turns.receive(e.PlaybackEnded(1), 4.0)
    turns.receive(e.SpeechStarted(2), 5.0)
    turns.receive(e.SpeechStopped(2), 6.0)
    # They did come, after all: it is waited for again.
    assert turns.receive(e.Answering(), 6.1) == []
    assert turns.receive(e.Transcribed(2, "in time"), 6.2) == [e.StartReply(2, "in time", 2)]


def test_speech_that_the_model_hears_ends_its_answer_and_what_waits() -> None:
    turns = floor()
    turns.receive(e.Typed("go on"), 0.0)
    turns.receive(e.PlaybackStarted(1), 0.1)
    assert turns.receive(e.Answering(), 0.2) == []
    assert turns.receive(e.SpeechStarted(1), 1.0) == [e.CancelReply(1)]
    assert turns.state is State.LISTENING
    turns.receive(e.Transcribed(1, "wait"), 2.0)
    assert turns.receive(e.SpeechStopped(1), 2.0) == []
    assert turns.receive(e.Answering(), 2.1) == [e.StartReply(2, "wait", 1)]


def test_a_model_that_talks_over_the_user_is_ducked_until_it_stops_itself() -> None:
    turns = floor(interrupts=False)
    turns.receive(e.Typed("go on"), 0.0)
    turns.receive(e.PlaybackStarted(1), 0.1)
    assert turns.receive(e.SpeechStarted(1), 1.0) == [e.Duck(1)]
    assert turns.receive(e.SpeechStopped(1), 1.5) == [e.Unduck(1)]
    assert turns.receive(e.SpeechStarted(2), 2.0) == [e.Duck(1)]
    assert turns.receive(e.StopRequested(), 2.2) == [e.CancelReply(1)]
    assert turns.state is State.LISTENING


def test_an_answer_that_comes_while_another_is_heard_waits_for_its_end() -> None:
    turns = floor()
    turns.receive(e.Typed("go on"), 0.0)
    turns.receive(e.PlaybackStarted(1), 0.1)
    turns.receive(e.Answering(), 0.5)
    assert turns.receive(e.PlaybackEnded(1), 2.0) == [e.StartReply(2, "", 0)]


def test_nobody_waits_for_ever_for_an_answer() -> None:
    turns = floor()
    heard(turns, 1, "hm", 0.0)
    assert turns.deadline == UNANSWERED_S
    assert turns.expire(UNANSWERED_S) == []
    assert turns.state is State.IDLE
    assert turns.deadline is None


def test_what_must_be_said_waits_for_a_free_floor() -> None:
    turns = floor()
    turns.receive(e.Typed("go on"), 0.0)
    assert turns.receive(e.Prompted("rain", must=True), 0.5) == []
    assert turns.receive(e.PlaybackEnded(1), 2.0) == [e.StartReply(2, "rain", 0, True)]


def test_push_to_talk_cuts_and_waits_for_the_model() -> None:
    turns = floor()
    turns.receive(e.Typed("go on"), 0.0)
    assert turns.receive(e.TalkPressed(1), 0.5) == [e.CancelReply(1)]
    assert turns.receive(e.TalkReleased(1), 1.5) == []
    assert turns.state is State.ENDPOINTING
    turns.receive(e.Transcribed(1, "stop"), 1.6)
    assert turns.receive(e.Answering(), 1.7) == [e.StartReply(2, "stop", 1)]
