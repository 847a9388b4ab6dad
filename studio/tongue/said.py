"""A text as words in their places, and phrases found among them. It knows words, not what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engines.words.text import is_sign, places
from engines.words.vocabulary import Vocabulary

MOST: Final = 4000  # words that are read
STEMMED: Final = 4  # letters of a word that may have another ending

_BREAK: Final = re.compile(r"[,;:.!?()\n\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f]")


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word, its stem, the characters that it stands in, and the number of its piece between marks."""

    word: str
    stem: str
    start: int
    end: int
    piece: int


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase may stand for: a `value` in a `group` such as ("eyes", "blue")."""

    group: str
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that was found: the words `first` to `last`, one past the end, and what it may stand for."""

    first: int
    last: int
    meanings: tuple[Meaning, ...]

    def meaning(self, group: str) -> str | None:
        """Return its value in a group, None when it has none."""
        return next((each.value for each in self.meanings if each.group == group), None)


def words_of(text: str, vocabulary: Vocabulary) -> list[Word]:
    """Part a text into words with their places; words on either side of a mark are of different pieces."""
    breaks = [match.start() for match in _BREAK.finditer(text)]
    found: list[Word] = []
    piece = 0
    for place in places(text, vocabulary.contractions, apart=vocabulary.apart, most=MOST):
        while piece < len(breaks) and breaks[piece] < place.start:
            piece += 1
        word = vocabulary.fold(place.word)
        found.append(Word(word, vocabulary.stem(word), place.start, place.end, piece))
    return found


class Phrases:
    """Phrases with their meanings; the longest that fits at a place is the one that was meant."""

    def __init__(
        self, vocabulary: Vocabulary, fixed: frozenset[str] = frozenset(), inflections: Sequence[str] = ()
    ) -> None:
        self._vocabulary = vocabulary
        self._inflections = frozenset(inflections)  # where a language has them, a word's other forms; else by stems
        self._fixed = fixed  # words that are no form of another
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], Meaning]]] = {}

    def add(self, meaning: Meaning, phrases: Iterable[str]) -> None:
        """Add ways to say something."""
        for phrase in phrases:
            words = tuple(each.word for each in words_of(phrase, self._vocabulary))
            if words:
                stems = tuple(self._vocabulary.stem(word) for word in words)
                for first in {words[0], stems[0], *(words[0] + ending for ending in self._inflections)}:
                    self._by_first.setdefault(first, []).append((words, stems, meaning))

    def search(self, said: Sequence[Word], taken: Iterable[int] = ()) -> Iterator[Found]:
        """Yield the phrases in a text from left to right, without overlap, over words that are not `taken`."""
        used = set(taken)
        at = 0
        while at < len(said):
            found = self._at(said, at, used)
            if found:
                yield found
                at = found.last
            else:
                at += 1

    def _at(self, said: Sequence[Word], at: int, used: set[int]) -> Found | None:
        best: list[Meaning] = []
        length, exact = 0, False
        known = {*self._by_first.get(said[at].word, ()), *self._by_first.get(said[at].stem, ())}
        for words, stems, meaning in sorted(known, key=lambda item: (item[2].group, item[2].value)):
            end = at + len(words)
            if end > len(said) or not used.isdisjoint(range(at, end)):
                continue
            fits, same = self._fits(said[at:end], words, stems)
            if fits and (len(words), same) > (length, exact):
                best, length, exact = [meaning], len(words), same
            elif fits and (len(words), same) == (length, exact) and meaning not in best:
                best.append(meaning)
        return Found(at, at + length, tuple(best)) if best else None

    def _fits(self, said: Sequence[Word], words: Sequence[str], stems: Sequence[str]) -> tuple[bool, bool]:
        """Say whether words are a phrase, in another form perhaps, and whether in exactly this form."""
        same = True
        for each, word, stem in zip(said, words, stems, strict=True):
            if each.word == word:
                continue
            same = False
            if self._inflections:
                if len(word) < STEMMED - 1 or not self._is_form(each.word, word):
                    return False, False
            elif len(word) < STEMMED or is_sign(word) or each.stem != stem or each.word in self._fixed:
                return False, False
        return True, same

    def _is_form(self, said: str, word: str) -> bool:
        return said.startswith(word) and said[len(word) :] in self._inflections and said not in self._fixed
