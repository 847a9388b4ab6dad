"""Follows whose turn it is, where a duplex model decides that: the session's floor with such a model.

It has the face of `bridge.core.turns.Turns`, and like that reads no clock, sets no timer and waits for nothing. What
the model hears and says are the events; what follows for our turns, the client and the history are the actions.

    IDLE        nobody speaks
    LISTENING   the model hears the user speak
    ENDPOINTING it takes their turn as over, and has not answered
    THINKING    it answers, or was asked to, and nothing of that has been heard
    SPEAKING    its answer is being heard
    OVERLAP     the user speaks over the answer, and the model has not stopped for that

An answer begins when the model begins it. It waits for the words that it answers, WORDS_S at most and only where the
model writes them: so they are judged and remembered before it. Those that come later are still remembered (LearnWords).
"""

from __future__ import annotations

from typing import Final, assert_never

from bridge.core.turn_events import (
    Action,
    Answering,
    CancelReply,
    Duck,
    EndOfTurnLikely,
    Event,
    LearnWords,
    Led,
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
from bridge.core.turns import REPLYING, State
from engines.text.joining import joined

WORDS_S: Final = 0.6  # seconds that an answer waits for the words that it answers
UNANSWERED_S: Final = 8.0  # seconds after which nobody expects an answer any more
QUEUED: Final = 2  # answers that wait for the end of the running one


class Following:
    """The floor of one session; `interrupts`: speech that the model hears ends its answer."""

    def __init__(self, *, interrupts: bool) -> None:
        self.state = State.IDLE
        self.turn = 0  # the running reply, or the last one
        self.utterance = 0  # the one being spoken, or the last
        self.heard_since: float | None = None  # since when the running reply is heard
        self._interrupts = interrupts
        self._words: dict[int, str] = {}  # said since the last answer
        self._awaited: set[int] = set()  # said, and not understood yet
        self._writes = True  # the model writes what it understands
        self._answers = 0  # that have come and not begun
        self._start_at: float | None = None  # when the next one begins without words
        self._rest_at: float | None = None  # when no answer is expected any more
        self._untold: set[int] = set()  # what the running reply answers, and whose words are not known
        self._must: Prompted | None = None

    @property
    def at_rest(self) -> bool:
        """Tell whether the floor is free and nothing waits for it."""
        return self.state is State.IDLE and self._must is None and not self._answers

    def count(self, turn: int, utterance: int) -> None:
        """Go on after these, which were elsewhere: numbers are never given twice."""
        self.turn, self.utterance = turn, utterance

    @property
    def deadline(self) -> float | None:
        """Return when to call `expire` if nothing happens before."""
        return min((at for at in (self._start_at, self._rest_at) if at is not None), default=None)

    def expire(self, now: float) -> list[Action]:
        """Decide what to do because `now` has come; nothing before `deadline`."""
        if self._start_at is not None and now >= self._start_at:
            self._writes = False  # until it proves otherwise
            return self._begin()
        if self._rest_at is not None and now >= self._rest_at:
            return self._rest()
        return []

    def receive(self, event: Event, now: float) -> list[Action]:
        """Decide what to do about `event`, which happened at `now` (seconds, any monotonic clock)."""
        match event:
            case SpeechStarted(utterance):
                return self._speech_started(utterance)
            case SpeechStopped(utterance):
                return self._speech_stopped(utterance, now)
            case Transcribed(utterance, text):
                return self._transcribed(utterance, text, now)
            case TalkPressed(utterance):
                cut = self._cancel(State.LISTENING)
                self._listen(utterance)
                return cut
            case TalkReleased(utterance):
                return self._speech_stopped(utterance, now)
            case Answering():
                return self._answering(now)
            case Typed(text):
                cut = self._cancel(State.IDLE)
                return [*cut, self._start(joined([*self._taken(), text]))]
            case Prompted(text, must):
                if self.state is State.IDLE:
                    return [self._start(text, prompted=True)]
                self._must = event if must else self._must
                return []
            case PlaybackStarted(turn):
                if turn == self.turn and self.state in REPLYING:
                    self.heard_since = now if self.heard_since is None else self.heard_since
                    self.state = State.SPEAKING if self.state is State.THINKING else self.state
                return []
            case PlaybackEnded(turn):
                return self._playback_ended(turn, now)
            case StopRequested():
                overlap = self.state is State.OVERLAP
                cut = self._cancel(State.LISTENING if overlap else State.IDLE)
                return cut + (self._rest() if cut and not overlap else [])
            case SpeechPaused() | PartlyTranscribed() | EndOfTurnLikely() | SoundsFinished() | MouthMoves() | Led():
                return []  # the model's business
            case _:
                assert_never(event)

    # ----------------------------------------------------------------------------------------- the user speaks

    def _speech_started(self, utterance: int) -> list[Action]:
        if self.state in REPLYING and not self._interrupts:
            self.utterance = utterance
            if self.state is State.OVERLAP:
                return []
            self.state = State.OVERLAP
            return [Duck(self.turn)]
        cut = self._cancel(State.LISTENING)
        self._listen(utterance)
        return cut

    def _listen(self, utterance: int) -> None:
        self.utterance = utterance
        self.state = State.LISTENING
        self._rest_at = None

    def _speech_stopped(self, utterance: int, now: float) -> list[Action]:
        if utterance != self.utterance:
            return []
        if utterance not in self._words:
            self._awaited.add(utterance)
        if self.state is State.OVERLAP:
            self.state = State.THINKING if self.heard_since is None else State.SPEAKING
            return [Unduck(self.turn)]
        if self.state is not State.LISTENING:
            return []
        self._endpoint(now)
        return self._answering(now, more=0) if self._answers else []

    def _endpoint(self, now: float) -> None:
        self.state = State.ENDPOINTING
        self._rest_at = now + UNANSWERED_S

    def _transcribed(self, utterance: int, text: str, now: float) -> list[Action]:
        self._awaited.discard(utterance)
        self._writes = self._writes or bool(text)
        if utterance in self._untold:
            self._untold.discard(utterance)
            return [LearnWords(self.turn, text)] if text else []
        if text:
            self._words[utterance] = text
        if self.state is State.IDLE and text:
            self.utterance = max(self.utterance, utterance)
            self._endpoint(now)
        if self._start_at is not None and not self._awaited:
            return self._begin()
        return []

    # --------------------------------------------------------------------------------------------- the reply

    def _answering(self, now: float, *, more: int = 1) -> list[Action]:
        """Begin an answer that has come, unless another is heard or its words are worth waiting for."""
        self._answers = min(QUEUED, self._answers + more)
        if self.state in REPLYING:
            return []
        if self._awaited and self._writes:
            self._start_at = self._start_at or now + WORDS_S
            return []
        return self._begin()

    def _begin(self) -> list[Action]:
        self._answers -= 1
        text = joined(self._taken())
        spoken = self.utterance if text or self._awaited else 0
        self._untold = set(self._awaited)
        self._awaited.clear()
        return [self._start(text, spoken)]

    def _start(self, text: str, utterance: int = 0, *, prompted: bool = False) -> StartReply:
        self.turn += 1
        self.state = State.THINKING
        self.heard_since = self._start_at = self._rest_at = None
        return StartReply(self.turn, text, utterance, prompted)

    def _taken(self) -> list[str]:
        """Take what was said since the last answer, oldest first."""
        words = [self._words[number] for number in sorted(self._words)]
        self._words.clear()
        return words

    def _playback_ended(self, turn: int, now: float) -> list[Action]:
        if turn != self.turn or self.state not in REPLYING:
            return []
        if self.state is State.OVERLAP:
            self._listen(self.utterance)
            return []
        if self._answers:
            self.state = State.IDLE
            return self._answering(now, more=0)
        if self._words or self._awaited:
            # They spoke over it, and the model has not answered that yet.
            self._endpoint(now)
            return []
        return self._rest()

    def _cancel(self, after: State) -> list[Action]:
        """End what runs and what waits; the floor is then as `after` says."""
        self._start_at = None
        self._answers = 0
        if self.state not in REPLYING:
            return []
        self.state = after
        return [CancelReply(self.turn)]

    def _rest(self) -> list[Action]:
        """Free the floor, or give it to a prompt that has waited for that."""
        self.state = State.IDLE
        self._rest_at = self._start_at = None
        self._awaited.clear()
        if self._must is None:
            return []
        prompt, self._must = self._must, None
        return [self._start(prompt.text, prompted=True)]
