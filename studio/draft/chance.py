"""Chance that is the same for the same seed and purpose, on every machine and Python.

Each purpose has a chance of its own, so that what is drawn for one (a voice, say) cannot depend on what was drawn for
another (a skin, a name).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

BITS: Final = 53


class Chance:
    """Draws by a seed, any text; every method names its purpose."""

    def __init__(self, seed: str) -> None:
        self.seed = seed

    def number(self, purpose: str) -> float:
        """Return a number from 0 up to 1."""
        digest = hashlib.sha256(f"{self.seed}:{purpose}".encode()).digest()
        return float((int.from_bytes(digest[:8], "big") >> (64 - BITS)) / (1 << BITS))

    def below(self, purpose: str, count: int) -> int:
        """Return a whole number from 0 up to, but without, `count`."""
        return min(count - 1, int(self.number(purpose) * count))

    def choice(self, purpose: str, options: Sequence[T]) -> T:
        """Return one of the options, all equally likely."""
        return options[self.below(purpose, len(options))]

    def weighted(self, purpose: str, weights: Mapping[str, float]) -> str:
        """Return one of the keys, as likely as its weight says."""
        at = self.number(purpose) * sum(weights.values())
        for key, weight in weights.items():
            at -= weight
            if at < 0:
                return key
        return list(weights)[-1]

    def order(self, purpose: str, options: Sequence[T]) -> list[T]:
        """Return the options in an order of chance."""
        ranked = sorted(range(len(options)), key=lambda i: (self.number(f"{purpose}:{i}"), i))
        return [options[i] for i in ranked]

    def triangular(self, purpose: str, low: float, mode: float, high: float) -> float:
        """Return a number between `low` and `high`, likeliest near `mode`."""
        u, share = self.number(purpose), (mode - low) / (high - low)
        if u < share:
            return float(low + ((high - low) * (mode - low) * u) ** 0.5)
        return float(high - ((high - low) * (high - mode) * (1 - u)) ** 0.5)
