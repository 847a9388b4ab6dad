"""Whose turn it is. Every decision about the floor is taken in this file and nowhere else.

`Turns` is told what happened and when, and answers with what to do; it never reads a clock, sets a timer or waits.
Call `receive` for each event, and `expire` when `deadline` has come. Events that mean nothing in a state are ignored:
voice detection and recognition are late by nature. What belongs to something carries its id, and late news of an
older utterance or turn is dropped by it.

    IDLE        nobody speaks
    LISTENING   the user speaks
    ENDPOINTING the user has stopped; the floor stays theirs for a while, and until their words are known
    THINKING    a reply is being made, nothing of it has been heard
    SPEAKING    a reply is being heard
    OVERLAP     the user speaks over a reply (which is ducked): a barge-in if they go on, a backchannel if they stop

While the floor is the user's, an answer may be begun ahead (`speculation`); only what `StartReply` names is ever heard.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import assert_never

from bridge.core.speculation import Speculation
from bridge.core.turn_events import (
    Action,
    CancelReply,
    Duck,
    EndOfTurnLikely,
    EndUtterance,
    Event,
    PartlyTranscribed,
    PlaybackEnded,
    PlaybackStarted,
    Prompted,
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
)
from bridge.core.turn_policy import SURE, Policy


class State(Enum):
    """Who has the floor."""

    IDLE = "idle"
    LISTENING = "listening"
    ENDPOINTING = "endpointing"
    THINKING = "thinking"
    SPEAKING = "speaking"
    OVERLAP = "overlap"


class Turns:
    """The floor of one session."""

    def __init__(self, policy: Policy, *, full_duplex: bool) -> None:
        self.policy = policy
        self.full_duplex = full_duplex
        self.state = State.IDLE
        self.turn = 0  # the running reply, or the last one
        self._act_at: float | None = None  # when the floor changes by itself
        self._utterance = 0  # the one being spoken, or the last
        self._awaited: set[int] = set()  # utterances of this turn whose words are not known yet
        self._words: dict[int, str] = {}  # of this turn so far, by utterance; 0 is what was answered already
        self._stopped_at: float | None = None  # ENDPOINTING: when speech stopped, if the floor waits for more of it
        self._end_at = 0.0  # ENDPOINTING: when the floor stops being the user's
        self._give_up_at = 0.0  # ENDPOINTING: when missing words are given up
        self._again = False  # words[0] was answered already, unheard
        self._murmurs: set[int] = set()  # utterances that stopped over a reply; their words may make them barge-ins
        self._patience = 0.0  # OVERLAP: how much more speech makes it a barge-in, while the user pauses
        self._playing = False  # something of the running reply has been heard
        self._prompt: str | None = None  # what the running reply answers, if the user said it
        self._must: Prompted | None = None  # waits for a free floor
        self._quiet_since: float | None = None  # LISTENING, ENDPOINTING: since when the user says nothing
        self._likely: float | None = None  # that the turn is over, by what was understood last
        self._ahead = Speculation(policy)

    # ------------------------------------------------------------------------------------------------- input

    @property
    def deadline(self) -> float | None:
        """When to call `expire` if nothing happens before."""
        return min((at for at in (self._act_at, self._ahead.deadline) if at is not None), default=None)

    def receive(self, event: Event, now: float) -> list[Action]:
        """What to do about `event`, which happened at `now` (seconds, any monotonic clock)."""
        actions = self._happened(event, now)
        return actions + self._look_ahead(now)

    def expire(self, now: float) -> list[Action]:
        """What to do because `now` has come; nothing before `deadline`."""
        actions = self._time_passed(now)
        return actions + self._look_ahead(now)

    def _happened(self, event: Event, now: float) -> list[Action]:
        match event:
            case SpeechStarted(utterance):
                return self._speech_started(utterance, now)
            case SpeechPaused(utterance, paused):
                if utterance == self._utterance:
                    self._speech_paused(now, paused=paused)
                return []
            case SpeechStopped(utterance):
                return self._speech_stopped(utterance, now)
            case PartlyTranscribed(utterance, text, agreed):
                if utterance == self._utterance:
                    self._ahead.heard(utterance, text, now, agreed=agreed)
                return []
            case EndOfTurnLikely(utterance, likelihood):
                return self._end_likely(likelihood, now) if utterance == self._utterance else []
            case Transcribed(utterance, text):
                return self._transcribed(utterance, text, now)
            case TalkPressed(utterance):
                actions = self._cancel()
                self._listen(utterance)
                return actions
            case TalkReleased(utterance):
                if self.state is State.LISTENING and utterance == self._utterance:
                    self._endpoint(now, now)
                    return self._time_passed(now)
                return []
            case Typed(text):
                actions = self._cancel()
                self._forget_speech()
                return actions + self._start(text, 0)
            case Prompted(text, must):
                if self.state is State.IDLE:
                    return self._start(text, 0, prompted=True)
                if must:
                    self._must = event
                return []
            case PlaybackStarted(turn):
                if turn == self.turn and self.state in _REPLYING:
                    self._playing = True
                    if self.state is State.THINKING:
                        self.state = State.SPEAKING
                return []
            case PlaybackEnded(turn):
                return self._playback_ended(turn, now)
            case StopRequested():
                actions = self._cancel()
                if actions and self.state is not State.LISTENING:
                    return actions + self._rest()
                return actions
            case _:
                assert_never(event)

    def _time_passed(self, now: float) -> list[Action]:
        if self.state is State.ENDPOINTING:
            if now >= self._end_at and (not self._awaited or now >= self._give_up_at):
                text, utterance, again = self._said(), self._utterance, self._again
                if not text:
                    return self._rest()
                actions = self._start(text, utterance, again=again)
                self._forget_speech()
                return actions
            self._act_at = self._give_up_at if now >= self._end_at else self._end_at
        elif self._act_at is not None and now >= self._act_at:
            if self.state is State.OVERLAP:
                return self._barge_in()
            if self.state is State.LISTENING:
                self._act_at = None
                return [EndUtterance(self._utterance)]
        return []

    def _look_ahead(self, now: float) -> list[Action]:
        """Begin an answer to what the user seems to have said, or stop one that answers something else."""
        if self.state not in (State.LISTENING, State.ENDPOINTING):
            return self._ahead.drop()
        self._ahead.attend(self._utterance)
        words = self._words
        known = self.state is State.ENDPOINTING and not self._awaited
        if known and not words:
            return self._ahead.drop()
        if not known:
            partial = self._ahead.words(self._utterance)
            murmur = self._utterance in self._murmurs and self.policy.is_backchannel(partial)
            words = (
                {}
                if self._awaited - {self._utterance} or murmur or not partial
                else {**words, self._utterance: partial}
            )
        prompt = self._said(words) or None
        return self._ahead.review(prompt, self._quiet_since, self._likely, now, final=known, again=self._again)

    # ----------------------------------------------------------------------------------------- the user speaks

    def _speech_started(self, utterance: int, now: float) -> list[Action]:
        match self.state:
            case State.IDLE | State.ENDPOINTING:
                self._listen(utterance)
            case State.THINKING | State.SPEAKING if self.full_duplex or not self._playing:
                self._attend(utterance)
                self.state = State.OVERLAP
                self._patience = self.policy.barge_in_after
                self._count_speech(now, paused=False)
                return [Duck(self.turn)]
            case State.THINKING | State.SPEAKING | State.LISTENING | State.OVERLAP:
                pass
            case _:
                assert_never(self.state)
        return []

    def _speech_stopped(self, utterance: int, now: float) -> list[Action]:
        if utterance != self._utterance:
            return []
        if self.state is State.LISTENING:
            self._endpoint(now, now + self.policy.wait(self._likely))
            self._stopped_at = now
            return self._time_passed(now)
        if self.state is State.OVERLAP:
            self.state = State.SPEAKING if self._playing else State.THINKING
            self._act_at = None
            self._murmurs.add(utterance)
            return [Unduck(self.turn)]
        return []

    def _transcribed(self, utterance: int, text: str, now: float) -> list[Action]:
        meant = bool(text) and not (utterance in self._murmurs and self.policy.is_backchannel(text))
        if utterance in self._awaited:
            self._awaited.discard(utterance)
            if meant:
                self._words[utterance] = text
            return self._time_passed(now)
        if utterance not in self._murmurs or self.state not in _REPLYING:
            return []
        self._murmurs.discard(utterance)
        if not meant:
            return []
        if self.state is State.OVERLAP:
            actions = self._barge_in()
            self._words[utterance] = text
            return actions
        actions = self._cancel()
        self._words[utterance] = text
        prompt, again = self._said(), self._again
        self._forget_speech()
        return actions + self._start(prompt, utterance, again=again)

    def _speech_paused(self, now: float, *, paused: bool) -> None:
        if self.state is State.OVERLAP:
            self._count_speech(now, paused=paused)
        elif self.state is State.LISTENING:
            self._quiet_since = (self._quiet_since or now) if paused else None
            if not paused:
                # What sounded finished goes on.
                self._likely = None
            self._watch_silence()

    def _count_speech(self, now: float, *, paused: bool) -> None:
        """Only speech counts towards a barge-in: the silence that may end an utterance is as long as a murmur."""
        if paused and self._act_at is not None:
            self._patience, self._act_at = self._act_at - now, None
        elif not paused and self._act_at is None:
            self._act_at = now + self._patience

    def _end_likely(self, likelihood: float, now: float) -> list[Action]:
        self._likely = likelihood
        if self.state is State.LISTENING:
            self._watch_silence()
        elif self.state is State.ENDPOINTING and self._stopped_at is not None:
            self._end_at = self._stopped_at + self.policy.wait(likelihood)
            self._give_up_at = max(self._end_at, self._stopped_at + self.policy.transcript_wait)
            return self._time_passed(now)
        return []

    def _watch_silence(self) -> None:
        """LISTENING: how long a pause may last after words that sound finished."""
        sure = self._likely is not None and self._likely >= SURE
        if self._quiet_since is None or not sure or not self.policy.close_after:
            self._act_at = None
        else:
            self._act_at = self._quiet_since + self.policy.close_after

    def _barge_in(self) -> list[Action]:
        utterance = self._utterance
        actions = self._cancel()
        self._listen(utterance)
        return actions

    # --------------------------------------------------------------------------------------------- the reply

    def _playback_ended(self, turn: int, now: float) -> list[Action]:
        if turn != self.turn or self.state not in _REPLYING:
            return []
        self._prompt = None
        self._awaited |= self._murmurs
        if self.state is State.OVERLAP:
            self._listen(self._utterance)
            return []
        if self._murmurs:
            self._utterance = max(self._murmurs)
            self._endpoint(now, now)
            return []
        return self._rest()

    def _start(self, text: str, utterance: int, *, prompted: bool = False, again: bool = False) -> list[Action]:
        self.turn += 1
        self.state = State.THINKING
        self._act_at = None
        self._playing = False
        self._prompt = None if prompted else text
        spoken = utterance > 0 and not prompted
        actions, guess = self._ahead.take(text) if spoken else (self._ahead.drop(), 0)
        return [*actions, StartReply(self.turn, text, utterance, prompted, again, guess)]

    def _cancel(self) -> list[Action]:
        """End the running reply; words that it answered unheard are still the user's turn."""
        if self.state not in _REPLYING:
            return []
        overlap = self.state is State.OVERLAP
        self._forget_speech()
        if self._prompt and not self._playing:
            self._words = {0: self._prompt}
            self._again = True
        self._prompt = None
        self._act_at = None
        self.state = State.LISTENING if overlap else State.IDLE
        return [CancelReply(self.turn)]

    # ---------------------------------------------------------------------------------------------- the floor

    def _listen(self, utterance: int) -> None:
        self._attend(utterance)
        self.state = State.LISTENING
        self._act_at = None

    def _attend(self, utterance: int) -> None:
        if utterance != self._utterance:
            self._likely = None
        self._utterance = utterance
        self._quiet_since = None

    def _endpoint(self, now: float, end_at: float) -> None:
        """The user has stopped; the floor is theirs until `end_at`, whatever their words sound like."""
        self.state = State.ENDPOINTING
        self._awaited.add(self._utterance)
        self._stopped_at = None
        self._quiet_since = self._quiet_since or now
        self._end_at = self._act_at = end_at
        self._give_up_at = max(end_at, now + self.policy.transcript_wait)

    def _rest(self) -> list[Action]:
        """Nobody has the floor, unless a prompt has waited for that."""
        self.state = State.IDLE
        self._act_at = None
        self._prompt = None
        self._forget_speech()
        if self._must is None:
            return []
        prompt, self._must = self._must, None
        return self._start(prompt.text, 0, prompted=True)

    def _said(self, words: Mapping[int, str] | None = None) -> str:
        """The words of this turn in the order in which they were said, whichever were recognised first."""
        return " ".join(text for _, text in sorted((self._words if words is None else words).items()))

    def _forget_speech(self) -> None:
        self._ahead.forget()
        self._words = {}
        self._again = False
        self._awaited.clear()
        self._murmurs.clear()


_REPLYING = frozenset({State.THINKING, State.SPEAKING, State.OVERLAP})
