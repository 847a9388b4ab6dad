"""Tells everybody in a room how it is: each by their own name, in their own language, and not too often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import structs

from bridge.rooms.chair import Chair
from bridge.rooms.part import Part
from bridge.rooms.seat import Seat
from protocol import messages as m

TOLD_EVERY: Final = 0.1  # seconds between two accounts of the room, ...
TOLD_EACH: Final = 0.01  # ... and for each person in it


class Account:
    """What is told of the room `asked` for; `seats` and `parts` are those of the room, as they are at any time."""

    def __init__(self, asked: m.HelloRoom, chair: Chair, seats: Sequence[Seat], parts: Mapping[str, Part]) -> None:
        self._asked, self._chair, self._seats, self._parts = asked, chair, seats, parts
        self._changed = False
        self._told_at = float("-inf")

    def changed(self) -> None:
        """Note that something is otherwise than it was told."""
        self._changed = True

    @property
    def deadline(self) -> float | None:
        """Return when the next account is due, None where nothing has changed."""
        return self._told_at + TOLD_EVERY + TOLD_EACH * len(self._seats) if self._changed else None

    def tell(self, now: float) -> None:
        """Tell everybody, if it is time; the minutes too where the meeting is over."""
        due = self.deadline
        if due is None or now < due:
            return
        self._changed, self._told_at = False, now
        account = self._as_it_is(now, self._chair.minutes(now) if self._chair.over else "")
        self._chair.over = False
        casts = {language: self._cast(language) for language in {seat.language for seat in self._seats}}
        for seat in self._seats:
            seat.out.tell(structs.replace(account, you=seat.name, companions=casts[seat.language]))

    def tell_minutes(self, seat: Seat, now: float) -> None:
        """Tell one person the minutes so far."""
        told = self._as_it_is(now, self._chair.minutes(now))
        seat.out.tell(structs.replace(told, you=seat.name, companions=self._cast(seat.language)))

    def _as_it_is(self, now: float, minutes: str) -> m.RoomTold:
        """Return how the room is; who is told, and in what language, is for each to fill in."""
        meeting = self._chair.meeting
        hands = set(meeting.hands)
        return m.RoomTold(
            room=self._asked.name,
            you="",
            kind=self._asked.kind,
            people=tuple(
                m.Person(name=each.name, host=each.host, hand=each.name in hands, here=each.out.attended)
                for each in self._seats
            ),
            agenda=self._chair.agenda(now),
            item=meeting.item,
            word=meeting.word,
            minutes=minutes,
        )

    def _cast(self, language: str) -> tuple[m.CastTold, ...]:
        return tuple(part.told(language) for part in self._parts.values())
