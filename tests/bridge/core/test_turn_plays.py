"""Whose turn it is: the conversations that matter, as screenplays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.core.turn_events import (
    Action,
    CancelReply,
    Duck,
    Event,
    Lost,
    PlaybackEnded,
    PlaybackStarted,
    Prompted,
    Speculate,
    SpeechPaused,
    SpeechStarted,
    SpeechStopped,
    StartReply,
    StopRequested,
    TalkPressed,
    TalkReleased,
    Transcribed,
    Typed,
    Unduck,
    Withdraw,
)
from bridge.core.turn_policy import Policy
from bridge.core.turns import State, Turns

POLICY = Policy()


class Floor:
    """Turns by the rules that ship, and a clock that the screenplay moves; deadlines on the way are kept."""

    def __init__(self, *, full_duplex: bool = True, policy: Policy = POLICY) -> None:
        self.turns = Turns(policy, full_duplex=full_duplex)
        self.now = 100.0
        self._guess = 0  # the answer that is held

    def at(self, seconds: float, event: Event | None = None) -> list[Action]:
        """What is decided about the floor until `seconds` into the play, and about `event`, which happens then.

        What is begun ahead is checked for its order and left out.
        """
        floor: list[Action] = []
        for action in self.all_at(seconds, event):
            match action:
                case Speculate(guess):
                    assert not self._guess
                    self._guess = guess
                case Withdraw(guess):
                    assert guess == self._guess
                    self._guess = 0
                case StartReply(guess=guess):
                    assert guess == self._guess
                    self._guess = 0
                    floor.append(replace(action, guess=0))
                case _:
                    floor.append(action)
        return floor

    def all_at(self, seconds: float, event: Event | None = None) -> list[Action]:
        """The same with what is begun ahead."""
        until = 100.0 + seconds
        assert until >= self.now
        actions: list[Action] = []
        while self.turns.deadline is not None and self.turns.deadline <= until:
            deadline = self.turns.deadline
            actions += self.turns.expire(deadline)
            assert self.turns.deadline != deadline, "the same deadline twice: a busy loop"
        self.now = until
        return actions + (self.turns.receive(event, until) if event is not None else [])

    def state(self) -> State:
        return self.turns.state


def replying(*, full_duplex: bool = True, heard: bool = True) -> Floor:
    """Turn 1 answers "what is a comet", said in utterance 1; at 1.0 s it may be heard."""
    floor = Floor(full_duplex=full_duplex)
    assert floor.at(0.0, SpeechStarted(1)) == []
    assert floor.at(0.5, SpeechStopped(1)) == []
    assert floor.at(0.6, Transcribed(1, "what is a comet")) == []
    assert floor.at(0.75) == [StartReply(1, "what is a comet", 1)]
    if heard:
        assert floor.at(1.0, PlaybackStarted(1)) == []
    return floor


def test_a_question_is_answered_and_the_answer_heard() -> None:
    floor = replying()
    assert floor.state() is State.SPEAKING
    assert floor.at(3.0, PlaybackEnded(1)) == []
    assert floor.state() is State.IDLE
    assert floor.turns.deadline is None


def test_the_floor_stays_the_users_for_a_breath() -> None:
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    floor.at(0.5, SpeechStopped(1))
    floor.at(0.6, Transcribed(1, "what is"))
    assert floor.at(0.7, SpeechStarted(2)) == []
    floor.at(1.2, SpeechStopped(2))
    floor.at(1.3, Transcribed(2, "a comet"))
    assert floor.at(2.0) == [StartReply(1, "what is a comet", 2)]


@pytest.mark.parametrize(
    ("first", "second", "asked"),
    [
        ("灯塔是", "什么时候建的？", "灯塔是什么时候建的？"),
        ("とうだいは", "いつできましたか。", "とうだいはいつできましたか。"),
        ("ประภาคาร", "สร้างเมื่อไหร่", "ประภาคารสร้างเมื่อไหร่"),
        ("등대는 언제", "지어졌나요?", "등대는 언제 지어졌나요?"),
    ],
)
def test_what_is_said_in_two_breaths_is_joined_as_its_script_is_written(first: str, second: str, asked: str) -> None:
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    floor.at(0.5, SpeechStopped(1))
    floor.at(0.6, Transcribed(1, first))
    floor.at(0.7, SpeechStarted(2))
    floor.at(1.2, SpeechStopped(2))
    floor.at(1.3, Transcribed(2, second))
    assert floor.at(2.0) == [StartReply(1, asked, 2)]


def test_what_is_typed_after_words_of_the_same_script_is_joined_to_them() -> None:
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    floor.at(0.5, SpeechStopped(1))
    floor.at(0.6, Transcribed(1, "你好。"))
    assert [action.text for action in floor.at(0.65, Typed("灯塔呢？")) if isinstance(action, StartReply)] == [
        "你好。灯塔呢？"
    ]


def test_words_keep_the_order_in_which_they_were_said() -> None:
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    floor.at(0.5, SpeechStopped(1))
    floor.at(0.6, SpeechStarted(2))
    floor.at(1.0, SpeechStopped(2))
    floor.at(1.1, Transcribed(2, "a comet"))
    assert floor.at(1.5, Transcribed(1, "what is")) == [StartReply(1, "what is a comet", 2)]


def test_a_backchannel_ducks_and_unducks() -> None:
    floor = replying()
    assert floor.at(1.5, SpeechStarted(2)) == [Duck(1)]
    assert floor.state() is State.OVERLAP
    assert floor.at(1.8, SpeechStopped(2)) == [Unduck(1)]
    assert floor.at(1.9, Transcribed(2, "Mm-hm.")) == []
    assert floor.state() is State.SPEAKING
    assert floor.at(3.0, PlaybackEnded(1)) == []
    assert floor.state() is State.IDLE


def test_silence_after_a_murmur_does_not_make_it_a_barge_in() -> None:
    floor = replying()
    assert floor.at(1.5, SpeechStarted(2)) == [Duck(1)]
    assert floor.at(1.85, SpeechPaused(2, paused=True)) == []
    assert floor.at(2.15, SpeechStopped(2)) == [Unduck(1)]


def test_speech_counts_on_after_a_pause() -> None:
    floor = replying()
    floor.at(1.5, SpeechStarted(2))
    floor.at(1.8, SpeechPaused(2, paused=True))
    assert floor.at(2.0, SpeechPaused(2, paused=False)) == []
    assert floor.at(2.09) == []
    assert floor.at(2.11) == [CancelReply(1)]


@pytest.mark.parametrize("text", ["okay", "Yeah, yeah.", "uh-huh", "I see", "Right!", "", "mhm"])
def test_what_only_says_go_on(text: str) -> None:
    assert POLICY.is_backchannel(text)


@pytest.mark.parametrize("text", ["stop", "yes but why", "wait", "no", "okay stop"])
def test_what_says_more_than_go_on(text: str) -> None:
    assert not POLICY.is_backchannel(text)


def test_talking_on_over_the_reply_is_a_barge_in() -> None:
    floor = replying()
    assert floor.at(1.5, SpeechStarted(2)) == [Duck(1)]
    assert floor.at(1.89) == []
    assert floor.at(1.91) == [CancelReply(1)]
    assert floor.state() is State.LISTENING
    floor.at(2.5, SpeechStopped(2))
    floor.at(2.6, Transcribed(2, "no the other one"))
    assert floor.at(3.0) == [StartReply(2, "no the other one", 2)]


def test_a_short_stop_is_a_barge_in_by_its_words() -> None:
    floor = replying()
    assert floor.at(1.5, SpeechStarted(2)) == [Duck(1)]
    assert floor.at(1.7, SpeechStopped(2)) == [Unduck(1)]
    assert floor.at(2.0, Transcribed(2, "stop!")) == [CancelReply(1), StartReply(2, "stop!", 2)]


def test_a_second_murmur_whose_words_come_while_a_third_is_spoken() -> None:
    floor = replying()
    floor.at(1.5, SpeechStarted(2))
    floor.at(1.7, SpeechStopped(2))
    assert floor.at(1.8, SpeechStarted(3)) == [Duck(1)]
    assert floor.at(1.9, Transcribed(2, "wait")) == [CancelReply(1)]
    assert floor.state() is State.LISTENING
    floor.at(2.2, SpeechStopped(3))
    floor.at(2.3, Transcribed(3, "go back"))
    assert floor.at(2.5) == [StartReply(2, "wait go back", 3)]


def test_the_user_goes_on_while_the_companion_thinks() -> None:
    floor = replying(heard=False)
    assert floor.at(0.9, SpeechStarted(2)) == [Duck(1)]
    assert floor.at(1.31) == [CancelReply(1)]
    floor.at(1.6, SpeechStopped(2))
    floor.at(1.7, Transcribed(2, "and a meteor"))
    assert floor.at(2.0) == [StartReply(2, "what is a comet and a meteor", 2, again=True)]


def test_and_goes_on_a_second_time() -> None:
    floor = replying(heard=False)
    floor.at(0.9, SpeechStarted(2))
    floor.at(1.5, SpeechStopped(2))
    assert floor.at(1.8, Transcribed(2, "and")) == [StartReply(2, "what is a comet and", 2, again=True)]
    floor.at(1.9, SpeechStarted(3))
    floor.at(2.5, SpeechStopped(3))
    assert floor.at(2.9, Transcribed(3, "a meteor")) == [StartReply(3, "what is a comet and a meteor", 3, again=True)]


def test_a_cough_while_it_thinks_does_not_lose_the_question() -> None:
    floor = replying(heard=False)
    floor.at(0.9, SpeechStarted(2))
    assert floor.at(1.4) == [CancelReply(1)]
    floor.at(1.6, SpeechStopped(2))
    assert floor.at(1.9, Transcribed(2, "")) == [StartReply(2, "what is a comet", 2, again=True)]


def test_words_of_a_reply_that_was_heard_are_not_repeated() -> None:
    floor = replying()
    floor.at(1.5, SpeechStarted(2))
    floor.at(2.2, SpeechStopped(2))
    assert floor.at(2.5, Transcribed(2, "and a meteor")) == [StartReply(2, "and a meteor", 2)]


def typed_while_words_are_awaited() -> Floor:
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    floor.at(0.5, SpeechStopped(1))
    assert floor.at(0.6, Typed("hello")) == [StartReply(1, "hello", 0)]
    return floor


def test_words_that_come_while_something_else_is_answered_are_lost_and_that_is_told() -> None:
    floor = typed_while_words_are_awaited()
    assert floor.at(0.7, Transcribed(1, "what is a comet")) == [Lost(1)]
    assert floor.state() is State.THINKING


def test_words_that_come_when_the_floor_is_free_are_answered() -> None:
    floor = typed_while_words_are_awaited()
    floor.at(0.7, PlaybackStarted(1))
    floor.at(2.0, PlaybackEnded(1))
    assert floor.at(2.5, Transcribed(1, "what is a comet")) == [StartReply(2, "what is a comet", 1)]


def test_words_that_come_while_the_user_speaks_again_are_answered_with_the_rest() -> None:
    floor = typed_while_words_are_awaited()
    floor.at(0.7, PlaybackStarted(1))
    floor.at(2.0, PlaybackEnded(1))
    floor.at(2.1, SpeechStarted(2))
    assert floor.at(2.5, Transcribed(1, "what is a comet")) == []
    floor.at(3.0, SpeechStopped(2))
    floor.at(3.1, Transcribed(2, "please"))
    assert floor.at(4.0) == [StartReply(2, "what is a comet please", 2)]


@pytest.mark.parametrize("text", ["", "okay"])
def test_late_words_that_say_nothing_are_not_worth_coming_back_to(text: str) -> None:
    floor = typed_while_words_are_awaited()
    assert floor.at(0.7, Transcribed(1, text)) == []
    floor = typed_while_words_are_awaited()
    floor.at(2.0, PlaybackEnded(1))
    assert floor.at(2.5, Transcribed(1, text)) == []


def test_words_that_are_known_are_answered_with_what_is_typed_after_them() -> None:
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    floor.at(0.5, SpeechStopped(1))
    floor.at(0.6, Transcribed(1, "what is a comet"))
    assert floor.at(0.7, Typed("made of")) == [StartReply(1, "what is a comet made of", 1)]


def test_words_over_a_reply_that_is_stopped_are_answered() -> None:
    floor = replying()
    floor.at(1.5, SpeechStarted(2))
    floor.at(1.8, SpeechStopped(2))
    assert floor.at(1.9, StopRequested()) == [CancelReply(1)]
    assert floor.at(2.2, Transcribed(2, "wait")) == [StartReply(2, "wait", 2)]


def test_of_two_murmurs_that_say_more_neither_is_lost() -> None:
    floor = replying()
    floor.at(1.5, SpeechStarted(2))
    floor.at(1.7, SpeechStopped(2))
    floor.at(1.8, SpeechStarted(3))
    floor.at(2.0, SpeechStopped(3))
    assert floor.at(2.2, Transcribed(2, "wait")) == [CancelReply(1)]
    assert floor.at(2.3, Transcribed(3, "go back")) == [StartReply(2, "wait go back", 3)]


def test_a_question_over_the_end_of_the_reply_is_answered_when_its_words_come() -> None:
    floor = replying()
    floor.at(2.8, SpeechStarted(2))
    floor.at(2.95, SpeechStopped(2))
    assert floor.at(3.0, PlaybackEnded(1)) == []
    assert floor.state() is State.ENDPOINTING
    assert floor.at(3.4, Transcribed(2, "why")) == [StartReply(2, "why", 2)]


def test_a_murmur_over_the_end_of_the_reply_is_not_answered() -> None:
    floor = replying()
    floor.at(2.8, SpeechStarted(2))
    floor.at(2.95, SpeechStopped(2))
    floor.at(3.0, PlaybackEnded(1))
    assert floor.at(3.4, Transcribed(2, "okay")) == []
    assert floor.state() is State.IDLE


def test_speech_that_outlasts_the_reply_is_a_turn() -> None:
    floor = replying()
    assert floor.at(2.8, SpeechStarted(2)) == [Duck(1)]
    assert floor.at(2.9, PlaybackEnded(1)) == []
    assert floor.state() is State.LISTENING
    assert floor.at(4.0, SpeechStopped(2)) == []
    assert floor.at(4.1, Transcribed(2, "yes")) == []
    assert floor.at(4.5) == [StartReply(2, "yes", 2)]


def test_push_to_talk_cancels_at_once_and_ends_at_once() -> None:
    floor = replying()
    assert floor.at(1.5, TalkPressed(2)) == [CancelReply(1)]
    assert floor.state() is State.LISTENING
    assert floor.at(9.0, TalkReleased(2)) == []
    assert floor.at(9.1, Transcribed(2, "yes")) == [StartReply(2, "yes", 2)]


def test_push_to_talk_while_thinking_keeps_the_question() -> None:
    floor = replying(heard=False)
    assert floor.at(0.8, TalkPressed(2)) == [CancelReply(1)]
    floor.at(1.5, TalkReleased(2))
    assert floor.at(1.6, Transcribed(2, "please")) == [StartReply(2, "what is a comet please", 2, again=True)]


def test_an_empty_press_leads_nowhere() -> None:
    floor = Floor()
    floor.at(0.0, TalkPressed(1))
    floor.at(0.1, TalkReleased(1))
    assert floor.at(0.2, Transcribed(1, "")) == []
    assert floor.state() is State.IDLE


def test_typed_over_speech_answers_what_was_typed() -> None:
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    assert floor.at(0.4, Typed("hello")) == [StartReply(1, "hello", 0)]
    assert floor.at(0.5, SpeechStopped(1)) == []
    assert floor.at(0.6, Transcribed(1, "never mind")) == [Lost(1)]
    assert floor.state() is State.THINKING


def test_typed_over_a_reply_interrupts_it() -> None:
    floor = replying()
    assert floor.at(1.5, Typed("enough")) == [CancelReply(1), StartReply(2, "enough", 0)]


def test_half_duplex_hears_nothing_over_a_reply_that_sounds() -> None:
    floor = replying(full_duplex=False)
    assert floor.at(1.5, SpeechStarted(2)) == []
    assert floor.at(3.0) == []
    assert floor.at(3.0, PlaybackEnded(1)) == []
    assert floor.state() is State.IDLE


def test_half_duplex_still_hears_while_it_thinks_and_by_push_to_talk() -> None:
    floor = replying(full_duplex=False, heard=False)
    assert floor.at(0.9, SpeechStarted(2)) == [Duck(1)]
    floor.at(1.0, SpeechStopped(2))
    floor.at(1.1, PlaybackStarted(1))
    assert floor.at(1.5, TalkPressed(3)) == [CancelReply(1)]


def test_a_prompt_is_said_if_nobody_speaks_and_forgotten_otherwise() -> None:
    floor = Floor()
    assert floor.at(0.0, Prompted("the door opens")) == [StartReply(1, "the door opens", prompted=True)]
    assert floor.at(0.1, Prompted("the door closes")) == []
    floor.at(0.2, PlaybackStarted(1))
    assert floor.at(2.0, PlaybackEnded(1)) == []
    assert floor.state() is State.IDLE


def test_a_prompt_that_must_be_said_waits_for_the_floor() -> None:
    floor = replying()
    assert floor.at(1.1, Prompted("fire!", must=True)) == []
    assert floor.at(3.0, PlaybackEnded(1)) == [StartReply(2, "fire!", prompted=True)]


def test_it_waits_for_the_user_too() -> None:
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    assert floor.at(0.1, Prompted("fire!", must=True)) == []
    floor.at(0.5, SpeechStopped(1))
    floor.at(0.6, Transcribed(1, "hello"))
    assert floor.at(1.0) == [StartReply(1, "hello", 1)]
    assert floor.at(2.0, PlaybackEnded(1)) == [StartReply(2, "fire!", prompted=True)]


def test_the_floor_stays_the_users_until_their_words_are_known() -> None:
    """How long a recogniser may take is bounded where it runs: its failure is an utterance without words."""
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    floor.at(0.5, SpeechStopped(1))
    assert floor.at(30.0) == []
    assert floor.state() is State.ENDPOINTING
    assert floor.at(30.0, Transcribed(1, "")) == []
    assert floor.state() is State.IDLE


def test_of_two_utterances_one_lost_the_other_is_answered() -> None:
    floor = Floor()
    floor.at(0.0, SpeechStarted(1))
    floor.at(0.5, SpeechStopped(1))
    floor.at(0.6, SpeechStarted(2))
    floor.at(1.0, SpeechStopped(2))
    floor.at(1.1, Transcribed(2, "a comet"))
    assert floor.at(5.0, Transcribed(1, "")) == [StartReply(1, "a comet", 2)]


def test_who_goes_on_when_the_reply_has_hardly_begun_is_answered_anew_with_everything() -> None:
    floor = replying()
    assert floor.at(1.3, SpeechStarted(2)) == [Duck(1)]
    assert floor.at(1.71) == [CancelReply(1)]
    floor.at(2.0, SpeechStopped(2))
    floor.at(2.1, Transcribed(2, "and a meteor"))
    assert floor.at(2.5) == [StartReply(2, "what is a comet and a meteor", 2, again=True)]


def test_short_words_at_the_beginning_of_a_reply_reopen_it_too() -> None:
    floor = replying()
    floor.at(1.3, SpeechStarted(2))
    floor.at(1.6, SpeechStopped(2))
    restart = StartReply(2, "what is a comet or a meteor", 2, again=True)
    assert floor.at(2.2, Transcribed(2, "or a meteor")) == [CancelReply(1), restart]


def test_a_backchannel_at_the_beginning_of_a_reply_changes_nothing() -> None:
    floor = replying()
    floor.at(1.3, SpeechStarted(2))
    assert floor.at(1.6, SpeechStopped(2)) == [Unduck(1)]
    assert floor.at(2.2, Transcribed(2, "mhm")) == []
    assert floor.state() is State.SPEAKING


def test_stop_ends_the_reply_and_the_question() -> None:
    floor = replying(heard=False)
    assert floor.at(0.9, StopRequested()) == [CancelReply(1)]
    assert floor.state() is State.IDLE
    assert floor.at(2.0, SpeechStarted(2)) == []
    floor.at(2.5, SpeechStopped(2))
    floor.at(2.6, Transcribed(2, "hello"))
    assert floor.at(3.0) == [StartReply(2, "hello", 2)]


def test_a_reply_without_sound_gives_the_floor_back() -> None:
    floor = replying(heard=False)
    assert floor.at(0.9, PlaybackEnded(1)) == []
    assert floor.state() is State.IDLE


def test_news_of_an_old_turn_means_nothing() -> None:
    floor = replying()
    floor.at(1.5, Typed("enough"))
    assert floor.at(1.6, PlaybackStarted(1)) == []
    assert floor.at(1.7, PlaybackEnded(1)) == []
    assert floor.state() is State.THINKING
