"""Finds in a text what the lists of a language name: rules with a category, which are sure or only a hint."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeAlias

from engines.guard.folding import Reading, words_of
from engines.guard.patterns import Index, Pattern, PatternError, compiled
from engines.guard.verdicts import Side

LANGUAGES: Final = ("en", "zh", "de", "fr", "es", "ja")
SPOKEN_THERE: Final = frozenset({"profanity", "human"})  # words that are ordinary in another language
Kind: TypeAlias = Literal["", "emergency", "abuse"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a list.

    `side` is whose words it judges ("" : both); without `sure` it is a hint that needs the classifier's consent; `each`
    says that every place counts by itself; `kind` says what a crisis is.
    """

    id: str
    language: str
    category: str
    side: str
    sure: bool
    each: bool
    kind: Kind
    find: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that a rule found: the characters of the text."""

    rule: Rule
    start: int
    end: int


class Rules:
    """The rules of all languages, searched by the words of a text."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._patterns = [(rule, pattern) for rule in self.rules for pattern in rule.find]
        self._index = Index([pattern for _, pattern in self._patterns])
        self._doubts: dict[str, list[Pattern]] = {}
        for rule in self.rules:
            if not rule.sure:
                self._doubts.setdefault(rule.category, []).extend(rule.unless)
        sole = (pattern.words for rule in self.rules if rule.each or rule.category == "hate" for pattern in rule.find)
        self.words = frozenset(word for words in sole for word in words if word.isascii() and len(word) > 3)

    def hits(
        self,
        reading: Reading,
        side: Side,
        languages: Collection[str],
        off: Collection[str] = (),
        *,
        beyond: int = 0,
    ) -> Iterator[Hit]:
        """Yield what the rules find for this side that ends behind the first `beyond` characters.

        Words that are ordinary elsewhere count in `languages` alone.
        """
        found: set[str] = set()
        for number in sorted(self._index.candidates(reading.words)):
            rule, pattern = self._patterns[number]
            if rule.id in off or (rule.side and rule.side != side) or (rule.id in found and not rule.each):
                continue
            if rule.category in SPOKEN_THERE and rule.language not in languages:
                continue
            for match in pattern.expression.finditer(reading.text):
                start, end = reading.span(match.start(), match.end())
                if end <= beyond or self._taken_back(rule, reading.text, match.start(), match.end()):
                    continue
                found.add(rule.id)
                yield Hit(rule, start, end)
                if not rule.each:
                    break

    def doubtful(self, category: str, reading: Reading) -> bool:
        """Say whether something in a text takes back what only the classifier thinks."""
        return any(pattern.expression.search(reading.text) for pattern in self._doubts.get(category, ()))

    @staticmethod
    def _taken_back(rule: Rule, text: str, start: int, end: int) -> bool:
        """Say whether something in the same sentence takes the hit back."""
        if not rule.unless:
            return False
        first = max(0, text.rfind(" . ", 0, start + 2))
        last = text.find(" . ", max(end - 3, start + 1))
        sentence = text[first : last + 3 if last >= 0 else len(text)]
        return any(pattern.expression.search(sentence) for pattern in rule.unless)


@cache
def shipped() -> Rules:
    """Return the rules of engines/guard/lists."""
    folder = files("engines.guard") / "lists"
    return Rules([rule for code in LANGUAGES for rule in read(code, (folder / f"{code}.toml").read_text("utf-8"))])


def read(language: str, source: str) -> list[Rule]:
    """Read the list of a language; PatternError for one that cannot be used."""
    listed: dict[str, Any] = tomllib.loads(source)
    lists = listed.get("lists", {})
    return [_rule(language, row, lists) for row in listed["rule"]]


def _rule(language: str, row: dict[str, Any], lists: dict[str, list[str]]) -> Rule:
    known = {"id", "category", "side", "sure", "each", "kind", "find", "unless"}
    if unknown := row.keys() - known:
        raise PatternError(f"a rule has no {unknown.pop()}")
    return Rule(
        row["id"],
        language,
        row["category"],
        row.get("side", ""),
        bool(row.get("sure")),
        bool(row.get("each")),
        row.get("kind", ""),
        tuple(compiled(pattern, lists) for pattern in row["find"]),
        tuple(compiled(pattern, lists) for pattern in row.get("unless", ())),
    )


def plain(phrase: str, language: str = "") -> Rule | None:
    """Return a rule that finds just these words, None when there are none."""
    words = words_of(phrase)
    if not words:
        return None
    pattern = compiled(" ".join(words), {})
    return Rule(f"own.{' '.join(words)}"[:80], language, "own", "", True, False, "", (pattern,), ())
