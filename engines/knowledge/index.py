"""Finds the passages that speak of a question: BM25 by SQLite's FTS5, over stems and pairs of signs.

The ranking is Okapi BM25 (Robertson and Zaragoza, 2009) as FTS5 computes it, headings counting more than text. What a
language's words are is the vocabulary's: texts and questions are written to the index as terms, so that a script
without spaces is found by pairs of its signs. Beside the rank stands the coverage: how much of what was asked a
passage speaks of at all.
"""

from __future__ import annotations

import math
import sqlite3
import weakref
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from engines.identity.errors import IdentityError
from engines.knowledge.cutting import Passage
from engines.words.grams import is_pair
from engines.words.vocabulary import Vocabulary

TERMS: Final = 24  # of a question that are looked for, the rarest
CANDIDATES: Final = 24  # passages that are judged by coverage
HEADINGS: Final = 2.0  # what a term in a heading counts
COVERED: Final = 0.3  # of a question's information, that a passage must speak of
LEAST: Final = 0.25  # of a rare term's information is in any term, in a book of a few passages too
UNKNOWN: Final = 0.5  # of it is in a term that no passage holds
MEASURE: Final = 0.3  # what the units count in which what was asked is measured ("how fast": kilometres per second)


@dataclass(frozen=True, slots=True)
class Found:
    """A passage found: its number, its rank (more is better) and the share 0..1 of the question that it covers."""

    number: int
    score: float
    coverage: float


class Index:
    """An index over passages, in memory; IdentityError `no_search` where SQLite was built without FTS5."""

    def __init__(self, passages: Iterable[Passage], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._terms: list[frozenset[str]] = []
        self._told: Counter[str] = Counter()
        self._store = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._closing = weakref.finalize(self, self._store.close)  # a companion that is replaced lets go of it
        try:
            self._store.execute("create virtual table passage using fts5(head, body, tokenize='unicode61')")
        except sqlite3.OperationalError as error:
            self._closing()
            raise IdentityError(
                "no_search", f"documents cannot be searched: SQLite here is built without FTS5 ({error})"
            ) from error
        self._store.execute("begin")
        for number, passage in enumerate(passages):
            head = self._written(" ".join(passage.place.headings))
            body = self._written(passage.text)
            terms = frozenset((*head, *body))
            self._terms.append(terms)
            self._told.update(terms)
            self._store.execute(
                "insert into passage(rowid, head, body) values (?, ?, ?)", (number, " ".join(head), " ".join(body))
            )
        self._store.execute("commit")

    def close(self) -> None:
        """Let the index go; safe to call twice."""
        self._closing()

    def __len__(self) -> int:
        return len(self._terms)

    def search(self, *asked: str, most: int = 3) -> list[Found]:
        """Return at most `most` passages that speak of the texts, best first; the first text counts most."""
        weights: dict[str, float] = {}
        for place, text in enumerate(asked):
            for term in self._vocabulary.terms(text):
                if place == 0 or term in self._told:
                    weights.setdefault(term, 1.0 / (1 + place))
        info = {term: weight * self.told_by(term) for term, weight in weights.items()}
        known = sorted((term for term in info if term in self._told), key=lambda term: (-info[term], term))[:TERMS]
        units = self._units(asked[0]) if asked else frozenset()
        if not known:
            return []
        info |= {term: MEASURE * self.told_by(term) for term in units if term not in info}
        query = " OR ".join(f'"{term}"' for term in (*known, *sorted(units - set(known))))
        rows = self._store.execute(
            "select rowid, bm25(passage, ?, 1.0) from passage where passage match ? order by 2 limit ?",
            (HEADINGS, query, CANDIDATES),
        )
        whole = sum(told for term, told in info.items() if term not in units)
        found: list[Found] = []
        for number, score in rows:
            held = self._terms[number]
            covered = sum(info[term] for term in known if term in held) / whole
            measured = MEASURE if units and not units.isdisjoint(held) else 0.0
            if covered >= COVERED:
                found.append(Found(number, (covered + measured - score) * (0.5 + covered), covered))
        found.sort(key=lambda each: (-each.score, each.number))
        return found[:most]

    def _units(self, asked: str) -> frozenset[str]:
        """Return the units of what was asked for ("how fast"), as far as the documents hold them."""
        words = self._vocabulary.tokens(asked)
        names = {unit for word in words for unit in self._vocabulary.measures.get(word, ())}
        return frozenset(term for name in names for term in self._vocabulary.terms(name) if term in self._told)

    def told_by(self, term: str) -> float:
        """Say how much a term tells: by how few passages hold it."""
        count = len(self._terms)
        held = self._told[term]
        most = math.log(1 + (count + 0.5) / 0.5)
        if not held:
            return most * UNKNOWN * (UNKNOWN if is_pair(term) else 1.0)  # a pair may lie between two words
        told = max(math.log(1 + (count - held + 0.5) / (held + 0.5)), LEAST * most)
        return told * LEAST if term in self._vocabulary.weak_stems else told

    def coverage(self, number: int, terms: Iterable[str]) -> float:
        """Return the share of what terms tell that a passage speaks of."""
        info = {term: self.told_by(term) for term in set(terms)}
        whole = sum(info.values())
        return sum(told for term, told in info.items() if term in self._terms[number]) / whole if whole else 0.0

    def _written(self, text: str) -> Sequence[str]:
        words: list[str] = []
        for start in range(0, len(text), 2000):
            words += self._vocabulary.terms(text[start : start + 2000])
        return words
