"""Finds what the words of a text are about, in any of the languages, by lists of words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from engines.guard.folding import STOP, words_of

OF_RULES: Final = (
    "weapon", "drug", "illicit", "explicit", "group", "base", "fate", "person", "party", "lover", "account", "minor",
)  # fmt: skip
LONGEST: Final = 6  # words of an entry

_SIGNS: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_KANA: Final = re.compile("[\u3041-\u30fa]")


class Concepts:
    """Entries of words, each about something; the longest that fits wins."""

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self._whole: dict[tuple[str, ...], set[str]] = {}
        self._start: dict[str, set[str]] = {}
        self._firsts: dict[str, int] = {}
        for concept, phrases in entries.items():
            for phrase in phrases:
                self._add(concept, phrase)
        self._shortest = min(map(len, self._start), default=99)

    def _add(self, concept: str, phrase: str) -> None:
        words = words_of(phrase.rstrip("*"))
        if not words:
            return
        if phrase.endswith("*") and len(words) == 1:
            self._start.setdefault(words[0], set()).add(concept)
            return
        self._whole.setdefault(words, set()).add(concept)
        self._firsts[words[0]] = max(self._firsts.get(words[0], 0), min(len(words), LONGEST))

    def sentences(self, words: Sequence[str]) -> Iterator[frozenset[str]]:
        """Yield for each sentence what it is about, nothing for those that are about nothing known."""
        found: set[str] = set()
        for at, word in enumerate(words):
            if word == STOP:
                if found:
                    yield frozenset(found)
                    found = set()
                continue
            for length in range(1, self._firsts.get(word, 0) + 1):
                found |= self._whole.get(tuple(words[at : at + length]), set())
            for length in range(self._shortest, len(word) + 1):
                found |= self._start.get(word[:length], set())
        if found:
            yield frozenset(found)


@cache
def shipped(languages: frozenset[str]) -> Concepts:
    """Return the concepts of engines/guard/lists in some of the LANGUAGES together."""
    folder = files("engines.guard") / "lists"
    entries: dict[str, list[str]] = {}
    listed = tomllib.loads((folder / "concepts.toml").read_text("utf-8"))
    for code in sorted(languages & listed.keys()):
        lists = tomllib.loads((folder / f"{code}.toml").read_text("utf-8"))["lists"]
        for concept, phrases in (*listed[code].items(), *((name, lists[name]) for name in OF_RULES if name in lists)):
            entries.setdefault(concept, []).extend(phrases)
    return Concepts(entries)


def read_as(text: str, language: str) -> frozenset[str]:
    """Return the languages whose words are looked for in a text of a conversation in `language` (BCP-47).

    The Latin ones share too many spellings to be mixed: English, which comes up everywhere, and the conversation's own.
    """
    code = language.replace("_", "-").partition("-")[0].lower()
    found = {"en", {"cmn": "zh", "yue": "zh"}.get(code, code)}
    if not text.isascii() and _SIGNS.search(text):
        found |= {"ja"} if _KANA.search(text) else {"zh"}
    return frozenset(found)
