"""What pre-training learns of a row of tokens: windows in an order that the seed and the step decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from training.loop.batch import NOTHING, Batch
from training.loop.recipe import Recipe

Goal: TypeAlias = Literal["causal", "masked"]
MASKED: Final = 0.15  # of the tokens (Devlin et al. 2018): 80 % become the mask, 10 % another word, 10 % stay
LOOKS: Final = 64  # held-out windows, at most


@dataclass(frozen=True, slots=True)
class Windows:
    """Rows of `width` tokens from anywhere in the text: packed, since no place of them is padding.

    `goal` says what is learned: the next token at each place, or those that are hidden. `mask` and `words` are the
    mask's token and the size of the vocabulary.
    """

    learned: NDArray[np.integer[Any]]
    kept: NDArray[np.integer[Any]]
    recipe: Recipe
    width: int
    goal: Goal
    mask: int = 0
    words: int = 0
    device: Any = "cpu"

    def cut(self, step: int, budget: int) -> Sequence[Batch]:
        """Return the batches of a step."""
        chance = np.random.default_rng((self.recipe.seed, step))
        last = len(self.learned) - self.width
        begins = chance.integers(0, max(1, last), self.recipe.batch)
        return self._batches(self.learned, begins, budget, chance)

    def held(self, budget: int) -> Sequence[Batch]:
        """Return the held-out windows, side by side."""
        begins = np.arange(0, max(1, len(self.kept) - self.width), self.width)[:LOOKS]
        return self._batches(self.kept, begins, budget, np.random.default_rng(1)) if len(self.kept) else ()

    def _batches(
        self, tokens: NDArray[Any], begins: NDArray[Any], budget: int, chance: np.random.Generator
    ) -> list[Batch]:
        rows = np.stack([tokens[at : at + self.width + 1] for at in begins if at + self.width + 1 <= len(tokens)])
        each = max(1, budget // self.width)
        made = _causal(rows) if self.goal == "causal" else _masked(rows[:, :-1], self.mask, self.words, chance)
        ids, targets = (torch.from_numpy(part.astype(np.int64)) for part in made)
        return [
            Batch(ids[at : at + each].to(self.device), targets[at : at + each].to(self.device))
            for at in range(0, len(ids), each)
        ]


def _causal(rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return (rows, width) tokens, and the token after each."""
    return rows[:, :-1], rows[:, 1:]


def _masked(
    rows: NDArray[Any], mask: int, words: int, chance: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return rows with some tokens hidden, and those as targets."""
    rows = rows.astype(np.int64)
    chosen = chance.random(rows.shape) < MASKED
    chosen[:, 0] |= ~chosen.any(1)
    fate = chance.random(rows.shape)
    ids = np.where(chosen & (fate < 0.8), mask, rows)
    ids = np.where(chosen & (fate >= 0.9), chance.integers(0, words, rows.shape), ids)
    return ids, np.where(chosen, rows, NOTHING)
