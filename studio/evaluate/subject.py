"""The person who is judged: identity, folder, and everything that it says, bounded. It judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, TypeAlias

from engines.dialogue.card.book import Book, read_book
from engines.identity import Identity
from engines.identity.bundle import primary
from engines.identity.fields import Json
from engines.identity.macros import expand
from engines.words.text import plain
from engines.words.vocabulary import Vocabulary, vocabulary_of
from studio.folder import Folder

Speaker: TypeAlias = Literal["about", "self", "other"]  # of whom, or by whom, a text is

TEXTS: Final = 3000
CHARACTERS: Final = 600_000  # of all texts together
ONE: Final = 20_000  # of one

# Fields of the card, and whether they speak about the character or are said by it.
_FIELDS: Final[Mapping[str, Speaker]] = {
    "description": "about",
    "personality": "about",
    "scenario": "about",
    "first_mes": "self",
    "mes_example": "other",
    "system_prompt": "about",
    "post_history_instructions": "about",
}


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the card: where it stands ("description", "book[3]"), and whose it is."""

    where: str
    text: str
    speaker: Speaker


class Subject:
    """One person under judgement; `reader` is the folder of a head that reads attributes, where there is one."""

    def __init__(self, identity: Identity, folder: Folder | None = None, reader: Path | None = None) -> None:
        self.identity = identity
        self.reader = reader
        self.folder = folder or Folder(Path(identity.origin))

    @property
    def language(self) -> str:
        """Return the primary code of its language."""
        return primary(self.identity.language)

    @cached_property
    def words(self) -> Vocabulary:
        """Return what is known of its language."""
        return vocabulary_of(self.identity.language)

    @cached_property
    def book(self) -> Book:
        """Return the card as its engine reads it; IdentityError says what in it cannot be."""
        return read_book(self.identity)

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """Return everything that the card says, without markup, macros filled in; cut at the bounds."""
        found: list[Text] = []
        left = CHARACTERS
        for text in self._every():
            said = plain(expand(text.text[: min(ONE, left)], char=self.identity.name, user="", seed=text.where))
            if any(c.isalnum() for c in said):
                found.append(Text(text.where, said, text.speaker))
                left -= len(said)
            if left <= 0 or len(found) >= TEXTS:
                break
        return tuple(found)

    @cached_property
    def tokens(self) -> tuple[tuple[str, ...], ...]:
        """Return the words of each text."""
        return tuple(self.words.tokens(text.text, most=ONE) for text in self.texts)

    def _every(self) -> Iterator[Text]:
        card = self.identity.card
        for name, speaker in _FIELDS.items():
            yield Text(name, getattr(card, name), speaker)
        for i, text in enumerate(card.alternate_greetings):
            yield Text(f"alternate_greetings[{i}]", text, "self")
        for i, entry in enumerate(card.book.entries):
            yield Text(f"book[{i}] {entry.name}".strip(), entry.content, "other")
        for key, value in self.identity.extension.items():
            if key != "phrases":
                yield from _said(value, key)


def _said(value: Json, where: str) -> Iterator[Text]:
    """Yield the texts of our extension that are sentences; keys, patterns and names of things are none."""
    match value:
        case str():
            yield Text(where, value, "self")
        case list():
            for i, item in enumerate(value):
                yield from _said(item, f"{where}[{i}]")
        case dict():
            for key, item in value.items():
                # `ask` of an answer is a list of patterns, of a lesson's step a question.
                listed = key == "ask" and isinstance(item, list)
                if key not in ("name", "keys", "when", "do", "offer", "accept", "reject", "numbers") and not listed:
                    yield from _said(item, f"{where}.{key}")
        case _:
            return
