"""A sentence as claims are read in it: its words, which of them carry meaning, its quantities. It knows no fact."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

from engines.knowledge.checking.wording import Wording
from engines.words.quantities import Quantity, quantities
from engines.words.text import Place, is_sign

WORDS: Final = 120  # of a sentence that are read
GAP: Final = 1  # words of other meaning that may stand in a name

Span: TypeAlias = tuple[int, int]  # words, first and one past the last


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is looked for: a run of signs, or the stems of its words that carry meaning, in any order."""

    stems: tuple[str, ...]
    run: bool

    @property
    def key(self) -> str:
        """Return the word by which it is found first: the last one, which mostly is the head."""
        return self.stems[-1] if self.stems else ""


def name_of(text: str, wording: Wording) -> Name:
    """Return a text as a name; one of little words alone is looked for by them."""
    words = [place.word for place in wording.vocabulary.places(text, most=WORDS)]
    if any(is_sign(word) for word in words):
        return Name(tuple(words), run=True)
    stems = tuple(dict.fromkeys(wording.stem(word) for word in words if word not in wording.vocabulary.stop))
    return Name(stems or tuple(wording.stem(word) for word in words), run=False)


@dataclass(eq=False)
class Sentence:
    """One sentence, or what there is of it so far; what ends before character `fresh` was said before."""

    text: str
    wording: Wording
    fresh: int = 0
    words: Sequence[Place] = field(init=False)
    stems: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        self.words = self.wording.vocabulary.places(self.text, most=WORDS)
        self.stems = [self.wording.stem(place.word) for place in self.words]

    @cached_property
    def held(self) -> frozenset[str]:
        """Return every stem, and for signs every run of up to four."""
        found = set(self.stems)
        if self.wording.signs:
            signs = [place.word for place in self.words]
            found |= {"".join(signs[i : i + size]) for size in (2, 3, 4) for i in range(len(signs) - size + 1)}
        return frozenset(found)

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Return its quantities in order."""
        return quantities(self.text, self.wording.vocabulary)

    @cached_property
    def counted(self) -> frozenset[int]:
        """Return the words that belong to a quantity."""
        spans = [(each.start, each.end) for each in self.quantities]
        return frozenset(
            i for i, word in enumerate(self.words) if any(word.start < end and start < word.end for start, end in spans)
        )

    @cached_property
    def content(self) -> list[int]:
        """Return the words that are no little ones."""
        stop = self.wording.vocabulary.stop
        return [i for i, word in enumerate(self.words) if word.word not in stop]

    def find(self, name: Name) -> list[Span]:
        """Return where a name stands, in words."""
        if not name.stems or name.key not in self.held:
            return []
        if name.run:
            size = len(name.stems)
            words = [place.word for place in self.words]
            return [(i, i + size) for i in range(len(words) - size + 1) if tuple(words[i : i + size]) == name.stems]
        wanted = frozenset(name.stems)
        found: list[Span] = []
        pool = self.content if wanted & {self.stems[i] for i in self.content} else range(len(self.words))
        for at, first in enumerate(pool):
            if self.stems[first] not in wanted or (found and first < found[-1][1]):
                continue
            window = list(pool[at : at + len(wanted) + GAP])
            if wanted <= {self.stems[i] for i in window}:
                last = next(j for j in range(len(window)) if wanted <= {self.stems[i] for i in window[: j + 1]})
                found.append((first, window[last] + 1))
        return found

    def has(self, words: Iterable[str]) -> bool:
        """Say whether any of the stems, or runs of signs, stands in it."""
        return not self.held.isdisjoint(words)

    def at(self, span: Span) -> Span:
        """Return the characters of some words."""
        return self.words[span[0]].start, self.words[span[1] - 1].end

    def between(self, a: int, b: int) -> str:
        """Return what stands between two words."""
        return self.text[self.words[a].end : self.words[b].start]

    def negated(self, span: Span, *, reach: int = 3) -> bool:
        """Say whether a negation stands in the words before a span, or right behind a form of "be" in it."""
        wording = self.wording
        negations = {wording.stem(word) for word in wording.vocabulary.lists["negations"]}
        before = range(max(0, span[0] - reach), span[0])
        if wording.signs:
            near = "".join(self.words[i].word for i in range(max(0, span[0] - 4), span[0]))
            return any(word in near for word in wording.vocabulary.lists["negations"]) and not self._but(near)
        hit = [i for i in before if self.stems[i] in negations or self.words[i].word in negations]
        return bool(hit) and not any(self.stems[i + 1] in wording.but for i in hit if i + 1 < len(self.stems))

    def _but(self, near: str) -> bool:
        return any(word in near for word in self.wording.but)

    def unexplained(self, explained: Collection[str], spans: Iterable[Span]) -> list[int]:
        """Return the words of meaning that are neither explained nor in the spans nor part of a quantity."""
        inside = {i for start, end in spans for i in range(start, end)}
        weak = self.wording.vocabulary.weak_stems
        return [
            i
            for i in self.content
            if i not in inside
            and i not in self.counted
            and self.stems[i] not in explained
            and self.stems[i] not in weak
            and self.stems[i] not in self.wording.aspects
        ]
