"""One step of training: the gradient of a batch in parts that fit the memory, clipped, applied; or a clear refusal."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import torch

from engines.device.queue import out_of_memory
from training.errors import TrainingError
from training.loop.batch import Batch
from training.loop.losses import loss_of

Cut: TypeAlias = Callable[[int], Sequence[Batch]]  # the step's batches, of at most so many places each
LEAST: Final = 8  # places of a batch below which nothing is halved


@dataclass(frozen=True, slots=True)
class Told:
    """What a step came to: mean loss of a learned token in nats, the gradient's norm, tokens, and the budget it took.

    `places` counts what was computed, padding among it.
    """

    loss: float
    norm: float
    learned: int
    places: int
    budget: int


def step(
    model: Any,
    optimiser: Any,
    cut: Cut,
    *,
    budget: int,
    clip: float = 1.0,
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
    penalty: Callable[[], Any] | None = None,
) -> Told:
    """Take one step on what `cut` gives; the loss is the mean over all learned tokens of the step.

    When the memory does not suffice, `budget` is halved and the step begun again: the same gradient in smaller parts.
    `penalty` is added to the loss once. TrainingError `not_a_number` when the loss or the gradient is none, before
    anything is applied; `no_memory` when not even the smallest part fits.
    """
    while True:
        optimiser.zero_grad(set_to_none=True)
        try:
            batches = cut(budget)
            count = sum(batch.learned for batch in batches)
            total = backward(model, batches, count, autocast=autocast)
            if penalty is not None:
                penalty().backward()
            break
        except Exception as error:
            if not (isinstance(error, MemoryError) or out_of_memory(error)):
                raise
            budget = smaller(budget, error)
    norm = float(torch.nn.utils.clip_grad_norm_(learned_weights(optimiser), clip or math.inf))
    if not (math.isfinite(total) and math.isfinite(norm)):
        optimiser.zero_grad(set_to_none=True)
        raise TrainingError(
            "not_a_number",
            "The loss is not a number any more. A smaller --rate usually helps; in half precision, --precision float32 "
            "does. The last checkpoint is kept.",
        )
    optimiser.step()
    return Told(total, norm, count, sum(batch.tokens for batch in batches), budget)


def backward(
    model: Any,
    batches: Iterable[Batch],
    count: int,
    *,
    autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> float:
    """Add the gradient of the mean loss over `count` learned tokens; return that loss."""
    total = 0.0
    for batch in batches:
        with autocast():
            loss, _ = loss_of(model, batch)
        (loss / max(1, count)).backward()
        total += loss.item()
    return total / max(1, count)


def learned_weights(optimiser: Any) -> list[Any]:
    """Return the weights that an optimiser changes."""
    return [weight for group in optimiser.param_groups for weight in group["params"]]


def smaller(budget: int, error: BaseException) -> int:
    """Return half the budget after the memory was too small; TrainingError `no_memory` when it is the least."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if budget <= LEAST:
        raise TrainingError(
            "no_memory",
            "There is not enough memory even for one dialogue: take a smaller model, --precision bfloat16, "
            "--checkpointing, or a smaller --longest.",
        ) from error
    return budget // 2
