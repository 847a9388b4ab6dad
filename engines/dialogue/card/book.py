"""All that a card knows, read once: its language, knowledge, course, and reactions. It holds no conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from engines.dialogue.card.course import Course, read_course
from engines.dialogue.card.entry import Entry, make_entry
from engines.dialogue.card.language import Language, language_of
from engines.dialogue.card.person.gender import gender_of
from engines.dialogue.card.persona import Persona, Trait, read_persona, spoken_traits
from engines.dialogue.card.retrieval import Retrieval
from engines.dialogue.card.state import letters
from engines.dialogue.card.tables import TRADITIONAL
from engines.identity import Identity
from engines.identity.bundle import EXTENSION, primary
from engines.identity.card import Card
from engines.identity.fields import Fields
from engines.identity.lorebook import LoreEntry
from engines.identity.macros import expand_fixed
from engines.text.han import is_traditional
from engines.words.text import join, plain

TITLE_WORDS: Final = 8
EXAMPLES: Final = 200

ABOUT: Final = 2  # sentences that answer "who are you" at once

_SPEAKER: Final = re.compile(
    r"^[ \t]*(?P<who>\{\{user\}\}|\{\{char\}\}|[^\W\d_][^:\uff1a\n]{0,40}?)[ \t]*[:\uff1a][ \t]*", re.MULTILINE
)
_START: Final = re.compile(r"^\s*<START>\s*$|^\s*\*\*\*\s*$", re.IGNORECASE | re.MULTILINE)
_PICTURE: Final = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)|<[a-z/!][^<>]{0,400}>", re.IGNORECASE)
_MARKS: Final = re.compile(r"\*\*|__|^#{1,6}[ \t]+", re.MULTILINE)
_IN_PATTERN: Final = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]{2,}|[^\W\d_]{3,}")  # what of a pattern is words
_NO_SPEAKERS: Final = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the companion says when an event holds all words of one of `when`."""

    when: tuple[tuple[str, ...], ...]
    say: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A line of the card's example conversation and its reply; `own` are the stems of the reply itself."""

    stems: frozenset[str]
    reply: str
    own: frozenset[str] = frozenset()
    line: str = ""  # the letters of what was said


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
    prepared: bool  # its `about` was written to be said
    topics: tuple[int, ...]  # entries that may be named, in the card's order
    languages: tuple[str, ...] = ()  # primary codes that the companion speaks, this one first
    persona: Persona = field(default_factory=Persona)
    traits: tuple[tuple[Trait, str], ...] = ()  # with the sentences that say them
    myself: Retrieval | None = None  # over the persona's sentences and the traits, each an entry

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return the pieces of knowledge, by number."""
        return self.retrieval.entries


def read_book(identity: Identity) -> Book:
    """Return the book of a card; IdentityError says what in our extension of it is wrong."""
    extension = Fields(identity.extension, f"card.data.extensions.{EXTENSION}", code="bad_card")
    language = language_of(_written_in(identity), extension, gender_of(identity))
    card = identity.card
    entries = [made for entry in card.book.entries if (made := _entry(entry, language, card.char))]
    persona = read_persona(card, language)
    traits = tuple(spoken_traits(persona.traits, language))
    return Book(
        char=card.char,
        language=language,
        retrieval=Retrieval(entries, language),
        course=read_course(extension),
        greetings=_greetings(card),
        about=extension.texts("about", most=64) or _about(persona, traits, language),
        prepared=bool(extension.texts("about", most=64)),
        reactions=tuple(
            Reaction(tuple(language.tokens(phrase) for phrase in item.texts("when")), item.texts("say"))
            for item in extension.each("events", most=400)
            if item.texts("say")
        ),
        examples=tuple(_examples(card, language)),
        topics=tuple(number for number, entry in enumerate(entries) if entry.offered),
        languages=identity.languages,
        persona=persona,
        traits=traits,
        myself=_myself(persona, traits, language),
    )


def _written_in(identity: Identity) -> str:
    """Return the code of the card's language; for Chinese with the signs in which the card is written."""
    if primary(identity.language) != "zh":
        return identity.language
    card = identity.card
    own = (card.first_mes, card.description, card.personality, *(entry.content for entry in card.book.entries[:20]))
    match is_traditional("\n".join(text[:4000] for text in own)):
        case True:
            return TRADITIONAL
        case False:
            return "zh"
        case None:
            return identity.language


