"""What a card says of the companion itself, as the companion says it. It knows the card's texts, no conversation.

Cards describe a person in prose ("{{char}} is a smith"), in lines ("Age: 24") or in the list form W++
(`Age("24" + "young")`). Prose becomes sentences in the first person where the language's forms are known, else they are
quoted; lines and lists become traits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engines.dialogue.card.language import Language
from engines.dialogue.card.person import hindi
from engines.dialogue.card.person.english import first_person
from engines.dialogue.card.person.rewriting import LANGUAGES, Own, own_sentence
from engines.identity.card import Card
from engines.identity.macros import expand_fixed
from engines.words.text import plain, sentences

SENTENCES: Final = 120
TRAITS: Final = 60
SHORTEST: Final = 6  # characters of a sentence; half as many where signs are words
LONGEST: Final = 320
KEY_WORDS: Final = 2  # of "Age: 24." within a line
USER: Final = "{{user}}"

# What in a description is meant for a language model, not for people.
_INSTRUCTION: Final = re.compile(
    r"\b(role-?play\w*|respon[ds]\w*|repl(?:y|ies)|writes?|outputs?|format\w*|OOC|NSFW|in character|break character"
    r"|asterisks|markdown|paragraphs?|language model|your task|never speak for|W\+\+)\b|^\W*<"
    r"|\{\{user\}\}'s (?:turn|actions)"
    r"|扣演|角色扮演|回复格式|ロールプレイ",
    re.IGNORECASE,
)
_LIST: Final = re.compile(r"([^\W\d_][\w /'-]{0,30}?)\s*\(\s*(\"[^()]*\"(?:\s*\+\s*\"[^()]*\")*)\s*\)")
_LINE: Final = re.compile(
    r"[-*\u2022\s]*[\[(]?\**([^\W\d_][^:=\uff1a\n.!?]{0,30}?)\**\s*[:=\uff1a]\s*\**\s*(.+?)[\])]?\s*;?"
)
_SPACE: Final = re.compile(r"\s+")
_ENDED: Final = re.compile(r"[.!?\u2026\u3002\uff01\uff1f\u0964\u061f][\"\u201d\u2019)\u300d\u300f]*$")
_NAMES: Final = re.compile(r"(?i)^(full |nick)?names?$|^character$|^description$|^名字$|^姓名$|^名前$|^이름$")
# Pronouns of the third person that may stand for the character, in languages where only they change.
_PRONOUNS: Final = {
    "zh": ("她", "他"),
    "ja": ("彼女", "彼"),
    "ko": ("그녀는", "그녀가", "그는"),
}
_I: Final = {"zh": "我", "ja": "私", "ko": "저"}
_KOREAN: Final = {
    "그녀는": "저는",
    "그녀가": "제가",
    "그는": "저는",
}


@dataclass(frozen=True, slots=True)
class Trait:
    """A property that a card lists: `kind` is one of the language's own ("age", "likes" ...), "" for others."""

    kind: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Persona:
    """The companion's own sentences in the card's order, and its traits; `quoted` are not in its person."""

    sentences: tuple[str, ...] = ()
    traits: tuple[Trait, ...] = ()
    quoted: frozenset[str] = frozenset()


def read_persona(card: Card, language: Language) -> Persona:
    """Read description, personality and scenario of a card."""
    said: list[str] = []
    traits: list[Trait] = []
    for part in (card.description, card.personality, card.scenario):
        text = expand_fixed(part[:30_000], char=card.char, seed="persona")
        text = _without_lists(text, traits, language)
        for line in text.split("\n"):
            _read_line(line.strip(), part is card.personality, said, traits, language)
    spoken: dict[str, bool] = {}
    told = True  # the sentence before was about the character
    for each in said:
        if line := _sayable(each, language):
            own = _in_person(line, card, language, told=told)
            spoken.setdefault(own.text if own else line, own is None)
            told = own.about if own else False
    lines = list(spoken)[:SENTENCES]
    return Persona(tuple(lines), tuple(traits[:TRAITS]), frozenset(line for line in lines if spoken[line]))


def _sayable(line: str, language: Language) -> str:
    """Return a sentence of the card without its marks, "" when it is none to say."""
    line = _SPACE.sub(" ", plain(line)).strip(" -\u2022*#")
    signs = language.code in ("zh", "ja", "ko")
    if not SHORTEST // (1 + signs) <= len(line) <= LONGEST or _INSTRUCTION.search(line) or not _ENDED.search(line):
        return ""
    return line


