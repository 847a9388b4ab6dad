"""A language of the studio, read from `studio/languages/CODE/`: words for traits, professions, temperaments, lines.

It checks that every profession, temperament and hobby is there in every language; it writes and reads no text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias, cast

from engines.identity.bundle import primary
from engines.words.vocabulary import Vocabulary, vocabulary_of
from studio.errors import StudioError

Table: TypeAlias = Mapping[str, Any]  # as TOML gives it

LANGUAGES: Final = ("en", "de", "es", "fr", "ja", "zh")


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a profession knows about; a teacher's has a question, with words that answer it."""

    title: str
    keys: tuple[str, ...]
    text: str
    ask: str = ""
    accept: tuple[str, ...] = ()
    hint: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Profession:
    """One way to earn a living, as somebody who does it talks about it.

    `names` are its names by grammatical gender, masculine first; `subject` is a teacher's.
    """

    key: str
    names: tuple[str, ...]
    words: tuple[str, ...]
    subject: str
    work: str
    place: str
    tools: tuple[str, ...]
    moment: str
    asks: tuple[tuple[str, str], ...]
    topics: tuple[Topic, ...]

    def name(self, gender: str) -> str:
        """Return what it is called for a person of the grammatical gender "m" or "f"."""
        return self.names[-1] if gender == "f" else self.names[0]


@dataclass(frozen=True, slots=True)
class Hobby:
    """What somebody does after work."""

    key: str
    name: str
    words: tuple[str, ...]
    line: str
    more: str


@dataclass(frozen=True, slots=True)
class Temperament:
    """How somebody of a temperament talks; `adjectives` by grammatical gender."""

    key: str
    adjectives: tuple[str, ...]
    manner: tuple[str, ...]
    nature: str
    greet: tuple[str, ...]
    how: tuple[str, ...]
    bye: tuple[str, ...]
    rule: str
    exchange: tuple[str, str]

    def adjective(self, gender: str) -> str:
        """Return the adjective for a grammatical gender."""
        return self.adjectives[-1] if gender == "f" else self.adjectives[0]


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language as the studio knows it."""

    code: str
    vocabulary: Vocabulary
    traits: Table
    lines: Table
    professions: Mapping[str, Profession]
    temperaments: Mapping[str, Temperament]
    hobbies: Mapping[str, Hobby]

    def variants(self, *path: str) -> tuple[str, ...]:
        """Return the lines at a place of lines.toml, such as ("greeting", "offer")."""
        value: Any = self.lines
        for key in path:
            value = value[key]
        return _texts(value)


def supported(language: str) -> bool:
    """Say whether people can be written in a language."""
    return primary(language) in LANGUAGES


def tongue(language: str) -> Tongue:
    """Return the language of a BCP-47 code; StudioError `bad_language` when the studio does not write it."""
    code = primary(language)
    if code not in LANGUAGES:
        raise StudioError("bad_language", f"nobody can be written in {language!a} yet, only in: {', '.join(LANGUAGES)}")
    return _read(code)


def table(code: str, name: str) -> Table:
    """Read one data file of a language, or one that is for all of them when `code` is ""."""
    place = files("studio") / "languages"
    return tomllib.loads((place / code / f"{name}.toml" if code else place / f"{name}.toml").read_text("utf-8"))


@cache
def _read(code: str) -> Tongue:
    return Tongue(
        code=code,
        vocabulary=vocabulary_of(code),
        traits=table(code, "traits"),
        lines=table(code, "lines"),
        professions={key: _profession(key, row) for key, row in table(code, "professions").items()},
        temperaments={key: _temperament(key, row) for key, row in table(code, "temperaments").items()},
        hobbies={key: _hobby(key, row) for key, row in table(code, "hobbies").items()},
    )


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(cast("Sequence[str]", value))


def _profession(key: str, row: Table) -> Profession:
    return Profession(
        key=key,
        names=_texts(row["name"]),
        words=_texts(row.get("words", ())),
        subject=row.get("subject", ""),
        work=row["work"],
        place=row["place"],
        tools=_texts(row["tools"]),
        moment=row["moment"],
        asks=tuple((ask, reply) for ask, reply in row["asks"]),
        topics=tuple(_topic(each) for each in row["topics"]),
    )


def _topic(row: Sequence[Any]) -> Topic:
    title, keys, text, *question = row
    if not question:
        return Topic(title, _texts(keys), text)
    ask, accept, hint, answer = question
    return Topic(title, _texts(keys), text, ask, _texts(accept), hint, answer)


def _temperament(key: str, row: Table) -> Temperament:
    question, reply = row["exchange"]
    return Temperament(
        key=key,
        adjectives=_texts(row["adjective"]),
        manner=_texts(row["manner"]),
        nature=row["nature"],
        greet=_texts(row["greet"]),
        how=_texts(row["how"]),
        bye=_texts(row["bye"]),
        rule=row["rule"],
        exchange=(question, reply),
    )


def _hobby(key: str, row: Table) -> Hobby:
    return Hobby(key, row["name"], _texts(row.get("words", ())), row["line"], row["more"])
