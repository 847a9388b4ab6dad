"""Learning an adapter from persons, so that it tells of each of them no more than was promised."""

from __future__ import annotations

import gc
import math
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from engines.device.queue import out_of_memory
from training.errors import TrainingError
from training.loop.batch import micro_batches
from training.loop.losses import loss_of
from training.loop.step import Told, smaller
from training.private.accountant import Promise
from training.private.people import drawn
from training.private.steps import PrivateSteps
from training.tune.tokens import Example


@dataclass(slots=True)
class Private:
    """Takes the steps of a run in place of the usual ones: give `take` to the run's Rest.

    `persons` are the examples of each; `seed` makes draws and noise again the same, None takes the system's entropy.
    The run must take `promise.steps` and no more.
    """

    model: Any
    persons: Sequence[Sequence[Example]]
    promise: Promise
    seed: int | None = None
    packing: bool = True
    pad: int = 0
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext
    _steps: PrivateSteps | None = None
    _of: Any = None
    _system: random.Random = field(default_factory=random.SystemRandom)

    def take(self, optimiser: Any, step: int, budget: int) -> Told:
        """Take step number `step` on whoever is drawn; TrainingError `not_a_number` before anything is applied.

        When the memory does not suffice the step begins anew with half the budget, with the same persons.
        """
        if step >= self.promise.steps:
            raise TrainingError("bad_recipe", f"{self.promise.steps} steps were promised, and they are taken.")
        steps = self._made(optimiser)
        chosen = drawn(self.persons, self.promise.q, self._chance(step))
        while True:
            counted = [0, 0]
            try:
                loss = steps.step(chosen, lambda lines: self._losses(lines, budget, counted))  # noqa: B023
                break
            except Exception as error:
                steps.forget()
                if not (isinstance(error, MemoryError) or out_of_memory(error)):
                    raise
                budget = smaller(budget, error)
                gc.collect()
        return Told(loss, 0.0, counted[0], counted[1], budget)

    def _made(self, optimiser: Any) -> PrivateSteps:
        if self._steps is None or self._of is not optimiser:
            self._of = optimiser
            weights = [weight for group in optimiser.param_groups for weight in group["params"]]
            told = self.promise
            self._steps = PrivateSteps(
                optimiser, weights, sigma=told.sigma, clip=told.clip, crowd=told.crowd, seed=self.seed
            )
        return self._steps

    def _chance(self, step: int) -> random.Random:
        if self.seed is None:
            return self._system
        assert self._steps is not None
        self._steps.reseed(random.Random(f"noise {self.seed} {step}").getrandbits(63))
        return random.Random(f"persons {self.seed} {step}")

    def _losses(self, lines: Sequence[Example], budget: int, counted: list[int]) -> Iterable[Any]:
        """Give the mean loss of a person's learned tokens, in parts that add up."""
        batches = micro_batches(lines, budget, packing=self.packing, pad=self.pad, device=self.model.device)
        count = max(1, sum(batch.learned for batch in batches))
        for batch in batches:
            with self.autocast():
                loss, _ = loss_of(self.model, batch)
            if not math.isfinite(loss.item()):
                raise TrainingError("not_a_number", "The loss is not a number any more: take a smaller --rate.")
            counted[0] += batch.learned
            counted[1] += batch.tokens
            yield loss / count
