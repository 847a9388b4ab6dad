"""Whose turn it is. Every decision about the floor is taken in this file and nowhere else.

`Turns` is told what happened and when, and answers with what to do; it never reads a clock, sets a timer or waits.
Call `receive` for each event, and `expire` when `deadline` has come. Events that mean nothing in a state are ignored:
voice detection and recognition are late by nature. What belongs to something carries its id, and late news of an
older utterance or turn is dropped by it.

    IDLE        nobody speaks
    LISTENING   the user speaks
    ENDPOINTING the user has stopped; the floor stays theirs for `endpoint_after`, and until their words are known
    THINKING    a reply is being made, nothing of it has been heard
    SPEAKING    a reply is being heard
    OVERLAP     the user speaks over a reply (which is ducked): a barge-in if they go on, a backchannel if they stop
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from bridge.core.turn_events import (
    Action,
    CancelReply,
    Duck,
    Event,
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


class State(Enum):
    """Who has the floor."""

    IDLE = "idle"
    LISTENING = "listening"
    ENDPOINTING = "endpointing"
    THINKING = "thinking"
    SPEAKING = "speaking"
    OVERLAP = "overlap"


BACKCHANNELS = frozenset(
    {"ah", "aha", "cool", "great", "hm", "hmm", "huh", "mhm", "mm", "mm-hm", "mmhm", "nice", "oh", "ok", "okay"}
    | {"really", "right", "sure", "uh", "uh-huh", "uhhuh", "wow", "yeah", "yep", "yes", "i", "see"}
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations in seconds.

    `endpoint_after`: how long after speech the floor stays the user's. `barge_in_after`: how much speech over a reply
    makes it a barge-in. `transcript_wait`: how long the words may lag behind the end of speech.
    """

    endpoint_after: float = 0.25
    barge_in_after: float = 0.4
    transcript_wait: float = 8.0
    backchannels: frozenset[str] = BACKCHANNELS

    def is_backchannel(self, text: str) -> bool:
        """Whether these words only say "go on"; no words at all do too."""
        return all(word.strip(".,!?") in self.backchannels for word in text.lower().split())


