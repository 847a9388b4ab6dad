"""One room: several people, each by their own session, and one or several companions, of which one speaks at a time.

The room's task lives while anybody is there. What people say comes from their sessions as plain calls; `Floor` decides
which companion speaks and when, each companion's `Part` makes its replies, and `Spread` takes them to everybody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, assert_never

from bridge.core.rooms.address import Called, Circumstances, Otherwise, addressed
from bridge.core.rooms.company import company
from bridge.core.rooms.downbeat import Downbeat
from bridge.core.rooms.floor import (
    Asked,
    Begin,
    Cancel,
    CutIn,
    Floor,
    FloorAction,
    FloorEvent,
    Gone,
    Manners,
    Missed,
    Over,
    Speaks,
    Wants,
)
from bridge.core.rooms.names import own_name
from bridge.core.turn_events import Led, PlaybackEnded, PlaybackStarted, StopRequested
from bridge.rooms.account import Account
from bridge.rooms.asides import Asides
from bridge.rooms.chair import Chair
from bridge.rooms.part import Circumstances as Around
from bridge.rooms.part import Part
from bridge.rooms.seat import Seat
from bridge.rooms.spread import Spread
from bridge.session.alarm import Alarm
from bridge.session.opening import Shared
from bridge.session.tool_calls import ToolCalls
from engines.api import Message, ToolResult
from protocol import messages as m

MANNERS: Final[Mapping[m.RoomKind, Manners]] = {
    "talk": Manners(),
    "meeting": Manners(exchange=1),
    "class": Manners(cutters="hosts", exchange=1),
}
OTHERWISE: Final[Mapping[m.RoomKind, Otherwise]] = {"talk": "auto", "meeting": "nobody", "class": "first"}


class Room:
    """One room by what its first guest asked for; `shared` is what its sessions share, `most` how many people fit."""

    def __init__(self, asked: m.HelloRoom, shared: Shared, language: str, *, most: int) -> None:
        self.name, self.key, self.kind = asked.name, asked.key, asked.kind
        self.most = most
        self.face = m.HelloFace()  # what all in it are sent
        self.ended: list[Callable[[], None]] = []  # told when it is over
        self.parts: dict[str, Part] = {}
        self.seats: list[Seat] = []
        self.floor = Floor(MANNERS[asked.kind])
        self.chair = Chair(asked, language, shared.clock, say=self._host_says, tell=self.changed)
        self.calls = ToolCalls()
        self.alarm = Alarm()
        self.started = asyncio.Event()
        self.over = False
        self.turn = 0  # the one that runs, or the last one
        self.speaker = ""  # the companion that has the floor
        self.sounding = False
        self.coming: set[Seat] = set()  # who has a place, and no session yet
        self._shared = shared
        self._downbeat = Downbeat()
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._asked_at = self._began
        self._asker: Seat | None = None
        self._account = Account(asked, self.chair, self.seats, self.parts)
        self._asides = Asides(shared.rules.limits)
        self._group: asyncio.TaskGroup | None = None
        self._todo: deque[FloorAction] = deque()  # what the floor has decided and is not done yet
        self._doing = False

    def spread(self, companion: str) -> Spread:
        """Return what the companion `companion` sends its replies by."""
        rate = self._shared.rules.rate
        return Spread(companion, rate, self._downbeat, lambda: self.seats, lambda: self._asker)

    # --------------------------------------------------------------------------------------------- its own task

    async def run(self) -> None:
        """Act when the time has come, until everybody has left."""
        try:
            async with asyncio.TaskGroup() as self._group:
                for part in self.parts.values():
                    part.begin(self._group, self._loop.time())
                self.started.set()
                while not self.over:
                    now = self._loop.time()
                    self._do(self.floor.expire(now), now)
                    self.chair.expire(now)
                    for part in self.parts.values():
                        part.speaking.release(now)
                    self._account.tell(now)
                    await self.alarm.until(self._deadline(now))
                for part in self.parts.values():
                    part.end()
                self._asides.end()
        finally:
            self.over = True
            self.started.set()  # who waits for a room that crashed at once need not wait for ever
            for part in self.parts.values():
                part.close()
            for tell in self.ended:
                tell()

    def _deadline(self, now: float) -> float | None:
        instants = [self.floor.deadline, self.chair.deadline, self._account.deadline]
        if any(seat.out.attended for seat in self.seats):
            instants += [part.speaking.deadline(now) for part in self.parts.values()]
        return min((instant for instant in instants if instant is not None), default=None)

    # ------------------------------------------------------------------------------------------- who comes and goes

    def seat(self, hello: m.Hello, user: str) -> Seat:
        """Return a place for somebody, under a name that nobody else has here."""
        seat = Seat(self, own_name(hello.user or user, self._taken()), hello)
        self.coming.add(seat)
        return seat

    def _taken(self) -> list[str]:
        """Return the names that somebody has here."""
        seats = (*self.seats, *self.coming)
        voices = [name for seat in seats for name in seat.voices.names]
        return [*(seat.name for seat in seats), *voices, *(part.name for part in self.parts.values()), *self.parts]

    @property
    def full(self) -> bool:
        """Return whether nobody else fits."""
        return len(self.seats) + len(self.coming) >= self.most

    def abandon(self, seat: Seat) -> None:
        """Forget a place that nobody has taken."""
        self.coming.discard(seat)
        self._close_if_empty()

    def _close_if_empty(self) -> None:
        if not self.seats and not self.coming:
            self.over = True
            self.alarm.ring()

    def enter(self, seat: Seat) -> None:
        """Let somebody in, whose session there is by now; the first is the host."""
        self.coming.discard(seat)
        seat.host = not self.seats
        self.seats.append(seat)
        self._hosts()
        self.chair.came(seat.name)
        self.changed()

    def leave(self, seat: Seat) -> None:
        """Let somebody go; with the last the room is over."""
        if seat not in self.seats:
            return
        self.seats.remove(seat)
        if self.seats and not any(each.host for each in self.seats):
            self.seats[0].host = True
        self._hosts()
        if self._asker is seat:
            self._asker = None
        self._close_if_empty()
        if self.over:
            return
        self.chair.gone(seat.name)
        self._decide(Gone(seat.key))
        self.changed()

    def _hosts(self) -> None:
        self.floor.hosts = frozenset(seat.key for seat in self.seats if seat.host)

    # ------------------------------------------------------------------------------------------- as a seat's room

    def knows(self, companion: str) -> bool:
        """Return whether there is such a companion."""
        return bool(self.named(companion))

    def named(self, name: str) -> str:
        """Return the companion with this id, identity or name, "" for nobody."""
        for part in self.parts.values():
            if name in (part.id, part.companion.id) or name.casefold() == part.name.casefold():
                return part.id
        return ""

    def speaks(self, seat: Seat, on: bool) -> None:
        """Note that somebody begins to speak, or has stopped."""
        if seat in self.seats:
            self._decide(Speaks(seat.key, on))

    def said(self, seat: Seat, text: str, companion: str, voice: str) -> None:
        """Tell everybody what somebody has said, and have those speak whom it was for.

        `voice` tells those apart who share a microphone.
        """
        if seat not in self.seats:
            return
        now = self._loop.time()
        self._asked_at = now
        by = self._speaker(seat, voice, text)
        for part in self.parts.values():
            part.hears(by, text)
        for other in self.seats:
            if other is not seat:
                other.out.keep(lambda seq: m.SomebodySaid(seq=seq, by=by, text=text))
        answers = self.chair.answers(seat)  # before these words use up the word
        self.chair.heard(seat.name, text, now, shown=by)
        to = self._addressed(seat, text, companion, now) if answers else ()
        self._decide(Asked(seat.key, to))

    def _speaker(self, seat: Seat, voice: str, text: str) -> str:
        """Return what to call whoever said this at somebody's microphone, by the name that they gave themselves."""
        introduced = seat.voices.heard(voice, text, self._taken())
        if introduced.refused:
            seat.out.post(m.Error(code="unsupported", message=introduced.refused))
        if introduced.fresh:
            self.chair.came(introduced.name)
        return introduced.name or (f"{seat.name} ({voice})" if voice else seat.name)

    def prompted(self, seat: Seat, text: str, words: str) -> None:
        """Have the first companion speak: of what happened, to greet, or these words."""
        first = next(iter(self.parts.values()))
        if words:
            first.lines.append(words)
        elif text:
            first.sees(text)
        self._asked_at = self._loop.time()
        self._decide(Wants(first.id))

    def happened(self, seat: Seat, events: tuple[str, ...]) -> None:
        """Note what has happened in somebody's scene."""
        for part in self.parts.values():
            for event in events:
                part.sees(event)

    def cut(self, seat: Seat, turn: int, *, stop: bool) -> None:
        """Stop what is said, if this person may."""
        self._decide(CutIn(seat.key, turn, stop and (seat.host or self.kind == "talk")))

    def does(self, seat: Seat, ask: m.RoomAsk) -> str:
        """Do what somebody asks; return why not, or ""."""
        now = self._loop.time()
        why = self.chair.does(seat, ask, [each.name for each in self.seats], now)
        if not why and ask.op == "minutes":
            self._account.tell_minutes(seat, now)
        return why

    def answer(self, call: int, result: ToolResult) -> bool:
        """Take the result of a tool call; False for one that never was."""
        return self.calls.answer(call, result)

    def changed(self) -> None:
        """Tell everybody how the room is, soon."""
        self._account.changed()
        self.alarm.ring()

    # --------------------------------------------------------------------------------------------- who speaks

    def _addressed(self, seat: Seat, text: str, companion: str, now: float) -> tuple[str, ...]:
        others = tuple(other.name for other in self.seats if other is not seat)
        others += tuple(name for each in self.seats for name in each.voices.names)
        known = Circumstances(
            explicit="" if companion == "main" else self.named(companion),
            looks=seat.looks,
            last=seat.last,
            ago=now - seat.last_at,
            people=others,
            otherwise=OTHERWISE[self.kind],
        )
        return addressed(text, self._called(), known)

    def _called(self, but: str = "") -> list[Called]:
        return [
            Called(part.id, (part.name, part.name.split()[0], part.companion.id or part.name))
            for part in self.parts.values()
            if part.id != but
        ]

    def _host_says(self, text: str) -> None:
        """Have the companion that leads say a line as it stands."""
        first = next(iter(self.parts.values()))
        first.lines.append(text)
        self._decide(Wants(first.id))

    def _decide(self, event: FloorEvent) -> None:
        now = self._loop.time()
        self._do(self.floor.receive(event, now), now)
        self.alarm.ring()

    def _do(self, actions: list[FloorAction], now: float) -> None:
        # One thing after the other: what is done leads to decisions of its own, which come after these.
        self._todo.extend(actions)
        if self._doing:
            return
        self._doing = True
        try:
            while self._todo:
                self._act(self._todo.popleft(), now)
        finally:
            self._doing = False

    def _act(self, action: FloorAction, now: float) -> None:
        match action:
            case Begin(turn, companion, person):
                self._begin(self.parts[companion], turn, person, now)
            case Cancel(turn):
                self._cancel(turn, now)
            case Missed(person, companion):
                name = self.parts[companion].name
                for seat in self._seats_of(person):
                    sentence = f"{name} could not answer: others were speaking; say it again"
                    seat.out.post(m.Error(code="unanswered", message=sentence))
            case _:
                assert_never(action)

    def _begin(self, part: Part, turn: int, person: str, now: float) -> None:
        asker = next(iter(self._seats_of(person)), None)
        self._asker = asker or self._asker or (self.seats[0] if self.seats else None)
        self.turn, self.speaker, self.sounding = turn, part.id, False
        words = " ".join(part.lines) if not person else ""
        if words:
            part.lines.clear()
        self.calls.offered = self._asker.tools if self._asker is not None else ()
        part.speak(turn, self._around(part, asker, now), words=words, asked_at=self._asked_at)
        for seat in list(self.seats):
            seat.session.follow(Led(turn))

    def _cancel(self, turn: int, now: float) -> None:
        self.speaker, self.sounding = "", False
        for part in self.parts.values():
            if part.speaking.is_playing(turn):
                part.speaking.cancel(turn, now)
                self._spoken(part, turn, now)
        for seat in list(self.seats):
            seat.session.follow(StopRequested())

    def heard(self, part: Part, event: PlaybackStarted | PlaybackEnded) -> None:
        """Take what becomes of a companion's reply."""
        now = self._loop.time()
        if isinstance(event, PlaybackStarted):
            self.sounding = True
            for seat in list(self.seats):
                seat.session.follow(event)
            return
        self.speaker, self.sounding = "", False
        text = self._spoken(part, event.turn, now)
        self._decide(Over(event.turn))
        for seat in list(self.seats):
            seat.session.follow(event)
        others = self._called(but=part.id)
        people = tuple(seat.name for seat in self.seats)
        names = addressed(text, others, Circumstances(people=people, otherwise="nobody")) if text and others else ()
        for name in names[:1]:
            self._decide(Wants(name, answers=part.id))
        if part.lines:
            self._decide(Wants(part.id))

    def _spoken(self, part: Part, turn: int, now: float) -> str:
        """Let the others know what a companion has said; return it."""
        text = part.history.text(turn)
        if text:
            for other in self.parts.values():
                if other is not part:
                    other.hears(part.name, text)
            self.chair.heard(part.name, text, now, companion=True)
        if self._asker is not None and self.floor.asker in ("", self._asker.key):
            self._asker.last, self._asker.last_at = part.id, now
        return text

    def _around(self, part: Part, asker: Seat | None, now: float, aside: tuple[Message, ...] = ()) -> Around:
        people = [seat.name for seat in self.seats]
        others = [other.name for other in self.parts.values() if other is not part]
        user = asker.name if asker is not None else ""
        return Around(
            user=user,
            now=self._shared.clock(),
            scene=asker.scene if asker is not None else {},
            tools=self.calls.offered,
            room=company(people, others, user),
            age=now - self._began,
            aside=aside,
        )

    # --------------------------------------------------------------------------------------------- to one alone

    def whisper(self, seat: Seat, text: str, companion: str) -> None:
        """Answer somebody alone, in writing; one question at a time."""
        if self._group is None or self.over:
            return
        part = self.parts.get(self.named(companion) or "main") or next(iter(self.parts.values()))
        around = self._around(part, seat, self._loop.time(), (Message("user", text, seat.name),))
        self._asides.ask(self._group, part, seat, around)

    def _seats_of(self, key: str) -> list[Seat]:
        return [seat for seat in self.seats if seat.key == key]
