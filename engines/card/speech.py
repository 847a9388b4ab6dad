"""Writes one reply: picks among variants without repeating itself, fills in names, and keeps the state it leaves.

It knows how things are said, not what to say when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Final

from engines.api import Request
from engines.card.book import Book
from engines.card.state import State
from engines.card.words import plain, sentences
from engines.identity.macros import expand

RECENT: Final = 48  # variants that are remembered as used
ANSWERED: Final = 8
TOPICS: Final = 3  # that are named at once


class Reply:
    """A reply being written. `state` is what it will leave; `again` is a tool call that comes before the rest."""

    def __init__(self, book: Book, request: Request, state: State, seed: int) -> None:
        self.book = book
        self.request = request
        self.state = replace(state, turn=state.turn + 1, said="", echo="", offer="")
        self.before = state
        self.parts: list[str] = []
        self._seed = f"{seed}:{request.session}:{state.turn}"

    @property
    def text(self) -> str:
        """The reply so far, tags included."""
        return " ".join(part for part in self.parts if part)

    @property
    def user(self) -> str:
        """The user's name, "" when nobody told it."""
        return self.state.user or self.request.user

    def set(self, **changes: object) -> None:
        """Changes the state that this reply leaves."""
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]  # fields of several types

    def rng(self, purpose: str) -> Random:
        """Chance that is the same for the same seed, session and turn."""
        return Random(f"{self._seed}:{purpose}")  # noqa: S311 (a choice of words)

    def pick(self, key: str, options: Sequence[str]) -> str:
        """One of the options, none that was used lately as long as there is another; "" when there are none."""
        usable = [f"{key}:{i}" for i, text in enumerate(options) if self.user or "{{user}}" not in text]
        usable = usable or [f"{key}:{i}" for i in range(len(options))]
        if not usable:
            return ""
        recent = self.state.recent
        fresh = [name for name in usable if name not in recent]
        chosen = self.rng(f"{key}:{len(self.parts)}").choice(fresh) if fresh else min(usable, key=recent.index)
        self.set(recent=(*(name for name in recent if name != chosen), chosen)[-RECENT:])
        return options[int(chosen.rpartition(":")[2])]

    def say(self, key: str, options: Sequence[str] | None = None, /, **slots: str) -> None:
        """Adds one of the options, or of the language's phrases of that name, with its {slots} filled."""
        text = self.pick(key, self.book.language.says.get(key, ()) if options is None else options)
        self.add(fill(text, slots))

    def phrase(self, key: str, /, **slots: str) -> str:
        """One of the language's phrases of that name, not added."""
        return fill(self.pick(key, self.book.language.says.get(key, ())), slots)

    def add(self, text: str) -> None:
        """Adds words, macros replaced."""
        if text.strip():
            user = self.user or self.book.language.user
            self.parts.append(
                expand(text, char=self.book.char, user=user, seed=f"{self._seed}:{len(self.parts)}").strip()
            )

    def topics(self) -> str:
        """A few things one can ask about, other ones each time."""
        topics = self.book.topics
        if not topics:
            return ""
        at = self.state.offered
        chosen = [topics[(at + i) % len(topics)] for i in range(min(TOPICS, len(topics)))]
        self.set(offered=(at + len(chosen)) % len(topics))
        return self.listing([self.book.entries[number].title for number in chosen])

    def instead(self) -> str:
        """A sentence on what the companion does know, "" when that is nothing."""
        course = self.book.course
        if course and self.state.mode == "talk" and self.rng("instead").random() < 0.4:
            return self.phrase("instead_course", course=course.title, topics=self.topics())
        return self.phrase("instead", topics=topics) if (topics := self.topics()) else ""

    def listing(self, items: Sequence[str]) -> str:
        """ "a, b, and c", with the last comma for its pause."""
        head, last = items[:-1], items[-1]
        comma = "," if len(head) > 1 else ""
        return f"{', '.join(head)}{comma} {self.book.language.and_} {last}" if head else last

    def finish(self) -> None:
        """Notes what is being said in the state."""
        self.set(said=plain(self.text))


def fill(text: str, slots: Mapping[str, str]) -> str:
    """The text with its {slots} filled; a slot with a capital begins a sentence."""
    for name, value in slots.items():
        text = text.replace(f"{{{name}}}", value)
        text = text.replace(f"{{{name.capitalize()}}}", value[:1].upper() + value[1:])
    return text


def shorten(text: str, most: int) -> tuple[str, str]:
    """The first sentences of a text within `most` characters, one at least, and the rest."""
    lines = sentences(text)
    count = 1
    while count < len(lines) and sum(len(line) + 1 for line in lines[: count + 1]) <= most:
        count += 1
    return " ".join(lines[:count]), " ".join(lines[count:])
