"""Leads what a room is for: the agenda and the minutes of a meeting, or who may be answered in a class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import assert_never

from bridge.core.rooms.lines import lines
from bridge.core.rooms.meeting import Changed, Item, Meeting, Say, Step
from bridge.core.rooms.minutes import markdown
from bridge.rooms.seat import Seat
from protocol import messages as m

LEADS = ("give", "next", "end")  # what only a host may do


class Chair:
    """The order of one room; `say` has the companion that leads say a line, `tell` tells everybody how it stands."""

    def __init__(
        self,
        asked: m.HelloRoom,
        language: str,
        clock: Callable[[], datetime],
        *,
        say: Callable[[str], None],
        tell: Callable[[], None],
    ) -> None:
        self.name = asked.name
        self.kind: m.RoomKind = asked.kind
        self.meeting = Meeting(tuple(Item(item.title, item.minutes) for item in asked.agenda), lines(language))
        self.over = False  # everybody is to be told the minutes
        self._say, self._tell = say, tell
        self._clock = clock
        self._present: dict[str, None] = {}  # all who were here, in the order in which they came

    @property
    def leads(self) -> bool:
        """Return whether there are hands, a word to give, and somebody who leads."""
        return self.kind != "talk"

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do."""
        return self.meeting.deadline

    def expire(self, now: float) -> None:
        """Do what is due."""
        self._do(self.meeting.expire(now))

    def came(self, person: str) -> None:
        """Note that somebody is here."""
        self._present[person] = None

    def gone(self, person: str) -> None:
        """Note that somebody has left."""
        self._do(self.meeting.gone(person))

    def heard(self, by: str, text: str, now: float, *, companion: bool = False) -> None:
        """Note what was said."""
        if self.leads:
            self._do(self.meeting.said(by, text, now, companion=companion))

    def answers(self, seat: Seat) -> bool:
        """Return whether what somebody says may be answered aloud."""
        return self.kind != "class" or seat.host or seat.name == self.meeting.word

    def does(self, seat: Seat, ask: m.RoomAsk, people: Iterable[str], now: float) -> str:
        """Do what somebody asks; return why it cannot be, or ""."""
        if not self.leads:
            return "this room has no hands, agenda or minutes"
        if ask.op in LEADS and not seat.host:
            return "only a host may do this"
        match ask.op:
            case "hand" | "lower":
                self._do(self.meeting.hand(seat.name, ask.op == "hand"))
            case "give":
                if ask.to not in people:
                    return f"there is nobody called {ask.to} here"
                self._do(self.meeting.give(ask.to))
            case "next":
                if self.kind != "meeting":
                    return "a class has no agenda"
                self._do(self.meeting.next(now))
            case "end":
                self._do(self.meeting.end(now))
            case "minutes":
                pass
        return ""

    def minutes(self) -> str:
        """Return the minutes so far, as Markdown."""
        meeting = self.meeting
        return markdown(
            self.name,
            [item.title for item in meeting.agenda],
            meeting.entries,
            day=self._clock().date().isoformat(),
            present=tuple(self._present),
            spent=meeting.spent,
        )

    def agenda(self, now: float) -> tuple[m.AgendaTold, ...]:
        """Return how the agenda stands."""
        meeting = self.meeting
        return tuple(
            m.AgendaTold(title=item.title, minutes=item.minutes, spent_s=round(meeting.spent_on(number, now), 1))
            for number, item in enumerate(meeting.agenda, 1)
        )

    def _do(self, steps: list[Step]) -> None:
        words = [step.text for step in steps if isinstance(step, Say)]
        for step in steps:
            match step:
                case Say():
                    pass
                case Changed(over):
                    self.over = self.over or over
                    self._tell()
                case _:
                    assert_never(step)
        if words:
            self._say(" ".join(words))
