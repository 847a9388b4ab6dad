"""What a training run is told: how long, how large its steps are, and when it looks and saves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from training.errors import TrainingError

Schedule: TypeAlias = Literal["cosine", "linear", "constant"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The settings of a run.

    `steps` are taken, each on `batch` examples, computed in parts of at most `budget` tokens. `rate` grows over the
    first `warmup` (a part of the steps), then falls by `schedule` to `floor` of itself. The held-out loss is asked for
    every `look` steps (0: only at the end); after `patience` looks without a better one the run ends (0: never).
    `save` is how often a checkpoint is written (0: at looks). `average` keeps a moving average of the weights.
    """

    steps: int
    batch: int = 8
    budget: int = 2048
    rate: float = 2e-4
    warmup: float = 0.06
    schedule: Schedule = "cosine"
    floor: float = 0.1
    clip: float = 1.0
    decay: float = 0.0
    look: int = 0
    patience: int = 0
    save: int = 0
    seed: int = 0
    packing: bool = True
    half: bool = False
    average: float = 0.0

    def __post_init__(self) -> None:
        wrong = {
            "steps": self.steps < 1,
            "batch": self.batch < 1,
            "budget": self.budget < 1,
            "rate": not (math.isfinite(self.rate) and self.rate > 0),
            "warmup": not 0 <= self.warmup < 1,
            "average": not 0 <= self.average < 1,
        }
        if bad := [name for name, is_wrong in wrong.items() if is_wrong]:
            raise TrainingError("bad_recipe", f"{bad[0]} cannot be {getattr(self, bad[0])}.")

    def rate_at(self, step: int) -> float:
        """Return the size of step number `step`, counted from 0."""
        warm = round(self.warmup * self.steps)
        if step < warm:
            return self.rate * (step + 1) / warm
        done = (step - warm) / max(1, self.steps - warm)
        match self.schedule:
            case "constant":
                return self.rate
            case "linear":
                part = 1 - done
            case "cosine":
                part = (1 + math.cos(math.pi * done)) / 2
        return self.rate * (self.floor + (1 - self.floor) * part)
