"""Puts what is remembered into sentences of a language, and makes the short summary that stays of a conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engines.api import Memories
from engines.memory.facts import Fact, Kind
from engines.memory.recall import words_of
from engines.memory.tables import Table, table
from engines.words.text import harmless, join, sentences

SENTENCES: Final = 3  # of a summary
SUMMARY: Final = 360  # characters of it
SHORTEST: Final = 4  # words of a sentence that says something

_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def sentence(fact: Fact, language: str) -> str:
    """Say a fact to the user it is about."""
    known = table(language)
    value = harmless(turned(fact.value, known) if fact.kind in ("note", "like", "dislike", "promise") else fact.value)
    return known.says[fact.kind].replace("{value}", value).replace("{about}", harmless(fact.about))


def listed(facts: Sequence[Fact], language: str) -> list[str]:
    """Say several facts, those of a kind in one sentence where they have no name of their own."""
    known = table(language)
    said: list[str] = []
    together: dict[Kind, list[str]] = {}
    for fact in facts:
        if fact.kind in ("like", "dislike", "allergy"):
            together.setdefault(fact.kind, []).append(harmless(turned(fact.value, known)))
        else:
            said.append(sentence(fact, language))
    for kind, values in together.items():
        said.append(known.says[kind].replace("{value}", _and(values, known)))
    return said


def phrase(key: str, language: str, **slots: str) -> str:
    """Return one of the language's own sentences, its slots filled."""
    text = table(language).says[key]
    for name, value in slots.items():
        text = text.replace(f"{{{name}}}", harmless(value))
    return text


def welcome(memory: Memories | None, code: str) -> str:
    """Return the greeting of somebody who was here before, "" for who was not."""
    if memory is None or not (memory.memos or memory.episodes):
        return ""
    hello = phrase("greet", code, value=memory.name) if memory.name else phrase("greet_nameless", code)
    promise = next((memo.told for memo in memory.memos if memo.kind == "promise"), "")
    return join([hello, promise])


def turned(text: str, known: Table) -> str:
    """Return the user's words as the companion says them: "my sister" is "your sister"."""
    if known.joined:
        for own, theirs in known.turned.items():
            text = text.replace(own, theirs)
        return text

    def other(match: re.Match[str]) -> str:
        return known.turned.get(match[0].lower(), match[0])

    return _WORD.sub(other, text)


def summary(said: Sequence[str]) -> str:
    """Return what a user's contributions were about: the sentences with the most words that come again, in order."""
    lines = [line for text in said for line in sentences(text) if _says_something(line)]
    counts: dict[str, int] = {}
    for line in lines:
        for word in words_of(line):
            counts[word] = counts.get(word, 0) + 1

    def worth(line: str) -> float:
        words = words_of(line)
        return sum(counts[word] for word in words) / (len(words) ** 0.5) if words else 0.0

    chosen: list[str] = []
    for line in sorted(dict.fromkeys(lines), key=lambda line: (-worth(line), lines.index(line))):
        if len(chosen) < SENTENCES and sum(map(len, chosen)) + len(line) <= SUMMARY:
            chosen.append(line)
    return " ".join(sorted(chosen, key=lines.index))


def _says_something(line: str) -> bool:
    words = words_of(line)
    return len(words) >= SHORTEST or (len(words) >= SHORTEST - 1 and not line.isascii())


def _and(values: Sequence[str], known: Table) -> str:
    if len(values) == 1:
        return values[0]
    if known.joined:
        return "、".join(values[:-1]) + known.says["and"] + values[-1]
    return f"{', '.join(values[:-1])} {known.says['and']} {values[-1]}"