class Turns:
    """The floor of one session."""

    def __init__(self, policy: Policy, *, full_duplex: bool) -> None:
        self.policy = policy
        self.full_duplex = full_duplex
        self.state = State.IDLE
        self.turn = 0  # the running reply, or the last one
        self.deadline: float | None = None
        self._utterance = 0  # the one being spoken, or the last
        self._awaited: set[int] = set()  # utterances of this turn whose words are not known yet
        self._words: dict[int, str] = {}  # of this turn so far, by utterance; 0 is what was answered already
        self._end_at = 0.0  # ENDPOINTING: when the floor stops being the user's
        self._give_up_at = 0.0  # ENDPOINTING: when missing words are given up
        self._again = False  # words[0] was answered already, unheard
        self._murmurs: set[int] = set()  # utterances that stopped over a reply; their words may make them barge-ins
        self._patience = 0.0  # OVERLAP: how much more speech makes it a barge-in, while the user pauses
        self._playing = False  # something of the running reply has been heard
        self._prompt: str | None = None  # what the running reply answers, if the user said it
        self._must: Prompted | None = None  # waits for a free floor

    # ------------------------------------------------------------------------------------------------- input

    def receive(self, event: Event, now: float) -> list[Action]:
        """What to do about `event`, which happened at `now` (seconds, any monotonic clock)."""
        match event:
            case SpeechStarted(utterance):
                return self._speech_started(utterance, now)
            case SpeechPaused(utterance, paused):
                if self.state is State.OVERLAP and utterance == self._utterance:
                    self._count_speech(now, paused=paused)
                return []
            case SpeechStopped(utterance):
                return self._speech_stopped(utterance, now)
            case Transcribed(utterance, text):
                return self._transcribed(utterance, text, now)
            case TalkPressed(utterance):
                actions = self._cancel()
                self._listen(utterance)
                return actions
            case TalkReleased(utterance):
                if self.state is State.LISTENING and utterance == self._utterance:
                    self._endpoint(now, now)
                    return self.expire(now)
                return []
            case Typed(text):
                actions = self._cancel()
                self._forget_speech()
                return [*actions, self._start(text, 0)]
            case Prompted(text, must):
                if self.state is State.IDLE:
                    return [self._start(text, 0, prompted=True)]
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

    def expire(self, now: float) -> list[Action]:
        """What to do because `now` has come; nothing before `deadline`."""
        if self.state is State.ENDPOINTING:
            if now >= self._end_at and (not self._awaited or now >= self._give_up_at):
                text, utterance, again = self._said(), self._utterance, self._again
                self._forget_speech()
                return [self._start(text, utterance, again=again)] if text else self._rest()
            self.deadline = self._give_up_at if now >= self._end_at else self._end_at
        elif self.state is State.OVERLAP and self.deadline is not None and now >= self.deadline:
            return self._barge_in()
        return []

    # ----------------------------------------------------------------------------------------- the user speaks

    def _speech_started(self, utterance: int, now: float) -> list[Action]:
        match self.state:
            case State.IDLE | State.ENDPOINTING:
                self._listen(utterance)
            case State.THINKING | State.SPEAKING if self.full_duplex or not self._playing:
                self.state = State.OVERLAP
                self._utterance = utterance
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
            self._endpoint(now, now + self.policy.endpoint_after)
            return self.expire(now)
        if self.state is State.OVERLAP:
            self.state = State.SPEAKING if self._playing else State.THINKING
            self.deadline = None
            self._murmurs.add(utterance)
            return [Unduck(self.turn)]
        return []

    def _transcribed(self, utterance: int, text: str, now: float) -> list[Action]:
        meant = bool(text) and not (utterance in self._murmurs and self.policy.is_backchannel(text))
        if utterance in self._awaited:
            self._awaited.discard(utterance)
            if meant:
                self._words[utterance] = text
            return self.expire(now)
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
        return [*actions, self._start(prompt, utterance, again=again)]

    def _count_speech(self, now: float, *, paused: bool) -> None:
        """Only speech counts towards a barge-in: the silence that may end an utterance is as long as a murmur."""
        if paused and self.deadline is not None:
            self._patience, self.deadline = self.deadline - now, None
        elif not paused and self.deadline is None:
            self.deadline = now + self._patience

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

    def _start(self, text: str, utterance: int, *, prompted: bool = False, again: bool = False) -> StartReply:
        self.turn += 1
        self.state = State.THINKING
        self.deadline = None
        self._playing = False
        self._prompt = None if prompted else text
        return StartReply(self.turn, text, utterance, prompted, again)

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
        self.deadline = None
        self.state = State.LISTENING if overlap else State.IDLE
        return [CancelReply(self.turn)]

    # ---------------------------------------------------------------------------------------------- the floor

    def _listen(self, utterance: int) -> None:
        self.state = State.LISTENING
        self._utterance = utterance
        self.deadline = None

    def _endpoint(self, now: float, end_at: float) -> None:
        self.state = State.ENDPOINTING
        self._awaited.add(self._utterance)
        self._end_at = self.deadline = end_at
        self._give_up_at = max(end_at, now + self.policy.transcript_wait)

    def _rest(self) -> list[Action]:
        """Nobody has the floor, unless a prompt has waited for that."""
        self.state = State.IDLE
        self.deadline = None
        self._prompt = None
        self._forget_speech()
        if self._must is None:
            return []
        prompt, self._must = self._must, None
        return [self._start(prompt.text, 0, prompted=True)]

    def _said(self) -> str:
        """The words of this turn in the order in which they were said, whichever were recognised first."""
        return " ".join(text for _, text in sorted(self._words.items()))

    def _forget_speech(self) -> None:
        self._words = {}
        self._again = False
        self._awaited.clear()
        self._murmurs.clear()


_REPLYING = frozenset({State.THINKING, State.SPEAKING, State.OVERLAP})
