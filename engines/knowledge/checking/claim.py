"""A claim: what a sentence says of one fact's subject, and whether it claims it at all. It decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from engines.knowledge.checking.held import Held
from engines.knowledge.checking.sentence import Sentence, Span
from engines.knowledge.checking.wording import Wording
from engines.knowledge.facts import Fact
from engines.words.quantities import Quantity

Manner: TypeAlias = Literal["number", "object", "denied"]

NEAR: Final = 4  # words behind "in" or "at" that may name a condition

_WITHIN: Final = re.compile(r"在(.{1,12}?)(?:中|里|内|下|时|期间|上)")
_MARK: Final = re.compile(r"[,;，；、]")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What contradicts a fact: the characters of the sentence that are wrong, and how."""

    fact: Fact
    manner: Manner
    start: int
    end: int
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a sentence says of the subject of `held`, which it names at `spans`.

    `about` is the question that it answers, when it leaves its subject to that; `others` are the further facts whose
    subjects it names.
    """

    sentence: Sentence
    held: Held
    spans: Sequence[Span]
    about: Sentence | None
    others: Mapping[int, tuple[Held, Sequence[Span]]]

    @property
    def wording(self) -> Wording:
        """Return the wording of the language."""
        return self.sentence.wording

    @property
    def told(self) -> bool:
        """Say whether the words of the relation are said, here or in the question."""
        relation = self.held.relation
        return self.sentence.has(relation) or (self.about is not None and self.about.has(relation))

    def conditional(self, *more: Span) -> bool:
        """Say whether it holds under a condition that the fact does not speak of: "in water"."""
        sentence, wording = self.sentence, self.wording
        explained = self.held.explained | (frozenset(self.about.stems) if self.about else frozenset())
        if wording.signs:
            names = "".join(explained)
            return any(not _known(found[1], names) for found in _WITHIN.finditer(sentence.text))
        loose = set(sentence.unexplained(explained, [*self.spans, *more]))
        if not wording.known:
            return len(loose) > 1
        return any(self._conditioned(i, loose) for i, stem in enumerate(sentence.stems) if stem in wording.conditions)

    def _conditioned(self, at: int, loose: set[int]) -> bool:
        """Say whether a word that the fact does not speak of follows "in" or "at", before any mark."""
        for i in range(at + 1, min(at + NEAR, len(self.sentence.words))):
            if _MARK.search(self.sentence.between(i - 1, i)):
                return False
            if i in loose:
                return True
        return False


def clause(sentence: Sentence, said: Quantity) -> Span:
    """Return the words of the clause that a quantity stands in: from the comma before it to that behind."""
    first = first_word(sentence, said)
    last = next((i for i, word in enumerate(sentence.words) if word.start >= said.end), len(sentence.words))
    while first > 0 and not _MARK.search(sentence.between(first - 1, first)):
        first -= 1
    while last < len(sentence.words) and not _MARK.search(sentence.between(last - 1, last)):
        last += 1
    return first, last


def first_word(sentence: Sentence, said: Quantity) -> int:
    """Return the word that a quantity begins at."""
    return next((i for i, word in enumerate(sentence.words) if word.end > said.start), 0)


def _known(text: str, names: str) -> bool:
    return any(text[i : i + 2] in names for i in range(max(1, len(text) - 1)))
