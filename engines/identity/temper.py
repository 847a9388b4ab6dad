"""Says what a temperament does to a face at rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

# How much somebody of this kind smiles when nothing moves them, -1..1; nobody says anything of the others.
SMILES: Final[Mapping[str, float]] = {
    "cheerful": 0.9, "warm": 0.7, "playful": 0.6, "gentle": 0.5, "patient": 0.3, "energetic": 0.3, "witty": 0.3,
    "curious": 0.2, "calm": 0.2, "serious": -0.4, "strict": -0.6, "gruff": -0.8,
}  # fmt: skip


def warmth(temperament: Iterable[str]) -> float:
    """Return how much (0..1) somebody smiles at rest; 0 where nobody said what they are like."""
    known = [SMILES.get(each, 0.0) for each in temperament]
    return max(0.0, sum(known) / len(known)) if known else 0.0