def _entry(entry: LoreEntry, language: Language, char: str) -> Entry | None:
    if not entry.enabled or entry.forced is False:
        return None
    keys = [key for key in entry.keys.plain if any(c.isalnum() for c in key)]
    keys += [words for each in entry.keys.patterns if (words := " ".join(_IN_PATTERN.findall(each.text)))]
    keys = [expand_fixed(key, char=char, seed=entry.content) for key in keys]
    title = entry.name if entry.name and len(entry.name.split()) <= TITLE_WORDS else next(iter(keys), "")
    content = _cleaned(expand_fixed(entry.content, char=char, seed=entry.content))
    if language.code == "en":
        title, content = _spoken_title(title, content), _my(content, char)
    own = Fields(entry.extensions or {}, "extensions", code="bad_card").at(EXTENSION)
    return make_entry(title, keys, content, language, offered=bool(title) and own.flag("offer", default=True))


def _spoken_title(title: str, content: str) -> str:
    """Return an English title as the entry itself speaks of the thing: "the forge", "dragons"."""
    word = re.escape(title)
    if re.search(rf"\bthe {word}\b", content, re.IGNORECASE):
        return f"the {title}"
    return f"{title}s" if title.islower() and re.match(rf"{word}s\b", content, re.IGNORECASE) else title


def _my(content: str, char: str) -> str:
    """Return an English text in which the companion calls its own what is its own."""
    own = re.compile(rf"(^|[.!?]\s+)?\b(?:{re.escape(char)}|{re.escape(char.split()[0])})['’]s\b")
    return own.sub(lambda match: f"{match[1]}My" if match[1] is not None else "my", content)


def _cleaned(text: str) -> str:
    """Return a text of the card without pictures, tags of HTML, bold marks and headings."""
    return _MARKS.sub("", _PICTURE.sub("", text)).strip()


def _greetings(card: Card) -> tuple[str, ...]:
    """Return the greetings that hold words, without the pictures that some cards put there."""
    texts = (_cleaned(text) for text in (card.first_mes, *card.alternate_greetings))
    return tuple(text for text in texts if any(c.isalnum() for c in plain(text)))


def _about(persona: Persona, traits: Sequence[tuple[Trait, str]], language: Language) -> tuple[str, ...]:
    """Return what an unprepared card says when it is asked who it is: a few of its own sentences at a time."""
    own = [line for line in persona.sentences if line not in persona.quoted]
    frame = "{text}" if own else next(iter(language.says.get("card_says", ())), "{text}")
    own = own or [*persona.sentences]
    parts = [join(own[i : i + ABOUT]) for i in range(0, min(len(own), 4 * ABOUT), ABOUT)]
    if not parts:
        parts = [join(line for _, line in traits[i : i + ABOUT]) for i in range(0, min(len(traits), 6), ABOUT)]
        frame = "{text}"
    return tuple(frame.replace("{text}", part) for part in parts) or ("",)


def _myself(persona: Persona, traits: Sequence[tuple[Trait, str]], language: Language) -> Retrieval | None:
    """Index what the companion can say of itself; traits have their keys and kinds for keys."""
    made = [make_entry("", (), line, language, offered=False) for line in persona.sentences]
    made += [make_entry("", (trait.key,), line, language, offered=False) for trait, line in traits]
    found = [entry for entry in made if entry]
    return Retrieval(found, language) if found else None


def _examples(card: Card, language: Language) -> Iterator[Example]:
    """Yield the lines of the card's example conversations, each with the reply that follows it."""
    names = {"{{char}}", card.name.lower(), card.char.lower(), *card.name.lower().split()[:1]}
    count = 0
    for talk in _START.split(_cleaned(card.mes_example[:50_000])):
        heard = ""
        for who, text in _lines(talk):
            if who.lower() not in names:
                heard = text
            elif text and count < EXAMPLES and len(text) < 1000 and any(c.isalnum() for c in plain(text)):
                count += 1
                yield Example(
                    frozenset(language.terms(plain(heard))),
                    text,
                    frozenset(language.terms(plain(text))),
                    letters(heard),
                )
                heard = ""


def _lines(talk: str) -> list[tuple[str, str]]:
    """Part an example conversation into (speaker, words)."""
    marks = [mark for mark in _SPEAKER.finditer(talk) if mark["who"].lower() not in _NO_SPEAKERS]
    ends = [*(mark.start() for mark in marks[1:]), len(talk)]
    return [(mark["who"], talk[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=False)]