def _in_person(line: str, card: Card, language: Language, *, told: bool) -> Own | None:
    """Return a sentence about the character as it says it of itself, None when it can only be quoted."""
    names = tuple(dict.fromkeys((card.name, card.char, *card.name.split()[:1], *_short_name(card))))
    if language.code == "en":
        own = [name for name in names if len(name) > 1]
        return Own(first_person(line, own, USER, name=card.char), about=True)
    if language.code in LANGUAGES:
        return own_sentence(line, names, language.code, language.gender, name=card.char, told=told)
    if language.code == "hi":
        return hindi.own_sentence(line, names, told=told)
    if language.code not in _I:
        return None
    for name in sorted(names, key=len, reverse=True):
        line = line.replace(name, _I[language.code]) if name else line
    for pronoun in _PRONOUNS.get(language.code, ()):
        line = line.replace(pronoun, _KOREAN.get(pronoun, _I.get(language.code, pronoun)))
    return Own(_korean(line) if language.code == "ko" else line, about=True)


def _short_name(card: Card) -> list[str]:
    """Return the part of the name by which a description in signs begins to speak of the character."""
    found = re.match(r"\s*([^\s，,、]{2,10}?)(?:は|是|은|는|が)", card.description)
    return [found[1]] if found and found[1] in card.name else []


def _korean(line: str) -> str:
    """Mend the particles after "I" and the forms that a name takes before them."""
    for wrong, right in (
        ("저은", "저는"),
        ("저이", "제가"),
        ("저가", "제가"),
        ("저을", "저를"),
        ("저의", "제"),
    ):
        line = re.sub(rf"(?<!\w){wrong}", right, line)
    return line


def _without_lists(text: str, traits: list[Trait], language: Language) -> str:
    """Take the lists of W++ out of a text and note them as traits."""
    for match in _LIST.finditer(text):
        values = re.findall(r"\"([^\"]+)\"", match[2])
        _note(match[1], language.listing([value.strip() for value in values if value.strip()]), traits, language)
    return _LIST.sub("", text)


def _read_line(line: str, listing: bool, said: list[str], traits: list[Trait], language: Language) -> None:
    found = _LINE.fullmatch(line)
    if found and not _ENDED.search(found[1]):
        value = found[2].strip(" \"'*;,\uff0c\u3002")
        if len(value) > 12 and _ENDED.search(found[2]) and len(sentences(value)) > 1:
            said += sentences(found[2])
        else:
            _note(found[1], value, traits, language)
        return
    if listing and line and _is_list(line):
        for part in sentences(line)[:1]:
            _note(
                next(iter(language.traits.get("nature", ())), ""), part.rstrip(".\u3002 "), traits, language, "nature"
            )
        return
    for each in sentences(line):
        short = _LINE.fullmatch(each)
        if short and len(short[1].split()) <= KEY_WORDS and len(short[2]) > 1:
            _note(short[1], short[2].strip(" \"'*;,，。."), traits, language)
        else:
            said.append(each)


def _is_list(line: str) -> bool:
    """Say whether a line lists qualities ("Warm, lively, patient") rather than telling something."""
    first = (sentences(line) or [""])[0]
    pieces = re.split(r"[,;\uff0c\u3001\u060c]|\band\b", first)
    return len(pieces) > 1 and all(len(piece.split()) <= 3 and len(piece) <= 30 for piece in pieces)


def _note(key: str, value: str, traits: list[Trait], language: Language, kind: str = "") -> None:
    key, value = _SPACE.sub(" ", plain(key)).strip(), _SPACE.sub(" ", plain(value)).strip(" \"'+;")
    if not key or not value or len(value) > LONGEST or _NAMES.match(key) or _INSTRUCTION.search(f"{key} {value}"):
        return
    words = {language.stem(word) for word in language.tokens(key)}
    kind = kind or next((name for name, known in language.traits.items() if not words.isdisjoint(known)), "")
    traits.append(Trait(kind, key, value))


def spoken_traits(traits: Sequence[Trait], language: Language) -> Iterator[tuple[Trait, str]]:
    """Yield each trait with the sentence that says it, where the language has one."""
    for trait in traits:
        for form in language.says.get(f"trait_{trait.kind}" if trait.kind else "trait", ())[:1]:
            value = trait.value
            if language.code == "en" and trait.kind in ("likes", "dislikes", "nature"):
                value = value[:1].lower() + value[1:] if not value[1:2].isupper() else value
            yield trait, form.replace("{value}", value.rstrip(".")).replace("{key}", trait.key)
