"""All that a card knows, read once: its language, knowledge, course, and reactions. It holds no conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.card.course import Course, read_course
from engines.card.entry import Entry, make_entry, stems_of
from engines.card.language import Language, language_of
from engines.card.retrieval import Retrieval
from engines.card.words import plain, sentences, tokens
from engines.identity import Identity
from engines.identity.bundle import EXTENSION
from engines.identity.fields import Fields
from engines.identity.lorebook import LoreEntry
from engines.identity.macros import expand

TITLE_WORDS: Final = 8
EXAMPLES: Final = 200

_EXAMPLE: Final = re.compile(
    r"\{\{user\}\}:\s*(.+?)\s*\n\s*\{\{char\}\}:\s*(.+?)\s*(?=\n\s*\{\{user\}\}:|\n\s*<START>|\Z)",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the companion says when an event holds all words of one of `when`."""

    when: tuple[tuple[str, ...], ...]
    say: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A line of the card's example conversation and its reply."""

    stems: frozenset[str]
    reply: str


@dataclass(frozen=True, slots=True)
class Book:
    """A card, ready to be talked from."""

    char: str
    language: Language
    retrieval: Retrieval
    course: Course | None
    greetings: tuple[str, ...]
    about: tuple[str, ...]
    reactions: tuple[Reaction, ...]
    examples: tuple[Example, ...]
    topics: tuple[int, ...]  # entries that may be named, in the card's order

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The pieces of knowledge, by number."""
        return self.retrieval.entries


def read_book(identity: Identity) -> Book:
    """The book of a card; IdentityError says what in our extension of it is wrong."""
    extension = Fields(identity.extension, f"card.data.extensions.{EXTENSION}", code="bad_card")
    language = language_of(identity.language, extension)
    entries = [made for entry in identity.card.book.entries if (made := _entry(entry, language))]
    card = identity.card
    return Book(
        char=card.char,
        language=language,
        retrieval=Retrieval(entries, language),
        course=read_course(extension),
        greetings=tuple(text for text in (card.first_mes, *card.alternate_greetings) if plain(text)),
        about=extension.texts("about", most=64) or _about(identity),
        reactions=tuple(
            Reaction(tuple(tokens(phrase, language.contractions) for phrase in item.texts("when")), item.texts("say"))
            for item in extension.each("events", most=400)
            if item.texts("say")
        ),
        examples=tuple(_examples(card.mes_example, language)),
        topics=tuple(number for number, entry in enumerate(entries) if entry.offered),
    )


def _entry(entry: LoreEntry, language: Language) -> Entry | None:
    if not entry.enabled or entry.forced is False:
        return None
    keys = [key for key in entry.keys if any(c.isalpha() for c in key)]
    if entry.patterns is not None:
        keys = [" ".join(re.findall(r"[^\W\d_]{3,}", key)) for key in keys]
    title = entry.name if entry.name and len(entry.name.split()) <= TITLE_WORDS else next(iter(keys), "")
    own = Fields(entry.extensions or {}, "extensions", code="bad_card").at(EXTENSION)
    return make_entry(title, keys, entry.content, language, offered=bool(title) and own.flag("offer", default=True))


def _about(identity: Identity) -> tuple[str, ...]:
    """What an unprepared card says of itself: the first sentence of its description, marked as read."""
    text = expand(identity.card.description, char=identity.card.char, user="you", seed="about")
    first = next((line for line in sentences(text) if 8 < len(plain(line)) < 300 and line[-1] in ".!?"), "")
    return (f"Here is what is written about me. {plain(first)}",) if first else ("",)


def _examples(text: str, language: Language) -> Sequence[Example]:
    found = [(match[1], match[2]) for match in _EXAMPLE.finditer(text[:50_000])][:EXAMPLES]
    return [Example(frozenset(stems_of(line, language)), reply) for line, reply in found if len(reply) < 1000]
