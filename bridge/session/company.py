"""What a session that shares a room does in place of speaking itself: it asks the room, and follows what is said there.

The session goes on to hear its user and to know when they are done and when they mean to interrupt. Its replies are the
room's: what `turns` wants begun is asked of the room, and what the room begins is told to `turns`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, assert_never

from bridge.core.turn_events import (
    Action,
    CancelReply,
    Duck,
    EndUtterance,
    Event,
    LearnWords,
    Led,
    Lost,
    PlaybackStarted,
    Speculate,
    StartReply,
    StopRequested,
    Unduck,
    Withdraw,
)
from bridge.core.turns import State, Turns
from engines.api import ToolResult
from protocol import messages as m


class Company(Protocol):
    """A room, as one session in it sees it. Nothing here waits."""

    @property
    def turn(self) -> int:
        """Return the turn that runs in the room, or the last one."""
        ...

    @property
    def speaker(self) -> str:
        """Return what the wire calls the companion that has the floor, "" for none."""
        ...

    @property
    def sounding(self) -> bool:
        """Return whether the running turn is being heard."""
        ...

    def knows(self, companion: str) -> bool:
        """Return whether there is such a companion."""
        ...

    def speaks(self, on: bool) -> None:
        """Note that this user begins to speak, or has stopped and is understood."""
        ...

    def asked(self, text: str, companion: str, voice: str) -> None:
        """Note what this user has said; `companion` is whom the client names, "main" for nobody.

        `voice` tells apart those who share this user's microphone, "" where that is not known.
        """
        ...

    def prompted(self, text: str, words: str, *, greeting: bool) -> None:
        """Have a companion speak of its own accord, of what happened, or say these words as they stand."""
        ...

    def cut(self, turn: int, *, stop: bool) -> None:
        """Note that this user talks over turn `turn` and means it, or has pressed stop."""
        ...

    def whisper(self, text: str, companion: str) -> None:
        """Answer this user alone, in writing."""
        ...

    def receive(self, message: m.RoomAsk | m.Seen | m.Context | m.Tools) -> str:
        """Take what the client says to the room; return why it cannot be done, "" when it was."""
        ...

    def answer(self, call: int, result: ToolResult) -> bool:
        """Take the result of a tool call of the room; False for one that never was."""
        ...

    def present(self) -> None:
        """Note that this user's connection has come or gone."""
        ...


class Together:
    """One session's part in a room; `decide` tells an event to the turn-taking."""

    def __init__(self, company: Company, turns: Turns, decide: Callable[[Event], None]) -> None:
        self.company = company
        self.voice: Callable[[int], str] = lambda utterance: ""  # whose an utterance was
        self.companion = "main"  # whom the client names in what it says next
        self._turns = turns
        self._decide = decide
        self._asked: list[StartReply] = []
        self._cuts: list[tuple[int, bool]] = []
        self._stops = False
        self._speaks = False
        self._settling = False
        self._script = ""

    def stop(self, turn: int) -> None:
        """Stop the room's reply `turn` (0: whichever runs), for this is what the user has pressed."""
        self.company.cut(turn, stop=True)

    def script(self, text: str) -> None:
        """Have the next thing that a companion says of its own accord be `text` as it stands."""
        self._script = text

    def divert(self, actions: list[Action], now: float) -> list[Action]:
        """Return what is the session's own to do; what is the room's waits for `settle`."""
        own: list[Action] = []
        for action in actions:
            match action:
                case StartReply():
                    self._asked.append(action)
                    # The floor is not this session's to give.
                    own += self.divert(self._turns.receive(StopRequested(), now), now)
                case CancelReply(turn):
                    if turn == self.company.turn and not any(start.turn == turn for start in self._asked):
                        self._cuts.append((turn, False))
                case Speculate() | Withdraw() | Duck() | Unduck() | LearnWords():
                    pass
                case EndUtterance() | Lost():
                    own.append(action)
                case _:
                    assert_never(action)
        return own

    def settle(self) -> None:
        """Tell the room what this user does, now that the session has done its own."""
        if self._settling:
            return
        self._settling = True
        try:
            while self._cuts or self._asked:
                while self._cuts:
                    turn, stop = self._cuts.pop(0)
                    self.company.cut(turn, stop=stop)
                while self._asked:
                    self._tell(self._asked.pop(0))
            speaks = self._turns.state in (State.LISTENING, State.ENDPOINTING, State.OVERLAP)
            if speaks != self._speaks:
                self._speaks = speaks
                self.company.speaks(speaks)
        finally:
            self._settling = False
        self.follow()

    def follow(self) -> None:
        """Have `turns` know of the reply that runs in the room, where it does not."""
        if self.company.speaker and self._turns.state is State.IDLE:
            self._decide(Led(self.company.turn))
            if self.company.sounding:
                self._decide(PlaybackStarted(self.company.turn))

    def _tell(self, start: StartReply) -> None:
        if not start.prompted:
            companion, self.companion = self.companion, "main"
            self.company.asked(start.text, companion, self.voice(start.utterance))
            return
        words = self._script if start.text == self._script else ""
        self._script = ""
        self.company.prompted(start.text, words, greeting=not start.text)
