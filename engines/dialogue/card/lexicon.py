"""Finds the known words that an unknown one may have meant: typing errors, and words that sound alike.

It knows a vocabulary and nothing of meaning. Typing errors are found by deleting letters on both sides (the idea of
Garbe's symmetric delete), so a look-up costs a handful of dictionary reads however large the vocabulary is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from engines.words.text import distance, sound

MOST: Final = 6_000  # words that are indexed for errors
ONE_EDIT: Final = 4  # letters from which one typing error is forgiven
TWO_EDITS: Final = 8


class Lexicon:
    """A vocabulary that forgives, the first MOST words of it; `near` gives candidates with a weight in 0..1."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        ordered = list(dict.fromkeys(vocabulary))
        self.words = frozenset(ordered)
        self._deletes: defaultdict[str, list[str]] = defaultdict(list)
        self._sounds: defaultdict[str, list[str]] = defaultdict(list)
        self._cache: dict[str, dict[str, float]] = {}
        for word in ordered[:MOST]:
            if len(word) >= ONE_EDIT and word.isalpha():
                for form in _forms(word):
                    self._deletes[form].append(word)
            if len(code := sound(word)) >= 2 and len(word) >= ONE_EDIT:
                self._sounds[code].append(word)

    def near(self, word: str) -> dict[str, float]:
        """Known words that `word` may stand for, itself with weight 1 when it is known."""
        if word in self.words:
            return {word: 1.0}
        if (known := self._cache.get(word)) is None:
            known = self._search(word)
            if len(self._cache) < 4096:
                self._cache[word] = known
        return known

    def _search(self, word: str) -> dict[str, float]:
        found: dict[str, float] = {}
        if len(word) < ONE_EDIT or not word.isalpha() or len(word) > 40:
            return found
        for form in _forms(word):
            for other in self._deletes.get(form, ()):
                allowed = 2 if min(len(word), len(other)) >= TWO_EDITS else 1
                edits = distance(word, other, allowed)
                if edits <= allowed and _is_likely(word, other):
                    found[other] = max(found.get(other, 0.0), 0.9 if edits == 1 else 0.75)
        code = sound(word)
        for other in self._sounds.get(code, ()):
            edits = distance(word, other, 3)
            if edits <= max(1, min(len(word), len(other)) * 2 // 5) and _is_likely(word, other):
                found[other] = max(found.get(other, 0.0), 0.75)
        return found


def _is_likely(word: str, other: str) -> bool:
    """Say whether a short word may be a slip of the other: letters lost, doubled or swapped, none replaced."""
    if min(len(word), len(other)) > ONE_EDIT:
        return True
    return word[0] == other[0] and (len(word) != len(other) or sorted(word) == sorted(other))


def _forms(word: str) -> Iterator[str]:
    """Return the word, and the word with one letter left out; two for long words."""
    yield word
    once = [word[:i] + word[i + 1 :] for i in range(len(word))]
    yield from once
    if TWO_EDITS <= len(word) <= 20:
        yield from {form[:i] + form[i + 1 :] for n, form in enumerate(once) for i in range(n, len(form))}
