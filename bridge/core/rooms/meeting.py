"""Leads a meeting: the agenda, whose turn to speak it is, the time, and what the minutes hold. Pure.

It is told what happens and when, and answers with what the host says and whom to tell; time is an argument. Whoever
opened the room is its host, and so is the companion: a person says when to go on, the companion says it aloud, calls on
those who have raised their hands in the order in which they did, and reminds of the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bridge.core.rooms.lines import Lines
from bridge.core.rooms.minutes import MOST, Entry, decisions

REMIND_AT: Final = 0.8  # of an item's time
MOST_HANDS: Final = 64


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the meeting is about; `minutes` 0: as long as it takes."""

    title: str
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Say:
    """The host is to say `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """Everybody is to be told how the meeting stands; `over` with the minutes."""

    over: bool = False


Step: TypeAlias = Say | Changed


@dataclass(slots=True)
class Meeting:
    """One meeting. What it remembers may be read; only it writes."""

    agenda: tuple[Item, ...]
    lines: Lines
    item: int = 0  # of the agenda, from 1; 0: not begun, or over
    word: str = ""  # who was given the word
    over: bool = False
    hands: list[str] = field(default_factory=list)  # in the order in which they were raised
    entries: list[Entry] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    _began: float | None = None  # the meeting
    _item_began: float = 0.0
    _told: int = 0  # how often the time of the item was told

    # --------------------------------------------------------------------------------------------- what happens

    def hand(self, person: str, up: bool) -> list[Step]:
        """Note that a hand goes up or down."""
        if up and person not in self.hands and len(self.hands) < MOST_HANDS:
            self.hands.append(person)
            return [Changed()] if self.word else self._call()
        if not up and person in self.hands:
            self.hands.remove(person)
            return [Changed()]
        return []

    def give(self, person: str) -> list[Step]:
        """Give somebody the word."""
        self.word = person
        if person in self.hands:
            self.hands.remove(person)
        return [Changed(), Say(self.lines.word.format(name=person))]

    def said(self, person: str, text: str, now: float, *, companion: bool = False) -> list[Step]:
        """Note what was said; who had been given the word has had it."""
        if self._began is None:
            self._began = now
        self.entries.append(Entry(now - self._began, self.item, person, text, companion))
        del self.entries[:-MOST]
        if companion or person != self.word:
            return []
        self.word = ""
        return self._call() or [Changed()]

    def gone(self, person: str) -> list[Step]:
        """Forget the hand, and take back the word, of somebody who has left."""
        if person in self.hands:
            self.hands.remove(person)
        if person != self.word:
            return []
        self.word = ""
        return self._call() or [Changed()]

    def next(self, now: float) -> list[Step]:
        """Go on to the next item of the agenda, or end."""
        if self.over:
            return []
        self._close(now)
        steps: list[Step] = []
        if self.item and (found := decisions(self.entries, self.item)):
            steps.append(Say(self.lines.decided.format(text=" ".join(entry.text for entry in found))))
        if self.item >= len(self.agenda):
            return [*steps, *self.end(now)]
        self.item += 1
        self._item_began, self._told = now, 0
        if self._began is None:
            self._began = now
        item = self.agenda[self.item - 1]
        line = self.lines.begins if self.item == 1 else self.lines.next
        words = line.format(item=item.title)
        if item.minutes:
            words += " " * words[-1].isascii() + self.lines.lasts.format(minutes=f"{item.minutes:g}")
        return [*steps, Changed(), Say(words)]

    def end(self, now: float) -> list[Step]:
        """End the meeting."""
        if self.over:
            return []
        self._close(now)
        self.over, self.item, self.word = True, 0, ""
        self.hands.clear()
        return [Say(self.lines.over), Changed(over=True)]

    # ------------------------------------------------------------------------------------------------- the time

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do."""
        if not self.item or not (minutes := self.agenda[self.item - 1].minutes) or self._told > 1:
            return None
        return self._item_began + 60 * minutes * (1.0 if self._told else REMIND_AT)

    def expire(self, now: float) -> list[Step]:
        """Say what is to be said because time has passed."""
        if (due := self.deadline) is None or now < due:
            return []
        self._told += 1
        item = self.agenda[self.item - 1]
        if self._told == 1:
            left = round(item.minutes * (1 - REMIND_AT))
            return [Say(self.lines.left.format(minutes=left, item=item.title))] if left > 1 else []
        return [Say(self.lines.up.format(item=item.title))]

    def spent_on(self, number: int, now: float) -> float:
        """Return the seconds that item `number` (from 1) has taken by `now`."""
        before = self.spent[number - 1] if number <= len(self.spent) else 0.0
        return before + (now - self._item_began if number == self.item else 0.0)

    # --------------------------------------------------------------------------------------------------- inside

    def _call(self) -> list[Step]:
        """Give the word to who has waited longest for it."""
        return self.give(self.hands[0]) if self.hands and not self.word else []

    def _close(self, now: float) -> None:
        if self.item:
            self.spent += [0.0] * (self.item - len(self.spent))
            self.spent[self.item - 1] = now - self._item_began
