"""Ranks the pieces of knowledge by how well they fit a question, and says how sure that is. It reads no words itself.

Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) over keys and content, keys counting
as many occurrences; a query word may stand for several known words, each at its weight. Beside the score stands the
coverage: how much of what was asked the entry speaks of at all.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.dialogue.card.entry import Entry
from engines.dialogue.card.language import Language
from engines.dialogue.card.reader import WEAK, Reader, Term

K1: Final = 1.2
B: Final = 0.5
LEAST: Final = 0.35  # of a rare word's information is in any word of a key
FEW: Final = 0.6  # and in any word at all, in a book of fewer than MANY entries
MANY: Final = 8
NAMED: Final = 1.5  # what a key phrase named whole adds, in units of its information
EXACT: Final = 0.5  # what it adds that nothing but one key was named, in units of a rare word's information


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found.

    `score` ranks, `coverage` is the share 0..1 of the question's information that the entry speaks of, `keyed` the
    information of its best key phrase that was named whole (0: none was), `rare` how many entries hold the rarest of
    the question's words that this one holds as it was asked (0: it holds none).
    """

    number: int
    score: float
    coverage: float
    keyed: float
    rare: int


class Retrieval:
    """An index over entries; `most_info` is what a word tells that no entry holds."""

    def __init__(self, entries: Sequence[Entry], language: Language) -> None:
        self.entries = tuple(entries)
        self._weak = language.weak_stems
        self._posting: defaultdict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(self.entries):
            for stem in entry.counts:
                self._posting[stem].append(number)
        lengths = [sum(entry.counts.values()) for entry in self.entries]
        mean = sum(lengths) / len(lengths) if lengths else 1.0
        self._norm = [K1 * (1 - B + B * length / mean) for length in lengths]
        count = len(self.entries)
        self.most_info = _idf(0, count)
        # In a book of a few entries every word stands in a large part of them, and still tells which one is meant.
        least = FEW * self.most_info if count < MANY else 0.0
        keys = Counter(stem for entry in self.entries for stem in entry.key_stems)
        self._key_info = {stem: max(told, least) for stem, told in _informations(keys, count).items()}
        found = {stem: len(numbers) for stem, numbers in self._posting.items()}
        info = {stem: max(told, least) for stem, told in _informations(found, count).items()}
        info |= {stem: max(info[stem], LEAST * self.most_info) for stem in self._key_info}
        self.reader = Reader(self.entries, info, self.most_info, language)

    def search(self, terms: Sequence[Term]) -> list[Hit]:
        """Return the entries that speak of any of the terms, best first."""
        numbers = {n for term in terms for stem in term.near for n in self._posting.get(stem, ())}
        return sorted((self.hit(n, terms) for n in numbers), key=lambda hit: (-hit.score, hit.number))

    def hit(self, number: int, terms: Sequence[Term]) -> Hit:
        """Say how well one entry fits."""
        entry, norm = self.entries[number], self._norm[number]
        score = covered = keyed = 0.0
        weights: dict[str, float] = {}
        for term in terms:
            held = {stem: weight for stem, weight in term.near.items() if stem in entry.counts}
            if held:
                weights |= held
                covered += max(held.values()) * term.info
                score += max(w * self.reader.told_by(s) * _saturated(entry.counts[s], norm) for s, w in held.items())
        strong = {stem for stem in weights if stem not in self._weak}
        for phrase in entry.keys:
            if all(stem in weights for stem in phrase):
                keyed = max(keyed, sum(self._named(stem) * weights[stem] for stem in phrase))
                if strong and strong == set(phrase):
                    score += EXACT * self.most_info * min(weights[stem] for stem in phrase)
        coverage = covered / (sum(term.info for term in terms) or 1.0)
        literal = [stem for term in terms if term.word in entry.words for stem in term.near if stem in strong]
        rare = min((len(self._posting[stem]) for stem in literal), default=0)
        return Hit(number, (score + NAMED * keyed) * coverage, coverage, keyed, rare)

    def _named(self, stem: str) -> float:
        return self._key_info[stem] * (WEAK if stem in self._weak else 1.0)


def _saturated(times: int, norm: float) -> float:
    return times * (K1 + 1) / (times + norm)


def _idf(found: int, count: int) -> float:
    return math.log(1 + (count - found + 0.5) / (found + 0.5))


def _informations(found: Mapping[str, int], count: int) -> dict[str, float]:
    return {stem: _idf(number, count) for stem, number in found.items()}
