"""Decides which companion of a room may speak, and when: never two at once, and never over somebody who speaks.

`Turns` decides for each person whether they speak, are done, or mean to interrupt; `Floor` stands above the `Turns` of
all people of a room and alone lets a companion begin. It is told what happened and when, and answers with what to do;
it never reads a clock. Call `receive` for each event, and `expire` when `deadline` has come.

    a wish      somebody has asked a companion, or a companion wants to say something: it waits until nobody speaks
    an exchange companions that answer each other; it ends after `Manners.exchange` turns, and when a person speaks
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, assert_never

MOST_WISHES: Final = 16  # that wait; the oldest go

Cutters: TypeAlias = Literal["anyone", "asker", "hosts"]


@dataclass(frozen=True, slots=True)
class Manners:
    """How the floor is shared; durations in seconds.

    `cutters` says whose talking over a reply stops it: anybody's, only that of whom it answers and of hosts, or only
    that of hosts. `exchange` bounds how many turns companions take in a row without a person's word, `breath` is the
    pause before such a turn, and `stale` how long a wish waits before it is dropped.
    """

    cutters: Cutters = "anyone"
    exchange: int = 4
    breath: float = 0.5
    stale: float = 30.0


# ------------------------------------------------------------------------------------------------- what happened


@dataclass(frozen=True, slots=True)
class Speaks:
    """Somebody began to speak, or (`on` False) does so no longer: they have stopped, and their words are known."""

    person: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody's turn is over, and these companions are to answer, one after the other."""

    person: str
    companions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wants:
    """A companion wants to speak: of its own accord, or (`answers`) because another companion has addressed it."""

    companion: str
    answers: str = ""


@dataclass(frozen=True, slots=True)
class CutIn:
    """Somebody talks over turn `turn` and means it, or (`stop`) has pressed stop: nothing that waits follows either."""

    person: str
    turn: int
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Over:
    """Turn `turn` has been heard to its end, or has failed."""

    turn: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A person, or a companion, is there no longer."""

    name: str


FloorEvent: TypeAlias = Speaks | Asked | Wants | CutIn | Over | Gone

# ---------------------------------------------------------------------------------------------------- what to do


@dataclass(frozen=True, slots=True)
class Begin:
    """Let `companion` speak as turn `turn`: to `person`, to another companion, or ("", "") of its own accord."""

    turn: int
    companion: str
    person: str = ""
    answers: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop turn `turn` at once."""

    turn: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Tell `person` that `companion` will not answer: the floor was not free in time."""

    person: str
    companion: str


FloorAction: TypeAlias = Begin | Cancel | Missed


@dataclass(frozen=True, slots=True)
class _Wish:
    companion: str
    person: str
    answers: str
    since: float
    due: float  # not before


@dataclass(slots=True)
class Floor:
    """The floor of one room; `hosts` are people who may always interrupt. What it remembers may be read."""

    manners: Manners = field(default_factory=Manners)
    hosts: frozenset[str] = frozenset()
    turn: int = 0  # the running turn, or the last one
    speaker: str = ""  # the companion that has the floor
    asker: str = ""  # whom it answers
    talking: set[str] = field(default_factory=set)  # the people who speak
    streak: int = 0  # turns of companions since a person had a word
    _wishes: list[_Wish] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """Return how many wishes wait."""
        return len(self._wishes)

    @property
    def deadline(self) -> float | None:
        """Return when to call `expire` if nothing happens before."""
        instants = [wish.since + self.manners.stale for wish in self._wishes]
        if self._free:
            instants += [wish.due for wish in self._wishes[:1]]
        return min(instants, default=None)

    def receive(self, event: FloorEvent, now: float) -> list[FloorAction]:
        """Decide what to do about `event`, which happened at `now` (seconds, any monotonic clock)."""
        actions: list[FloorAction] = []
        match event:
            case Speaks(person, on) if on:
                self.talking.add(person)
                self._drop_exchange()
            case Speaks(person):
                self.talking.discard(person)
            case Asked(person, companions):
                self.talking.discard(person)
                self.streak = 0
                self._drop_exchange()
                for companion in dict.fromkeys(companions):
                    self._wish(_Wish(companion, person, "", now, now))
            case Wants(companion, answers):
                # The first turn of an exchange is the answer to a person, so that it is not counted here.
                if not answers or self.streak < self.manners.exchange:
                    self._wish(_Wish(companion, "", answers, now, now + self.manners.breath if answers else now))
            case CutIn(person, turn, stop):
                if self._may_cut(person) or stop:
                    if stop:
                        self._wishes.clear()
                    self._drop_exchange()
                    actions += self._cancel(turn)
            case Over(turn):
                if turn == self.turn:
                    self.speaker = self.asker = ""
            case Gone(name):
                actions += self._gone(name)
            case _:
                assert_never(event)
        return actions + self.expire(now)

    def expire(self, now: float) -> list[FloorAction]:
        """Decide what to do because `now` has come."""
        actions: list[FloorAction] = []
        for wish in [wish for wish in self._wishes if now >= wish.since + self.manners.stale]:
            self._wishes.remove(wish)
            if wish.person:
                actions.append(Missed(wish.person, wish.companion))
        if self._free and self._wishes and now >= self._wishes[0].due:
            wish = self._wishes.pop(0)
            self.turn += 1
            self.speaker, self.asker = wish.companion, wish.person
            self.streak += 1
            actions.append(Begin(self.turn, wish.companion, wish.person, wish.answers))
        return actions

    def asked_by(self, person: str) -> Sequence[str]:
        """Return the companions that are still to answer `person`."""
        return [wish.companion for wish in self._wishes if wish.person == person]

    @property
    def _free(self) -> bool:
        return not self.speaker and not self.talking

    def _may_cut(self, person: str) -> bool:
        match self.manners.cutters:
            case "anyone":
                return True
            case "asker":
                # What a companion says of its own accord is said to all.
                return person in self.hosts or self.asker in ("", person)
            case "hosts":
                return person in self.hosts
            case _:
                assert_never(self.manners.cutters)

    def _wish(self, wish: _Wish) -> None:
        """Let a wish wait: people's before companions', one for each companion; the newest counts.

        A companion hears all that was said before it begins: it answers all who have asked it meanwhile at once.
        """
        before = [other for other in self._wishes if other.companion == wish.companion]
        if before and before[0].person and not wish.person:
            return  # it will speak anyway
        self._wishes = [other for other in self._wishes if other.companion != wish.companion]
        if wish.person:
            first = sum(1 for other in self._wishes if other.person)
            self._wishes.insert(first, wish)
        else:
            self._wishes.append(wish)
        del self._wishes[: -MOST_WISHES or None]

    def _drop_exchange(self) -> None:
        """Let companions answer each other no further: a person has the word."""
        self._wishes = [wish for wish in self._wishes if not wish.answers]

    def _cancel(self, turn: int) -> list[FloorAction]:
        if not self.speaker or turn not in (0, self.turn):
            return []
        self.speaker = self.asker = ""
        return [Cancel(self.turn)]

    def _gone(self, name: str) -> list[FloorAction]:
        self.talking.discard(name)
        self._wishes = [wish for wish in self._wishes if name not in (wish.person, wish.companion, wish.answers)]
        return self._cancel(self.turn) if name == self.speaker else []
