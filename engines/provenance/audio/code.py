"""Sixteen bits as thirty-two signs that survive many wrong ones: the Reed-Muller code RM(2,5).

Any two of its 65536 words differ in at least eight places. Decoding compares with all of them (maximum likelihood).
"""

from __future__ import annotations

from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Signs: TypeAlias = NDArray[np.float32]

BITS: Final = 16
LENGTH: Final = 32
MOST: Final = 2**BITS - 1  # the largest payload


@cache
def _rows() -> NDArray[np.float32]:
    """Return the 16 rows whose sums are the words, as 0 and 1."""
    place = np.arange(LENGTH)
    first = [(place >> bit) & 1 for bit in range(5)]
    rows = [np.ones(LENGTH, int), *first, *(first[a] * first[b] for a in range(5) for b in range(a + 1, 5))]
    return np.array(rows, np.float32)


def _words(payloads: NDArray[np.integer]) -> Signs:
    bits = ((payloads[:, None] >> np.arange(BITS)) & 1).astype(np.float32)
    return (1 - 2 * ((bits @ _rows()) % 2)).astype(np.float32)


def word(payload: int) -> Signs:
    """Return the word of a payload (0..65535) as +1 and -1."""
    signs: Signs = _words(np.array([payload]))[0]
    return signs


@cache
def words() -> Signs:
    """Return all words, shape (65536, 32), by their payload; takes 8 MB."""
    made = _words(np.arange(MOST + 1))
    made.flags.writeable = False
    return made


def nearest(measured: NDArray[np.floating]) -> tuple[int, float]:
    """Return the payload whose word agrees best with 32 measured values, and how well: the sum of agreeing values."""
    agreement = words() @ measured.astype(np.float32)
    best = int(np.argmax(agreement))
    return best, float(agreement[best])
