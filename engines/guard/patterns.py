"""Compiles what the lists are written in: words, alternatives and gaps, matched against a reading.

    word         just this word           word*     a word that begins so
    (a|b c|d)    one of these             {name}    one of a list of words
    x?           perhaps                  ...       up to four words of the same sentence, ...2 up to two
    .            where a sentence ends, or begins

Scripts without spaces are written without: each sign is a word. A pattern knows words of which one must be there, so
that a text is searched only for what it may hold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from engines.guard.folding import STOP, read

GAP: Final = 4
_ELEMENT: Final = re.compile(r"\([^()]*\)\??|\{\w+\}\??|\.\.\.\d*|[^\s(){}]+")
_NAME: Final = re.compile(r"\{(\w+)\}")
# Words that are in so many texts that a pattern should not be looked up by them.
_COMMON: Final = frozenset(
    tomllib.loads((files("engines.guard") / "lists" / "common.toml").read_text("utf-8"))["words"].split()
)


class PatternError(ValueError):
    """A pattern that cannot be compiled."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern, and the words of which a text must hold one for it to match; those of `starts` begin one."""

    expression: re.Pattern[str]
    words: frozenset[str]
    starts: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Part:
    source: str  # of the expression, each word with the space behind it
    keys: frozenset[str]  # the rarest word of each alternative; a last * means that a word begins so
    needed: bool


def compiled(pattern: str, lists: Mapping[str, Sequence[str]]) -> Pattern:
    """Compile a pattern whose {names} are in `lists`; PatternError says what is wrong with it."""
    parts = [_part(element, lists) for element in _ELEMENT.findall(pattern)]
    anchors = [part for part in parts if part.needed]
    if not anchors:
        raise PatternError(f"nothing in {pattern!r} must be there")
    anchor = min(anchors, key=lambda part: (any(_common(word) for word in part.keys), len(part.keys)))
    expression = re.compile("(?<= )" + "".join(part.source for part in parts))
    starts = frozenset(word[:-1] for word in anchor.keys if word.endswith("*"))
    return Pattern(expression, frozenset(word for word in anchor.keys if not word.endswith("*")), starts)


def _part(element: str, lists: Mapping[str, Sequence[str]]) -> _Part:
    if element.startswith("..."):
        most = int(element[3:] or GAP)
        return _Part(rf"(?:[^ .]+ ){{0,{most}}}?", frozenset(), needed=False)
    maybe = element.endswith("?") and element != "?"
    bare = element[:-1] if maybe else element
    options = (bare[1:-1] if bare[0] == "(" else bare).split("|")
    options = [each for option in options if option.strip() for each in _expanded(option, lists)]
    sequences = [_words(option) for option in options]
    if not sequences or not all(sequences):
        raise PatternError(f"{element!r} has an alternative without words")
    # The longest first, so that the whole of it is the span.
    sources = sorted({"".join(map(_source, words)) for words in sequences}, key=len, reverse=True)
    whole = f"(?:{'|'.join(sources)})"
    return _Part(f"{whole}?" if maybe else whole, frozenset(min(words, key=_common) for words in sequences), not maybe)


def _expanded(option: str, lists: Mapping[str, Sequence[str]]) -> list[str]:
    """Return an alternative with each entry of the list that it names, if it names one."""
    name = _NAME.search(option)
    if name is None:
        return [option]
    if name[1] not in lists:
        raise PatternError(f"there is no list {name[0]}")
    return [each for entry in lists[name[1]] for each in _expanded(option.replace(name[0], entry, 1), lists)]


def _common(word: str) -> bool:
    return word == STOP or word.rstrip("*") in _COMMON


def _words(option: str) -> list[str]:
    """Part an alternative into words; a last * stays at its word."""
    found: list[str] = []
    for written in option.split():
        if written == STOP:
            found.append(STOP)
            continue
        words = [word for word in read(written.rstrip("*")).words if word != STOP]
        if written.endswith("*") and words:
            words[-1] += "*"
        found += words
    return found


def _source(word: str) -> str:
    return f"{re.escape(word[:-1])}[^ ]* " if word.endswith("*") else f"{re.escape(word)} "


class Index:
    """Finds the patterns that a reading may match, by its words."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._by_start: dict[str, list[int]] = {}
        for number, pattern in enumerate(patterns):
            for word in pattern.words:
                self._by_word.setdefault(word, []).append(number)
            for start in pattern.starts:
                self._by_start.setdefault(start, []).append(number)
        self._lengths = sorted({len(start) for start in self._by_start})

    def candidates(self, words: Collection[str]) -> set[int]:
        """Return the numbers of the patterns that may match a text of these words."""
        found: set[int] = set()
        for word in set(words):
            found.update(self._by_word.get(word, ()))
            for length in self._lengths:
                if length > len(word):
                    break
                found.update(self._by_start.get(word[:length], ()))
        return found
