"""Does what turn-taking decides: tells `turns` what happened, and starts, cuts and announces what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, assert_never

from bridge.core.turn_events import (
    Action,
    CancelReply,
    Duck,
    EndUtterance,
    Event,
    LearnWords,
    Lost,
    Speculate,
    StartReply,
    StopRequested,
    Unduck,
    Withdraw,
)
from bridge.core.turns import State
from bridge.session.parts import Parts
from bridge.session.playing import Ask
from bridge.session.sources import passages
from engines.api import Message, Occasion, Request, ToolResult
from protocol import messages as m

_WIRE_STATE: Final[dict[State, m.State]] = {
    State.IDLE: "idle",
    State.LISTENING: "listening",
    State.ENDPOINTING: "listening",
    State.THINKING: "thinking",
    State.SPEAKING: "speaking",
    State.OVERLAP: "overlap",
}


class Conduct:
    """The turns of one session as they are carried out.

    `change` lets a companion that was offered take over, `wake` has the session look at its deadlines.
    """

    def __init__(
        self, parts: Parts, *, change: Callable[[float], None], wake: Callable[[], None], now: Callable[[], float]
    ) -> None:
        self.told: m.State = "idle"
        self.changed_at = now()  # when the state became what it is
        self._parts = parts
        self._change = change
        self._wake = wake
        self._now = now

    def decide(self, event: Event) -> None:
        """Tell `turns` what happened and do what it says."""
        now = self._now()
        self._parts.aside.overhear(event)
        self.perform(self._parts.turns.receive(event, now), now)
        # The deadlines may have changed.
        self._wake()

    def perform(self, actions: list[Action], now: float) -> None:
        """Have done what follows from what happened at `now`, and tell the client of the new state."""
        if self._parts.together is not None:
            actions = self._parts.together.divert(actions, now)
        ended = 0
        unanswered: StartReply | None = None
        for action in actions:
            match action:
                case StartReply(utterance=spoken) if spoken and not self._parts.aside.answers:
                    unanswered = action
                case StartReply():
                    self._start(action)
                case CancelReply(turn):
                    self._parts.speaking.cancel(turn, now)
                case Speculate(guess, text, again):
                    history = self._parts.history.supposing(text, again=again)
                    self._parts.speaking.speculate(guess, self._asking("user", history), now)
                case Withdraw(guess):
                    self._parts.speaking.withdraw(guess, now)
                case EndUtterance(utterance):
                    ended = utterance
                case Lost(utterance):
                    sentence = f"what was said in utterance {utterance} came too late to be answered: say it again"
                    self._parts.out.post(m.Error(code="unanswered", message=sentence))
                case LearnWords(turn, text):
                    self._parts.history.answered(turn, text)
                    self._parts.remembering.heard(text, turn)
                    if self._parts.partner is not None:
                        self._parts.partner.learn(self._asking("user", (Message("user", text),))(_runs_nothing))
                case Duck() | Unduck():
                    pass  # the client is told by the state
                case _:
                    assert_never(action)
        state = _WIRE_STATE[self._parts.turns.state]
        if state != self.told:
            self.told, self.changed_at = state, now
            turn = self._parts.turns.turn
            wanted = state == "speaking" and "timings" in self._parts.hello.features
            timings = self._parts.speaking.timings(turn) if wanted else None
            self._parts.out.post(self.as_told(state, timings))
            self._parts.idle.attend(state == "listening")
            if state in ("speaking", "idle"):
                # The reply is on its way: now there is time to note what was said.
                self._parts.remembering.settle(idle=state == "idle")
            self._parts.hearing.mute(not self._parts.hello.audio.aec and self._parts.turns.state is State.SPEAKING)
            # Nobody is answered while they go on; and a microphone that hears the loudspeaker must be silent before it.
            self._parts.speaking.waits = self._parts.turns.state is State.OVERLAP and self._parts.partner is None
        if ended:
            # Leads to decisions of its own, which come after these.
            self._parts.hearing.close(ended)
        if unanswered is not None:
            self._parts.speaking.withdraw(unanswered.guess, now)
            self.decide(StopRequested())
        if self._parts.together is not None:
            self._parts.together.settle()

    def as_told(self, state: m.State, timings: m.Timings | None = None) -> m.StateChange:
        """Return a state as the client is told of it."""
        if self._parts.together is None:
            return m.StateChange(state=state, turn=self._parts.turns.turn, timings=timings)
        room = self._parts.together.company
        companion = room.speaker if state in ("thinking", "speaking", "overlap") else ""
        return m.StateChange(state=state, turn=room.turn, companion=companion or "main")

    def _start(self, start: StartReply) -> None:
        turn = start.turn
        self._change(self._now())
        words = self._parts.script if start.prompted and start.text == self._parts.script else ""
        self._parts.script = ""
        if not start.prompted and start.text:
            self._parts.remembering.settle()
            self._parts.remembering.heard(start.text, turn)
            self._parts.history.user(start.text, again=start.again)
        elif start.text and not words:
            self._parts.history.happened(start.text)
        if self._parts.partner is not None and not words:
            self._parts.partner.begin(start)
        said = bool(start.text) and not start.prompted
        occasion: Occasion = "user" if said else "scene" if start.text else "greeting"
        ask = self._asking(occasion, self._parts.history.messages())
        asked_at = self._parts.hearing.ended_at if start.utterance else self._parts.typed_at
        self._parts.speaking.start(
            turn, ask, utterance=start.utterance, asked_at=asked_at, guess=start.guess, words=words
        )

    def _asking(self, occasion: Occasion, history: tuple[Message, ...]) -> Ask:
        """Return what the dialogue is asked now, but for how it runs tools."""
        return partial(
            Request,
            self._parts.name,
            occasion,
            history,
            self._parts.hello.user or self._parts.user,
            self._parts.language,
            self._parts.shared.clock(),
            {**self._parts.scene.states, **self._parts.watching.states()},
            self._parts.offered(),
            passages=passages(self._parts.role.companion.documents, history) if occasion == "user" else (),
            age=self._now() - self._parts.began,
            instructions=self._parts.aside.instructions,
            model=self._parts.hello.model,
        )


async def _runs_nothing(name: str, arguments: Mapping[str, object]) -> ToolResult:
    raise AssertionError(f"nothing is answered, and {name} is not run")
