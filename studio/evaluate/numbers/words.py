"""How rich texts are: distinct n-grams, variety of words within a window, lengths. Pure."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

WINDOW: Final = 50  # words


def distinct(texts: Iterable[Sequence[str]], n: int) -> float:
    """Return the share of different ones among all runs of n words (distinct-n; Li et al. 2016); 0 of none."""
    runs = [tuple(words[i : i + n]) for words in texts for i in range(len(words) - n + 1)]
    return len(set(runs)) / len(runs) if runs else 0.0


def variety(words: Sequence[str], window: int = WINDOW) -> float:
    """Return the mean share of different words in every window (moving-average type-token ratio; Covington 2010).

    Of a text that is shorter than the window it is the share over the whole; 0 of none.
    """
    if len(words) <= window:
        return len(set(words)) / len(words) if words else 0.0
    counts = Counter(words[:window])
    total = len(counts)
    for gone, new in zip(words, words[window:], strict=False):
        counts[gone] -= 1
        if not counts[gone]:
            del counts[gone]
        counts[new] += 1
        total += len(counts)
    return total / (window * (len(words) - window + 1))


def density(text: str) -> float:
    """Return how many bytes of the text are left when it is compressed, 0..1: low where it repeats itself."""
    data = text.encode()
    return min(1.0, len(zlib.compress(data, 9)) / len(data)) if data else 0.0
