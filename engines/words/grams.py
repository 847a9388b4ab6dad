"""What retrieval counts of a text: the words that carry meaning, and for scripts without spaces pairs of signs.

Without a dictionary nobody can tell where a Chinese or Japanese word ends; overlapping pairs of signs find them nearly
as well (Nie et al., "On the use of words and n-grams for Chinese information retrieval", 2000). It knows no entry.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from engines.words.text import is_sign


def grams(words: Sequence[str], stop: Collection[str], *, singles: bool = False) -> list[str]:
    """Return the words that are not in `stop`, neighbouring signs as pairs; with `singles` each sign alone too."""
    if all(word.isascii() for word in words):
        return [word for word in words if word not in stop]
    found: list[str] = []
    run: list[str] = []
    for word in (*words, ""):
        if is_sign(word) and word not in stop:
            run.append(word)
            continue
        found += _pairs(run, singles=singles)
        run = []
        if word and word not in stop:
            found.append(word)
    return found


def _pairs(run: Sequence[str], *, singles: bool) -> list[str]:
    if len(run) < 2:
        return list(run)
    pairs = [a + b for a, b in pairwise(run)]
    return [*pairs, *run] if singles else pairs


def is_pair(word: str) -> bool:
    """Say whether a word is a pair of signs, or one alone."""
    return 0 < len(word) <= 2 and all(is_sign(sign) for sign in word)


def is_kana(word: str) -> bool:
    """Say whether a pair holds Hiragana, which mostly is grammar."""
    return any("\u3041" <= sign <= "\u309e" for sign in word)
