"""Writes one reply: picks among variants without repeating itself, fills in names, and keeps the state it leaves.

It knows how things are said, not what to say when.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Final

from engines.api import Request
from engines.dialogue.card.book import Book
from engines.dialogue.card.calendar import clock, date
from engines.dialogue.card.state import State
from engines.identity.macros import expand
from engines.words.text import join, plain, sentences

RECENT: Final = 48  # variants that are remembered as used
ANSWERED: Final = 120  # sentences that are remembered as said
TOPICS: Final = 3  # that are named at once

# Korean particles in both forms, after a consonant and after a vowel.
_PARTICLES: Final = {
    "(이)에요": ("이에요", "예요"), "(이)라고": ("이라고", "라고"), "(이)죠": ("이죠", "죠"), "은(는)": ("은", "는"),
    "이(가)": ("이", "가"), "을(를)": ("을", "를"),
}  # fmt: skip
_PARTICLE: Final = re.compile(rf"(.)({'|'.join(map(re.escape, _PARTICLES))})")


class Reply:
    """A reply being written; `before` is the state that it answers, `state` the one that it will leave."""

    def __init__(self, book: Book, request: Request, state: State, seed: int) -> None:
        self.book = book
        self.request = request
        self.state = replace(state, turn=state.turn + 1, said="", echo="", offer="")
        self.before = state
        self.parts: list[str] = []
        self._seed = f"{seed}:{request.session}:{state.turn}"

    @property
    def text(self) -> str:
        """Return the reply so far, tags included."""
        return join(self.parts)

    @property
    def user(self) -> str:
        """Return the user's name, "" when nobody told it."""
        return self.state.user or self.request.user

    def set(self, **changes: object) -> None:
        """Change the state that this reply leaves."""
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]  # fields of several types

    def rng(self, purpose: str) -> Random:
        """Chance that is the same for the same seed, session and turn."""
        return Random(f"{self._seed}:{purpose}")  # noqa: S311 (a choice of words)

    def pick(self, key: str, options: Sequence[str], *, once: bool = False, ordered: bool = False) -> str:
        """Return one of the options, none that was used lately as long as there is another.

        "" when there are none, and with `once` when all were used; with `ordered` the first that is left.
        """
        usable = [f"{key}:{i}" for i, text in enumerate(options) if self.user or "{{user}}" not in text]
        usable = usable or [f"{key}:{i}" for i in range(len(options))]
        if not usable:
            return ""
        recent = self.state.recent
        fresh = [name for name in usable if name not in recent]
        if once and not fresh:
            return ""
        if ordered and fresh:
            fresh = fresh[:1]
        chosen = self.rng(f"{key}:{len(self.parts)}").choice(fresh) if fresh else min(usable, key=recent.index)
        self.set(recent=(*(name for name in recent if name != chosen), chosen)[-RECENT:])
        return options[int(chosen.rpartition(":")[2])]

    def say(self, key: str, options: Sequence[str] | None = None, /, **slots: str) -> None:
        """Add one of the options, or of the language's phrases of that name, with its {slots} filled."""
        text = self.pick(key, self.book.language.says.get(key, ()) if options is None else options)
        # A language without phrases still says what there is to say.
        text = text or next((f"{{{name}}}" for name in ("answer", "text", "rest", "last") if name in slots), "")
        self.add(fill(text, slots))

    def phrase(self, key: str, /, **slots: str) -> str:
        """Return one of the language's phrases of that name, not added."""
        return fill(self.pick(key, self.book.language.says.get(key, ())), slots)

    def add(self, text: str) -> None:
        """Add words, macros replaced."""
        if text.strip():
            said = expand(
                text,
                char=self.book.char,
                user=self.user or self.book.language.user,
                seed=f"{self._seed}:{len(self.parts)}",
                now=self.request.now,
                words=self._moment() if "{{" in text else None,
            ).strip()
            if said:
                self.parts.append(fitted(said) if "(" in said and self.book.language.code == "ko" else said)

    def _moment(self) -> dict[str, str]:
        """Return how the time and the day are said in the language."""
        now, language = self.request.now, self.book.language
        weekdays = language.calendar.get("weekdays", ())
        said = {"time": clock(now, language), "date": date(now, language)}
        return said | ({"weekday": weekdays[now.weekday()]} if len(weekdays) == 7 else {})

    def topics(self, *, other: bool = False) -> str:
        """Return a few things one can ask about, other ones each time."""
        every = self.book.topics
        topics = tuple(number for number in every if number != self.state.topic) or (() if other else every)
        if not topics:
            return ""
        at = self.state.offered
        chosen = [topics[(at + i) % len(topics)] for i in range(min(TOPICS, len(topics)))]
        self.set(offered=(at + len(chosen)) % len(topics))
        return self.listing([self.book.entries[number].title for number in chosen])

    def instead(self, *, other: bool = False) -> str:
        """Return a sentence on what the companion does know, "" when that is nothing."""
        course = self.book.course
        if course and self.state.mode == "talk" and self.rng("instead").random() < 0.4:
            return self.phrase("instead_course", course=course.title, topics=self.topics())
        if topics := self.topics(other=other):
            return self.phrase("instead", topics=topics)
        mine = self.book.myself
        if mine and len(self.state.told_self) < len(mine.entries) and not self.state.offer:
            self.set(offer="self")
            return self.phrase("instead_self")
        return ""

    def listing(self, items: Sequence[str]) -> str:
        """Return the items as the language lists them."""
        return self.book.language.listing(items)

    def finish(self) -> None:
        """Note what is being said in the state."""
        self.set(said=plain(self.text))


def fill(text: str, slots: Mapping[str, str]) -> str:
    """Return the text with its {slots} filled; a slot with a capital begins a sentence."""
    for name, value in slots.items():
        text = text.replace(f"{{{name}}}", value)
        text = text.replace(f"{{{name.capitalize()}}}", value[:1].upper() + value[1:])
    return text


def fitted(text: str) -> str:
    """Choose Korean particles by how the word before them ends: "은(는)" is "은" after a consonant, else "는"."""
    return _PARTICLE.sub(lambda match: match[1] + _PARTICLES[match[2]][not _ends_in_consonant(match[1])], text)


def _ends_in_consonant(sign: str) -> bool:
    return "가" <= sign <= "힣" and (ord(sign) - 0xAC00) % 28 > 0


def shorten(text: str, most: int) -> tuple[str, str]:
    """Return the first sentences of a text within `most` characters, one at least, and the rest."""
    lines = sentences(text)
    count = 1
    while count < len(lines) and sum(len(line) + 1 for line in lines[: count + 1]) <= most:
        count += 1
    return join(lines[:count]), join(lines[count:])
