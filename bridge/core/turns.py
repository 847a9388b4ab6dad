"""Decides whose turn it is. Every decision about the floor is taken in this file and nowhere else.

`Turns` is told what happened and when, and answers with what to do; it never reads a clock, sets a timer or waits.
Call `receive` for each event, and `expire` when `deadline` has come. Events that mean nothing in a state are ignored:
voice detection and recognition are late by nature. What belongs to something carries its id, and late news of an
older utterance or turn is told apart by it. Every utterance that has stopped is followed by its `Transcribed`,
whatever becomes of its recogniser; words that come too late to be answered are reported as `Lost`.

    IDLE        nobody speaks
    LISTENING   the user speaks
    ENDPOINTING the user has stopped; the floor stays theirs for a while, and until their words are known
    THINKING    a reply is being made, nothing of it has been heard
    SPEAKING    a reply is being heard
    OVERLAP     the user speaks over a reply (which is ducked): a barge-in if they go on, a backchannel if they stop

While the floor is the user's, an answer may be begun ahead (`speculation`); only what `StartReply` names is ever heard.
An answer that came too early is reopened when the user goes on: cancelled, and begun anew with all that they said.
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from bridge.core.opinion import Opinion
from bridge.core.speculation import Speculation
from bridge.core.spoken import Spoken
from bridge.core.turn_events import (
    Action,
    Answering,
    CancelReply,
    Duck,
    EndOfTurnLikely,
    EndUtterance,
    Event,
    Led,
    Lost,
    MouthMoves,
    PartlyTranscribed,
    PlaybackEnded,
    PlaybackStarted,
    Prompted,
    SoundsFinished,
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
from bridge.core.turn_policy import Policy
from engines.text.joining import joined


class State(Enum):
    """Who has the floor."""

    IDLE = "idle"
    LISTENING = "listening"
    ENDPOINTING = "endpointing"
    THINKING = "thinking"
    SPEAKING = "speaking"
    OVERLAP = "overlap"


class Turns:
    """The floor of one session. What it remembers may be read; only it writes."""

    def __init__(self, policy: Policy, *, full_duplex: bool) -> None:
        self.policy = policy
        self.full_duplex = full_duplex
        self.state = State.IDLE
        self.turn = 0  # the running reply, or the last one
        self.utterance = 0  # the one being spoken, or the last
        self.spoken = Spoken()
        self.opinion = Opinion(trust=policy.voice_trust)
        self.ahead = Speculation(policy)
        self.end_at = 0.0  # ENDPOINTING: when the floor stops being the user's
        self.quiet_since: float | None = None  # LISTENING, ENDPOINTING: since when the user says nothing
        self.heard_since: float | None = None  # since when the running reply is heard
        self.prompt: str | None = None  # what the running reply answers, if the user said it
        self.must: Prompted | None = None  # waits for a free floor
        self._act_at: float | None = None  # when the floor changes by itself
        self._stopped_at: float | None = None  # ENDPOINTING: when speech stopped, if the floor waits for more of it
        self.overlap_since = 0.0  # OVERLAP: since when the user speaks
        self._patience = 0.0  # OVERLAP: how much more speech makes it a barge-in, while the user pauses

    @property
    def at_rest(self) -> bool:
        """Tell whether the floor is free and nothing waits for it."""
        return self.state is State.IDLE and self.must is None and self.deadline is None

    def count(self, turn: int, utterance: int) -> None:
        """Go on after these, which were elsewhere: numbers are never given twice."""
        self.turn, self.utterance = turn, utterance

    # ------------------------------------------------------------------------------------------------- input

    @property
    def deadline(self) -> float | None:
        """Return when to call `expire` if nothing happens before."""
        return min((at for at in (self._act_at, self.ahead.deadline) if at is not None), default=None)

    def heard_little(self, at: float) -> bool:
        """Tell whether next to nothing of the running reply had been heard at `at`: what it answers may be reopened."""
        return self.heard_since is None or at - self.heard_since < self.policy.reopen_within

    def receive(self, event: Event, now: float) -> list[Action]:
        """Decide what to do about `event`, which happened at `now` (seconds, any monotonic clock)."""
        actions = self._happened(event, now)
        return actions + self._look_ahead(now)

    def expire(self, now: float) -> list[Action]:
        """Decide what to do because `now` has come; nothing before `deadline`."""
        actions = self._time_passed(now)
        return actions + self._look_ahead(now)

    def _happened(self, event: Event, now: float) -> list[Action]:
        match event:
            case SpeechStarted(utterance):
                return self._speech_started(utterance, now)
            case SpeechPaused(utterance, paused):
                if utterance == self.utterance:
                    self._speech_paused(now, paused=paused)
                return []
            case SpeechStopped(utterance):
                return self._speech_stopped(utterance, now)
            case PartlyTranscribed(utterance, text, agreed):
                if utterance == self.utterance:
                    self.ahead.heard(utterance, text, now, agreed=agreed)
                return []
            case EndOfTurnLikely(utterance, likelihood, final):
                if utterance != self.utterance:
                    return []
                self.opinion.by_words = likelihood
                caught_up = self.quiet_since is not None and now >= self.quiet_since + 2 * self.policy.stable_after
                self.opinion.lagging = not (final or caught_up)
                return self._judged(now)
            case SoundsFinished(utterance, likelihood):
                if utterance != self.utterance or self.quiet_since is None:
                    return []
                self.opinion.by_voice = likelihood
                return self._judged(now)
            case MouthMoves(utterance, moves):
                if utterance != self.utterance or self.quiet_since is None:
                    return []
                self.opinion.mouth = moves
                return self._judged(now)
            case Transcribed(utterance, text):
                return self._transcribed(utterance, text, now)
            case TalkPressed(utterance):
                actions = self._cancel(now)
                self._listen(utterance)
                return actions
            case TalkReleased(utterance):
                if self.state is not State.LISTENING or utterance != self.utterance:
                    return []
                self.spoken.awaited.add(utterance)
                return self._endpoint(now, now)
            case Typed(text):
                return self._typed(text, now)
            case Prompted(text, must):
                if self.state is State.IDLE:
                    return self._start(text, 0, prompted=True)
                if must:
                    self.must = event
                return []
            case Led(turn):
                return self._led(turn) if self.state is State.IDLE else []
            case Answering():
                return []  # nobody else answers here
            case PlaybackStarted(turn):
                if turn == self.turn and self.state in REPLYING:
                    self.heard_since = now if self.heard_since is None else self.heard_since
                    if self.state is State.THINKING:
                        self.state = State.SPEAKING
                return []
            case PlaybackEnded(turn):
                return self._playback_ended(turn, now)
            case StopRequested():
                actions = self._cancel(now)
                if actions and self.state is not State.LISTENING:
                    return actions + self._rest()
                return actions
            case _:
                assert_never(event)

    def _time_passed(self, now: float) -> list[Action]:
        if self.state is State.ENDPOINTING:
            self._act_at = self.end_at if now < self.end_at else None
            return [] if self._act_at is not None or self.spoken.awaited else self._answer()
        if self._act_at is not None and now >= self._act_at:
            if self.state is State.OVERLAP:
                return self._barge_in()
            if self.state is State.LISTENING:
                self._act_at = None
                return [EndUtterance(self.utterance)]
        return []

    def _look_ahead(self, now: float) -> list[Action]:
        """Begin an answer to what the user seems to have said, or stop one that answers something else."""
        if self.state not in (State.LISTENING, State.ENDPOINTING):
            return self.ahead.drop()
        self.ahead.attend(self.utterance)
        spoken, words = self.spoken, self.spoken.words
        known = self.state is State.ENDPOINTING and not spoken.awaited
        if known and not words:
            return self.ahead.drop()
        if not known:
            partial = self.ahead.words(self.utterance)
            murmur = self.utterance in spoken.murmurs and self.policy.is_backchannel(partial)
            unknown = spoken.awaited - {self.utterance} or murmur or not partial
            words = {} if unknown else {**words, self.utterance: partial}
        prompt = spoken.text(words) or None
        return self.ahead.review(prompt, self.quiet_since, self.opinion, now, final=known, again=spoken.again)

    # ----------------------------------------------------------------------------------------- the user speaks

    def _speech_started(self, utterance: int, now: float) -> list[Action]:
        match self.state:
            case State.IDLE | State.ENDPOINTING:
                self._listen(utterance)
            case State.THINKING | State.SPEAKING if self.full_duplex or self.heard_since is None:
                self._attend(utterance)
                self.state = State.OVERLAP
                self.overlap_since = now
                self._patience = self.policy.barge_in_after
                self._count_speech(now, paused=False)
                return [Duck(self.turn)]
            case State.THINKING | State.SPEAKING | State.LISTENING | State.OVERLAP:
                pass
            case _:
                assert_never(self.state)
        return []

    def _speech_paused(self, now: float, *, paused: bool) -> None:
        if self.state is State.OVERLAP:
            self._count_speech(now, paused=paused)
        elif self.state is State.LISTENING:
            self.quiet_since = (self.quiet_since or now) if paused else None
            if not paused:
                # What sounded finished goes on.
                self.opinion.forget()
            self._watch_silence()

    def _count_speech(self, now: float, *, paused: bool) -> None:
        """Count only speech towards a barge-in: the silence that may end an utterance is as long as a murmur."""
        if paused and self._act_at is not None:
            self._patience, self._act_at = self._act_at - now, None
        elif not paused and self._act_at is None:
            self._act_at = now + self._patience

    def _speech_stopped(self, utterance: int, now: float) -> list[Action]:
        if utterance != self.utterance:
            return []
        if self.state is State.LISTENING:
            self.spoken.awaited.add(utterance)
            actions = self._endpoint(now, now + self.policy.wait(self.opinion.likelihood))
            self._stopped_at = now
            return actions
        if self.state is State.OVERLAP:
            self.state = State.THINKING if self.heard_since is None else State.SPEAKING
            self._act_at = None
            self.spoken.murmurs[utterance] = self.overlap_since
            return [Unduck(self.turn)]
        return []

    def _judged(self, now: float) -> list[Action]:
        """Follow a new opinion of how finished the user sounds."""
        if self.state is State.LISTENING:
            self._watch_silence()
        elif self.state is State.ENDPOINTING and self._stopped_at is not None:
            self.end_at = self._stopped_at + self.policy.wait(self.opinion.likelihood)
        else:
            return []
        return self._time_passed(now)

    def _watch_silence(self) -> None:
        """Set how long the pause may last before it ends the utterance (LISTENING)."""
        close_after = self.policy.close(self.opinion)
        if self.quiet_since is None or close_after is None:
            self._act_at = None
        else:
            self._act_at = self.quiet_since + close_after

    # ------------------------------------------------------------------------------------- the user's words

    def _transcribed(self, utterance: int, text: str, now: float) -> list[Action]:
        spoken = self.spoken
        awaited = utterance in spoken.awaited
        spoken.awaited.discard(utterance)
        began = spoken.murmurs.pop(utterance, None)
        # Words of a forgotten utterance that say no more than "go on" are not worth coming back to.
        only_go_on = (began is not None or not awaited) and self.policy.is_backchannel(text)
        if not text or only_go_on:
            return self._time_passed(now) if self.state is State.ENDPOINTING else []
        if self.state in REPLYING:
            if began is None:
                return [Lost(utterance)]
            if self.state is State.OVERLAP:
                actions = self._barge_in(began)
                spoken.words[utterance] = text
                return actions
            actions = self._cancel(began)
            spoken.words[utterance] = text
            self._attend(max(utterance, *spoken.awaited, 0))
            return actions + self._endpoint(now, now)
        spoken.words[utterance] = text
        if self.state is State.IDLE:
            self._attend(max(utterance, self.utterance))
            return self._endpoint(now, now)
        return self._time_passed(now) if self.state is State.ENDPOINTING else []

    def _typed(self, text: str, now: float) -> list[Action]:
        """Answer what was typed, together with what was said just before and is known."""
        replied = self._cancel(now)
        said = {} if replied else {n: words for n, words in self.spoken.words.items() if n}
        utterance = max(said, default=0)
        again = self.spoken.again and bool(said)
        prompt = joined([self.spoken.text(self.spoken.words if again else said), text])
        self.spoken.forget()
        return replied + self._start(prompt, utterance, again=again, typed=True)

    def _answer(self) -> list[Action]:
        """Answer the user, whose turn is over and all of whose words are known."""
        text, again = self.spoken.text(), self.spoken.again
        if not text:
            return self._rest()
        utterance = self.utterance
        actions = self._start(text, utterance, again=again)
        self._forget_speech()
        return actions

    # --------------------------------------------------------------------------------------------- the reply

    def _playback_ended(self, turn: int, now: float) -> list[Action]:
        if turn != self.turn or self.state not in REPLYING:
            return []
        self.prompt = None
        murmurs = self.spoken.murmurs
        self.spoken.awaited |= murmurs.keys()
        if self.state is State.OVERLAP:
            self._listen(self.utterance)
            return []
        if murmurs:
            self._attend(max(murmurs))
            return self._endpoint(now, now)
        return self._rest()

    def _start(
        self, text: str, utterance: int, *, prompted: bool = False, again: bool = False, typed: bool = False
    ) -> list[Action]:
        self.turn += 1
        self.state = State.THINKING
        self._act_at = None
        self.heard_since = None
        self.prompt = None if prompted else text
        spoken = utterance > 0 and not prompted and not typed
        actions, guess = self.ahead.take(text) if spoken else (self.ahead.drop(), 0)
        return [*actions, StartReply(self.turn, text, utterance, prompted, again, guess)]

    def _led(self, turn: int) -> list[Action]:
        """Follow a reply that the room has begun."""
        self.turn = turn
        self.state = State.THINKING
        self._act_at = self.heard_since = self.prompt = None
        return self.ahead.drop()

    def _barge_in(self, began: float | None = None) -> list[Action]:
        utterance = self.utterance
        actions = self._cancel(self.overlap_since if began is None else began)
        self._listen(utterance)
        return actions

    def _cancel(self, began: float) -> list[Action]:
        """End the running reply because of what began at `began`; of what was hardly heard the prompt is kept."""
        if self.state not in REPLYING:
            return []
        overlap = self.state is State.OVERLAP
        self.spoken.awaited |= self.spoken.murmurs.keys()
        if self.prompt and self.heard_little(began):
            self.spoken.reopen(self.prompt)
        self.prompt = None
        self._act_at = None
        self.state = State.LISTENING if overlap else State.IDLE
        return [CancelReply(self.turn)]

    # ---------------------------------------------------------------------------------------------- the floor

    def _listen(self, utterance: int) -> None:
        self._attend(utterance)
        self.state = State.LISTENING
        self._act_at = None

    def _attend(self, utterance: int) -> None:
        if utterance != self.utterance:
            self.opinion.forget()
        self.utterance = utterance
        self.quiet_since = None

    def _endpoint(self, now: float, end_at: float) -> list[Action]:
        """Leave the floor to the user, who has stopped, until `end_at` and until their words are known."""
        self.state = State.ENDPOINTING
        self._stopped_at = None
        self.quiet_since = self.quiet_since or now
        self.end_at = end_at
        return self._time_passed(now)

    def _rest(self) -> list[Action]:
        """Free the floor, or give it to a prompt that has waited for that."""
        self.state = State.IDLE
        self._act_at = None
        self.prompt = None
        self._forget_speech()
        if self.must is None:
            return []
        prompt, self.must = self.must, None
        return self._start(prompt.text, 0, prompted=True)

    def _forget_speech(self) -> None:
        """Begin anew; murmurs whose words are still to come may be more than that."""
        murmurs = dict(self.spoken.murmurs)
        self.ahead.forget()
        self.spoken.forget()
        self.spoken.murmurs.update(murmurs)


REPLYING = frozenset({State.THINKING, State.SPEAKING, State.OVERLAP})
