"""How alike many texts are, two by two: Jaccard similarity of their shingles, estimated by MinHash (Broder 1997). Pure.

The standard error of one estimate is at most 1 / (2 sqrt(HASHES)).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

HASHES: Final = 128
SHINGLE: Final = 4  # words
MOST: Final = 4000  # texts that are compared, and shingles of one
EMPTY: Final = np.uint64(np.iinfo(np.uint64).max)
BINS: Final = 20  # of the histogram, 0..1

Sketches = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike the pairs are, 0..1; `closest` are the numbers of the most alike pair, `histogram` has BINS bins."""

    pairs: int
    mean: float
    p99: float
    most: float
    closest: tuple[int, int]
    near: int  # pairs that are at least half alike
    histogram: tuple[int, ...]


def sketches(texts: Iterable[Sequence[str]], *, seed: int = 0) -> Sketches:
    """Return HASHES minima for each text, given in words."""
    chance = np.random.default_rng(seed)
    factors = chance.integers(1, 1 << 31, HASHES, dtype=np.uint64) | np.uint64(1)
    shifts = chance.integers(0, 1 << 63, HASHES, dtype=np.uint64)
    rows: list[NDArray[np.uint64]] = []
    for words in texts:
        starts = range(max(1, len(words) - SHINGLE + 1)) if words else ()
        runs = {"\x00".join(words[i : i + SHINGLE]) for i in starts}
        if not runs:
            rows.append(np.full(HASHES, EMPTY))
            continue
        codes = np.array([_code(run) for run in sorted(runs)[:MOST]], dtype=np.uint64)
        # Multiply-shift on 64 bits wraps round by intention.
        mixed = codes[:, None] * factors[None, :] + shifts[None, :]
        mixed ^= mixed >> np.uint64(29)
        rows.append(mixed.min(axis=0))
        if len(rows) >= MOST:
            break
    return np.array(rows, dtype=np.uint64).reshape(len(rows), HASHES)


def likeness(found: Sketches) -> Likeness:
    """Compare every text with every other."""
    n = len(found)
    total, most, closest, near = 0.0, 0.0, (0, 0), 0
    histogram = np.zeros(BINS, dtype=np.int64)
    counts = np.zeros(HASHES + 1, dtype=np.int64)
    for i in range(n - 1):
        same = (found[i + 1 :] == found[i]).sum(axis=1)
        counts += np.bincount(same, minlength=HASHES + 1)
        best = int(same.argmax())
        if same[best] / HASHES > most:
            most, closest = float(same[best] / HASHES), (i, i + 1 + best)
    pairs = int(counts.sum())
    for k, count in enumerate(counts):
        total += k / HASHES * int(count)
        histogram[min(BINS - 1, k * BINS // HASHES)] += count
        near += int(count) if 2 * k >= HASHES else 0
    return Likeness(
        pairs=pairs,
        mean=total / pairs if pairs else 0.0,
        p99=_quantile(counts, 0.99),
        most=most,
        closest=closest,
        near=near,
        histogram=tuple(int(count) for count in histogram),
    )


def _code(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big")


def _quantile(counts: NDArray[np.int64], q: float) -> float:
    total = int(counts.sum())
    if not total:
        return 0.0
    return float(np.searchsorted(np.cumsum(counts), q * total) / HASHES)
