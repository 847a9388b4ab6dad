"""Finds what means much the same as a question by vectors: kept small, compared by cosine, mixed in by rank.

A vector is kept as float16 of unit length, little-endian, so that one of 384 numbers takes 768 bytes. Different models
have different ideas of how close two sentences are; only the order of what is closest is used (reciprocal rank).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Protocol

NEAREST: Final = 8  # facts of a person that are taken to be near
LONGEST: Final = 8192  # numbers of a vector
TEXT: Final = 700  # characters that are made a vector of


class Embedder(Protocol):
    """Makes vectors of texts; `model` is the name that they are kept under: those of two names are never compared."""

    @property
    def model(self) -> str:
        """Name the model."""
        ...

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return a packed vector for each text; EngineError when that cannot be."""
        ...

    async def close(self) -> None:
        """Let go of it; safe to call twice."""
        ...


def packed(numbers: Sequence[float]) -> bytes:
    """Return a vector as it is kept; ValueError for one that is none."""
    import numpy as np  # a server without an embedder need not have it loaded

    if not 0 < len(numbers) <= LONGEST:
        raise ValueError(f"a vector has 1 to {LONGEST} numbers")
    vector = np.asarray(numbers, np.float64)
    length = float(np.linalg.norm(vector)) if vector.ndim == 1 else math.nan
    if not math.isfinite(length) or not length:
        raise ValueError("a vector's numbers are finite, and not all of them zero")
    return (vector / length).astype("<f2").tobytes()


def nearest(asked: bytes, kept: Sequence[tuple[int, bytes]], most: int = NEAREST) -> tuple[int, ...]:
    """Return the numbers of the vectors closest to `asked`, the closest first; those of another length are left out."""
    import numpy as np

    fit = [(number, vector) for number, vector in kept if len(vector) == len(asked)]
    if not fit or not asked:
        return ()
    rows = np.frombuffer(b"".join(vector for _, vector in fit), "<f2").reshape(len(fit), -1).astype(np.float32)
    close = rows @ np.frombuffer(asked, "<f2").astype(np.float32)
    order = sorted(range(len(fit)), key=lambda at: (-float(close[at]), fit[at][0]))
    return tuple(fit[at][0] for at in order[:most])


def described(kind: str, about: str, value: str, said: str) -> str:
    """Return the text that a fact's vector is made of: what it says, and the words that it was told by."""
    return " ".join(f"{kind} {about}: {value}. {said}".split())[:TEXT]
