"""What is done ahead of the end of the user's turn: screenplays of the decisions alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.core.turn_events import (
    Action,
    CancelReply,
    EndOfTurnLikely,
    EndUtterance,
    Event,
    PartlyTranscribed,
    PlaybackStarted,
    Prompted,
    SoundsFinished,
    Speculate,
    SpeechPaused,
    SpeechStarted,
    SpeechStopped,
    StartReply,
    StopRequested,
    TalkPressed,
    TalkReleased,
    Transcribed,
    Withdraw,
)
from bridge.core.turn_policy import Policy
from bridge.core.turns import State
from bridge.core.words import key
from tests.bridge.core.test_turn_plays import POLICY, Floor


class Play(Floor):
    """A floor of which what is begun ahead is seen too."""

    def at(self, seconds: float, event: Event | None = None) -> list[Action]:
        return self.all_at(seconds, event)


def floor(policy: Policy = POLICY) -> Play:
    return Play(policy=policy)


def paused(text: str = "what is a comet", *, agreed: bool = False) -> Play:
    """Utterance 1 pauses at 1.0 s; its words came at 0.9 s."""
    play = floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.9, PartlyTranscribed(1, text, agreed))
    play.at(1.0, SpeechPaused(1, paused=True))
    play.at(1.0, PartlyTranscribed(1, text, agreed))
    return play


def test_words_that_last_through_a_pause_are_answered_ahead() -> None:
    play = paused()
    assert play.at(1.14) == []
    assert play.at(1.16) == [Speculate(1, "what is a comet")]
    assert play.at(1.3, SpeechStopped(1)) == []
    assert play.at(1.4, Transcribed(1, "What is a comet?")) == []
    assert play.at(1.6) == [StartReply(1, "What is a comet?", 1, guess=1)]


def test_words_that_still_change_start_the_wait_anew_unless_they_are_agreed() -> None:
    play = paused("what is")
    play.at(1.1, PartlyTranscribed(1, "what is a"))
    assert play.at(1.2) == []
    assert play.at(1.26) == [Speculate(1, "what is a")]
    play = paused("what is")
    play.at(1.1, PartlyTranscribed(1, "what is a comet", agreed=True))
    assert play.at(1.16) == [Speculate(1, "what is a comet")]


def test_words_from_before_the_silence_need_twice_as_much_of_it() -> None:
    play = floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.9, PartlyTranscribed(1, "what is a comet"))
    play.at(1.0, SpeechPaused(1, paused=True))
    assert play.at(1.29) == []
    assert play.at(1.31) == [Speculate(1, "what is a comet")]


def test_nothing_is_begun_while_the_user_speaks() -> None:
    play = floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.5, PartlyTranscribed(1, "what is a comet", agreed=True))
    assert play.at(3.0) == []


def test_an_unlikely_end_is_not_answered_ahead_but_its_final_words_are() -> None:
    play = paused("what is a")
    play.at(1.0, EndOfTurnLikely(1, 0.05))
    assert play.at(1.29) == []
    play.at(1.3, SpeechStopped(1))
    assert play.at(1.4, Transcribed(1, "what is a")) == [Speculate(1, "what is a")]


def test_the_same_words_are_not_tried_twice_and_others_only_so_often() -> None:
    play = paused("one")
    assert play.at(1.2) == [Speculate(1, "one")]
    assert play.at(1.3, PartlyTranscribed(1, "one two")) == [Withdraw(1)]
    assert play.at(1.32, PartlyTranscribed(1, "One.")) == []
    assert play.at(2.0) == []
    play.at(2.1, PartlyTranscribed(1, "one two"))
    assert play.at(2.3) == [Speculate(2, "one two")]
    assert play.at(2.4, PartlyTranscribed(1, "one two three")) == [Withdraw(2)]
    assert play.at(5.0) == []


def test_a_new_utterance_of_the_turn_may_try_again() -> None:
    play = floor(Policy(tries=1))
    play.at(0.0, SpeechStarted(1))
    play.at(0.5, SpeechStopped(1))
    assert play.at(0.6, Transcribed(1, "one")) == [Speculate(1, "one")]
    play.at(0.7, SpeechStarted(2))
    play.at(1.0, SpeechStopped(2))
    assert play.at(1.1, Transcribed(2, "two")) == [Withdraw(1), Speculate(2, "one two")]
    assert play.at(1.4) == [StartReply(1, "one two", 2, guess=2)]


def test_a_cough_after_the_words_changes_nothing() -> None:
    play = paused()
    assert play.at(1.2) == [Speculate(1, "what is a comet")]
    play.at(1.3, SpeechStopped(1))
    play.at(1.35, Transcribed(1, "what is a comet"))
    play.at(1.4, SpeechStarted(2))
    play.at(1.7, SpeechStopped(2))
    play.at(1.8, Transcribed(2, ""))
    assert play.at(2.0) == [StartReply(1, "what is a comet", 2, guess=1)]


def test_words_of_the_turn_that_are_not_known_yet_are_waited_for() -> None:
    play = floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.5, SpeechStopped(1))
    play.at(0.6, SpeechStarted(2))
    play.at(0.9, PartlyTranscribed(2, "two"))
    play.at(1.0, SpeechStopped(2))
    assert play.at(1.3) == []
    assert play.at(1.4, Transcribed(1, "one")) == [Speculate(1, "one two")]


def test_it_is_not_kept_for_ever() -> None:
    play = paused()
    assert play.at(1.2) == [Speculate(1, "what is a comet")]
    assert play.at(6.1) == []
    assert play.at(6.2) == [Withdraw(1)]


@pytest.mark.parametrize("event", [TalkPressed(2), StopRequested(), Prompted("prompt", must=True)])
def test_it_goes_on_while_the_floor_is_the_users(event: TalkPressed | StopRequested | Prompted) -> None:
    play = paused()
    play.at(1.2)
    assert play.at(1.25, event) == []


def test_push_to_talk_is_answered_ahead_when_the_key_goes_up() -> None:
    play = floor()
    play.at(0.0, TalkPressed(1))
    play.at(0.5, PartlyTranscribed(1, "go"))
    assert play.at(1.0) == []
    assert play.at(1.2, TalkReleased(1)) == []
    play.at(1.2, PartlyTranscribed(1, "go"))
    assert play.at(1.36) == [Speculate(1, "go")]
    assert play.at(1.4, Transcribed(1, "Go!")) == [StartReply(1, "Go!", 1, guess=1)]


def test_what_was_cancelled_unheard_is_answered_again_together_with_the_rest() -> None:
    play = paused()
    play.at(1.2)
    play.at(1.3, SpeechStopped(1))
    play.at(1.35, Transcribed(1, "what is a comet"))
    assert play.at(1.6) == [StartReply(1, "what is a comet", 1, guess=1)]
    play.at(1.7, SpeechStarted(2))
    assert play.at(2.11) == [CancelReply(1)]
    play.at(2.3, SpeechPaused(2, paused=True))
    play.at(2.3, PartlyTranscribed(2, "made of"))
    assert play.at(2.46) == [Speculate(2, "what is a comet made of", again=True)]
    play.at(2.6, SpeechStopped(2))
    play.at(2.7, Transcribed(2, "made of"))
    assert play.at(2.9) == [StartReply(2, "what is a comet made of", 2, again=True, guess=2)]


def test_nothing_is_begun_over_a_reply() -> None:
    play = floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.5, SpeechStopped(1))
    play.at(0.6, Transcribed(1, "hello"))
    play.at(1.0, PlaybackStarted(1))
    play.at(1.5, SpeechStarted(2))
    play.at(1.6, PartlyTranscribed(2, "mm-hm", agreed=True))
    play.at(1.7, SpeechPaused(2, paused=True))
    assert play.state() is State.OVERLAP
    assert play.at(2.0) == []


# ---------------------------------------------------------------------------------------- how finished it sounds


def test_silence_after_what_sounds_finished_ends_the_utterance() -> None:
    play = floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.9, EndOfTurnLikely(1, 0.9))
    assert play.at(1.0, SpeechPaused(1, paused=True)) == []
    assert play.at(1.14) == []
    assert play.at(1.16) == [EndUtterance(1)]
    assert play.at(1.17, SpeechStopped(1)) == []
    assert play.at(1.3, EndOfTurnLikely(1, 1.0)) == []
    assert play.at(1.3, Transcribed(1, "yes please")) == [StartReply(1, "yes please", 1)]


def test_going_on_takes_back_that_it_sounded_finished() -> None:
    play = floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.9, EndOfTurnLikely(1, 0.9))
    play.at(1.0, SpeechPaused(1, paused=True))
    play.at(1.1, SpeechPaused(1, paused=False))
    play.at(1.3, SpeechPaused(1, paused=True))
    assert play.at(1.6) == []


TRUSTING = replace(POLICY, voice_trust=1.0)


def sounding(words: float, voice: float, *, at: float = 1.02, policy: Policy = POLICY) -> Play:
    """Utterance 1 pauses at 1.0 s; words and voice sound that finished."""
    play = floor(policy)
    play.at(0.0, SpeechStarted(1))
    play.at(0.9, EndOfTurnLikely(1, words))
    play.at(1.0, SpeechPaused(1, paused=True))
    play.at(at, SoundsFinished(1, voice))
    return play


@pytest.mark.parametrize("words", [0.9, 0.5, 0.05])  # which lag: more may have been said before the pause
def test_when_the_voice_sounds_finished_the_utterance_ends_almost_at_once(words: float) -> None:
    play = sounding(words, 0.9)
    assert play.at(1.05) == []
    assert play.at(1.07) == [EndUtterance(1)]


def test_then_all_of_the_words_decide_whether_the_turn_is_over() -> None:
    play = sounding(0.05, 0.9)
    assert play.at(1.07) == [EndUtterance(1)]
    play.at(1.07, SpeechStopped(1))
    play.at(1.2, EndOfTurnLikely(1, 0.95, final=True))
    assert play.at(1.2, Transcribed(1, "so be it")) == [StartReply(1, "so be it", 1)]
    play = sounding(0.05, 0.9)
    play.at(1.07, SpeechStopped(1))
    play.at(1.2, EndOfTurnLikely(1, 0.05, final=True))
    assert play.at(1.2, Transcribed(1, "what is the")) == [Speculate(1, "what is the")]
    assert play.at(1.4) == []


def test_a_verdict_that_comes_late_is_followed_at_once() -> None:
    play = floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.9, EndOfTurnLikely(1, 0.5))
    play.at(1.0, SpeechPaused(1, paused=True))
    assert play.at(1.1, SoundsFinished(1, 0.95)) == [EndUtterance(1)]


def test_when_only_the_words_are_sure_the_pause_is_longer() -> None:
    play = sounding(0.9, 0.5)
    assert play.at(1.14) == []
    assert play.at(1.16) == [EndUtterance(1)]


def test_when_the_voice_hears_that_more_is_to_come_the_words_do_not_end_it() -> None:
    assert sounding(0.9, 0.1, policy=TRUSTING).at(1.3) == []
    assert sounding(0.9, 0.1).at(1.3) == [EndUtterance(1)]  # which is not believed as much as the words


def test_when_both_hear_that_more_is_to_come_the_floor_stays_the_users_longest() -> None:
    play = sounding(0.1, 0.1)
    play.at(1.3, SpeechStopped(1))
    play.at(1.4, Transcribed(1, "what is the"))
    assert play.at(2.2) == []
    assert play.at(2.3) == [StartReply(1, "what is the", 1, guess=1)]


def test_how_a_voice_sounded_before_it_went_on_is_forgotten() -> None:
    play = sounding(0.5, 0.95)
    play.at(1.1, SpeechPaused(1, paused=False))
    assert play.at(1.2, SoundsFinished(1, 0.99)) == []
    play.at(1.5, SpeechPaused(1, paused=True))
    assert play.at(1.75) == []


def test_a_voice_may_still_say_that_the_turn_is_over_when_the_utterance_has_ended() -> None:
    play = sounding(0.5, 0.4, policy=TRUSTING)
    play.at(1.3, SpeechStopped(1))
    play.at(1.35, Transcribed(1, "go on"))
    assert play.at(1.4, SoundsFinished(1, 0.95)) == [StartReply(1, "go on", 1, guess=1)]


def test_words_that_the_recogniser_is_sure_of_are_answered_ahead_at_once_when_the_end_is_sure() -> None:
    play = sounding(0.9, 0.9)
    assert play.at(1.04, PartlyTranscribed(1, "what is a comet", agreed=True)) == [Speculate(1, "what is a comet")]


def test_the_final_words_decide_about_the_wait() -> None:
    play = Floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.9, EndOfTurnLikely(1, 1.0))
    play.at(1.0, SpeechStopped(1))
    play.at(1.2, EndOfTurnLikely(1, 0.0))
    assert play.at(1.2, Transcribed(1, "what is the")) == []
    assert play.at(1.99) == []
    assert play.at(2.01) == [StartReply(1, "what is the", 1)]


def test_news_of_another_utterance_decides_nothing() -> None:
    play = Floor()
    play.at(0.0, SpeechStarted(1))
    play.at(0.5, SpeechStopped(1))
    play.at(0.55, Transcribed(1, "well"))
    play.at(0.6, SpeechStarted(2))
    assert play.at(0.7, EndOfTurnLikely(1, 1.0)) == []
    play.at(1.0, SpeechStopped(2))
    play.at(1.0, Transcribed(2, "go"))
    assert play.at(1.2) == []
    assert play.at(1.26) == [StartReply(1, "well go", 2)]


def test_the_wait_is_monotonic_and_bounded() -> None:
    policy = Policy(endpoint_after=0.25, endpoint_least=0.05, endpoint_most=1.5)
    waits = [policy.wait(step / 20) for step in range(21)]
    assert waits == sorted(waits, reverse=True)
    assert waits[::10] == pytest.approx([1.5, 0.25, 0.05])
    assert policy.wait(None) == 0.25
    # A configured wait outside the bounds is its own bound.
    assert Policy(endpoint_after=2.0).wait(0.0) == 2.0
    assert Policy(endpoint_after=0.0, endpoint_least=0.1).wait(1.0) == 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is a comet?", "what is a comet"),
        ("It's   ten-thirty.", "its ten thirty"),
        ("«Où êtes-vous ?»", "où êtes vous"),
        ("STRASSE", "straße"),
        ("नमस्ते।", "नमस्ते"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("你好。", "你好"),
    ],
)
def test_case_and_punctuation_are_no_difference(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("comet", "comment"), ("a b", "ab"), ("नमस्ते", "नमसत"), ("c++", "c"), ("3", "three"), ("résumé", "resume")],
)
def test_words_are(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize("text", ["", " ", "?!", "…", "'", "-- ."])
def test_punctuation_alone_is_nothing(text: str) -> None:
    assert key(text) == ""
