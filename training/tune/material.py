"""What a tuning run learns: the dialogues' examples in an order that only the seed and the step decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from training.loop.batch import Batch, micro_batches
from training.loop.recipe import Recipe
from training.tune.tokens import Example


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples to learn and to hold out; every epoch goes through all of them in an order of its own."""

    learned: Sequence[Example]
    kept: Sequence[Example]
    recipe: Recipe
    packing: bool
    pad: int
    device: Any = "cpu"

    def cut(self, step: int, budget: int) -> Sequence[Batch]:
        """Return the batches of a step."""
        size, count = self.recipe.batch, len(self.learned)
        chosen = [
            self.learned[order(count, self.recipe.seed, at // count)[at % count]]
            for at in range(step * size, (step + 1) * size)
        ]
        return self._cut(chosen, budget)

    def held(self, budget: int) -> Sequence[Batch]:
        """Return all held-out batches."""
        return self._cut(self.kept, budget) if self.kept else ()

    def _cut(self, examples: Sequence[Example], budget: int) -> list[Batch]:
        return micro_batches(examples, budget, packing=self.packing, pad=self.pad, device=self.device)


@lru_cache(maxsize=4)
def order(count: int, seed: int, epoch: int) -> tuple[int, ...]:
    """Return the order of `count` examples in an epoch."""
    places = list(range(count))
    Random(f"{seed}|{epoch}").shuffle(places)
    return tuple(places)
