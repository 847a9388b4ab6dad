"""Does to a conversation what other protocols can do and ours does not: recall, erase, ask for a reply, listen in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from bridge.core.history import History
from bridge.core.timeline import Ticks
from bridge.core.turn_events import Event, Prompted, StopRequested
from bridge.session.ears import Ears
from bridge.session.fanout import Fanout
from bridge.session.speaking import Speaking
from bridge.session.tool_calls import TIMEOUT, ToolCalls
from engines.api import Message, Tool, ToolResult
from protocol import messages as m


class Aside:
    """What stands beside one session's own wire.

    `answers` says whether what the user speaks is answered by itself; else it is understood, and that is all: neither
    answered nor remembered. `instructions` are what the application asks of the dialogue. Everybody in `overheard` is
    told what happens to the floor, before anything follows from it.
    """

    def __init__(
        self,
        *,
        history: History,
        hearing: Ears,
        speaking: Speaking,
        calls: ToolCalls,
        out: Fanout,
        decide: Callable[[Event], None],
        now: Callable[[], float],
        renew: Callable[[], None] = lambda: None,
    ) -> None:
        """Stand beside it; `renew` is called when the instructions have changed."""
        self.answers = True
        self._instructions = ""
        self._renew = renew
        self.overheard: list[Callable[[Event], None]] = []
        self._history = history
        self._hearing = hearing
        self._speaking = speaking
        self._calls = calls
        self._out = out
        self._decide = decide
        self._now = now

    @property
    def instructions(self) -> str:
        """Return what the application asks of the dialogue, "" for nothing."""
        return self._instructions

    @instructions.setter
    def instructions(self, text: str) -> None:
        if text != self._instructions:
            self._instructions = text
            self._renew()

    def overhear(self, event: Event) -> None:
        """Tell everybody who listens."""
        for tell in self.overheard:
            tell(event)

    def recall(self, said: Iterable[Message]) -> None:
        """Remember what was said elsewhere, oldest first."""
        for message in said:
            self._history.recall(message)

    def erase(self, turn: int, message: Message) -> None:
        """Forget the reply of turn `turn`, or (0) the last contribution that is `message`."""
        self._history.erase(turn, message)

    def truncate(self, turn: int, pts: int) -> None:
        """Take it that nothing of turn `turn` was heard after `pts`; if it still runs, it is cut there."""
        if self._speaking.is_playing(turn):
            self._speaking.played(turn, pts, self._now())
            self._decide(StopRequested())
        self._history.cut(turn, Ticks(pts))

    def said(self) -> tuple[Message, ...]:
        """Return what was said, oldest first."""
        return self._history.messages()

    @property
    def offered(self) -> tuple[Tool, ...]:
        """Return what the scene can do."""
        return self._calls.offered

    async def use(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Have the scene do something that it offers."""

        def send(number: int) -> None:
            turn = max(1, self._history.turn)
            call = partial(m.ToolCall, call=number, name=name, arguments=dict(arguments), timeout_ms=ms)
            self._out.keep(lambda seq: call(turn=turn, seq=seq))

        ms = round(TIMEOUT * 1000)
        return await self._calls.call(name, send)

    def speak_up(self) -> None:
        """Have the companion say something of its own accord, as soon as the floor is free."""
        self._decide(Prompted("", must=True))

    def end_utterance(self) -> None:
        """End what the user is saying."""
        self._hearing.stop()
