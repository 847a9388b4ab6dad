"""Keeps the lines of chat that are worth an answer: the best first, none twice, nobody too often. Pure.

Cheap tests come first, so that a flood costs little: the content filter, which is dear, is asked only of a line that
would get a place, and only so often a second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import log2
from typing import Final, Literal, TypeAlias

from show.lines import Line, key

Verdict: TypeAlias = Literal["taken", "again", "often", "command", "blocked", "full", "flood", "idle"]

PLACES: Final = 60  # lines that wait
OWN: Final = 2  # of one person
REST_S: Final = 4.0  # seconds between two lines of one person
AGAIN_S: Final = 120.0  # seconds in which the same line counts once; each time that it comes again, twice as long ...
AGAIN_MOST_S: Final = 1800.0  # ... up to this
ANSWERED_S: Final = 600.0  # seconds in which what was answered is not answered again
OLD_S: Final = 90.0  # seconds that a line waits ...
GIFT_OLD_S: Final = 900.0  # ... and one that somebody paid for
JUDGED: Final = 40  # lines a second that are filtered
PEOPLE: Final = 2000  # who are remembered
LINES: Final = 4000  # lines that are remembered
FADE: Final = 0.12  # points a second that a line loses as it waits


@dataclass(slots=True)
class _Waiting:
    line: Line
    points: float
    since: float


@dataclass(slots=True)
class _Person:
    wrote: int = 0
    last: float = float("-inf")


class Queue:
    """The lines that wait; `name` is the companion's, `allows` the content filter."""

    def __init__(self, name: str, allows: Callable[[str], bool] = lambda text: True) -> None:
        self._name = key(name)
        self._allows = allows
        self._waiting: list[_Waiting] = []
        self._people: OrderedDict[tuple[str, str], _Person] = OrderedDict()
        self._heard: OrderedDict[str, tuple[float, float]] = OrderedDict()  # until when it counts no more, and how long
        self._second, self._judged = 0.0, 0

    def __len__(self) -> int:
        return len(self._waiting)

    def hear(self, line: Line, now: float) -> Verdict:
        """Take a line, and say what became of it."""
        if line.text.startswith("!") and not line.gift:
            return "command"
        same = key(line.text)
        until, span = self._heard.get(same, (float("-inf"), AGAIN_S / 2))
        if not line.gift and now < until:
            self._remember(same, now, min(AGAIN_MOST_S, max(2 * span, until - now)))
            return "again"
        person = self._person(line)
        if not line.gift and (now - person.last < REST_S or self._own(line) >= OWN):
            return "often"
        points = self._points(line, person)
        if points < 0:
            return "idle"
        self._expire(now)
        worst = min(self._waiting, key=lambda each: self._worth(each, now), default=None)
        full = len(self._waiting) >= PLACES
        if full and worst is not None and points <= self._worth(worst, now):
            return "full"
        if not self._may_judge(now, line):
            return "flood"
        self._remember(same, now, min(AGAIN_MOST_S, 2 * span))
        person.last = now
        person.wrote += 1
        if not self._allows(line.text):
            return "blocked"
        if full and worst is not None:
            self._waiting.remove(worst)
        self._waiting.append(_Waiting(line, points, now))
        return "taken"

    def take(self, count: int, now: float) -> list[Line]:
        """Return the best lines, each of another person, and let them go."""
        self._expire(now)
        chosen: list[_Waiting] = []
        for each in sorted(self._waiting, key=lambda each: -self._worth(each, now)):
            if len(chosen) < count and all(_who(each.line) != _who(other.line) for other in chosen):
                chosen.append(each)
        for each in chosen:
            self._waiting.remove(each)
            self._remember(key(each.line.text), now, ANSWERED_S)
        return [each.line for each in chosen]

    def _points(self, line: Line, person: _Person) -> float:
        folded = "".join(letter for letter in line.text.casefold() if letter.isalnum())
        words = len(line.text.split())
        points = 2.0 + min(4.0, words / 3)
        points += 15.0 if line.asks else 0.0
        points += 12.0 if self._name and self._name in folded else 0.0
        points += {"viewer": 0.0, "member": 4.0, "moderator": 5.0, "owner": 8.0}[line.role]
        points += min(5.0, person.wrote) if person.wrote else 2.0 + (4.0 if line.first else 0.0)
        points += 40.0 + 10.0 * log2(1.0 + line.gift) if line.gift else 0.0
        if words <= 1 and not line.asks and not line.gift and len(folded) <= 4:
            points -= 20.0  # "lol", "F", "gg"
        return points

    def _worth(self, waiting: _Waiting, now: float) -> float:
        return waiting.points - FADE * (now - waiting.since)

    def _expire(self, now: float) -> None:
        self._waiting = [each for each in self._waiting if now - each.since < (GIFT_OLD_S if each.line.gift else OLD_S)]

    def _own(self, line: Line) -> int:
        return sum(_who(each.line) == _who(line) for each in self._waiting)

    def _person(self, line: Line) -> _Person:
        who = _who(line)
        person = self._people.setdefault(who, _Person())
        self._people.move_to_end(who)
        while len(self._people) > PEOPLE:
            self._people.popitem(last=False)
        return person

    def _remember(self, same: str, now: float, span: float) -> None:
        if not same:
            return
        self._heard[same] = (now + span, span)
        self._heard.move_to_end(same)
        while len(self._heard) > LINES:
            self._heard.popitem(last=False)

    def _may_judge(self, now: float, line: Line) -> bool:
        if now - self._second >= 1.0:
            self._second, self._judged = now, 0
        self._judged += 1
        return self._judged <= JUDGED or bool(line.gift)


def _who(line: Line) -> tuple[str, str]:
    return line.platform, line.user
