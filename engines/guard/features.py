"""What the classifier counts of a text, hashed into a fixed number of buckets (Weinberger et al., 2009).

What the words of each sentence are about, alone and by twos and threes; and pieces of the text's letters, which forgive
endings and misspellings and need no dictionary. Training and use share this file: whatever changes here, or in the
lists, makes the weights worthless.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

SIZES: Final = (4, 6)
LETTERS: Final = 1 << 13  # buckets of pieces of letters ...
BUCKETS: Final = LETTERS + (1 << 13)  # ... and behind them those of concepts
LONGEST: Final = 800  # characters that are counted: the end of the text
MOST: Final = 12  # concepts of a sentence

_STEP: Final = np.uint32(0x01000193)
_MIX: Final = np.uint32(0x9E3779B1)
_SHIFT: Final = np.uint32(32 - 13)


def letters(text: str) -> NDArray[np.intp]:
    """Return the buckets of a text's pieces, each once, ascending; a text as `folding.read` writes it."""
    codes = np.frombuffer(text[-LONGEST:].encode("utf-32-le", "replace"), dtype="<u4")
    found = [_hashed(codes, size) for size in SIZES if len(codes) >= size]
    return np.unique(np.concatenate(found)).astype(np.intp) if found else np.zeros(0, np.intp)


def meanings(sentences: Iterable[frozenset[str]]) -> NDArray[np.intp]:
    """Return the buckets of what the sentences of a text are about, each once, ascending."""
    found: set[int] = set()
    for sentence in sentences:
        found |= _together(sentence)
    return np.array(sorted(found), np.intp)


@lru_cache(maxsize=4096)
def _together(sentence: frozenset[str]) -> frozenset[int]:
    names = sorted(sentence)[:MOST]
    groups = ["+".join(group) for size in (1, 2, 3) for group in combinations(names, size)]
    return frozenset(LETTERS + crc32(group.encode()) % (BUCKETS - LETTERS) for group in groups)


def _hashed(codes: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
    count = len(codes) - size + 1
    state = np.full(count, np.uint32(0x811C9DC5) + np.uint32(size), np.uint32)
    for at in range(size):
        state = (state ^ codes[at : at + count]) * _STEP
    state ^= state >> np.uint32(15)
    return (state * _MIX) >> _SHIFT
