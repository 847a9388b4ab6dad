"""Which lines of what was learnt moved an answer, by the likeness of gradients on the adapter (TracIn, Pruthi 2020).

A step on a line that pulls the adapter the way that a step on the answer would has made the answer likelier. Gradients
are compared by their angle, so that long and surprising lines do not win by size alone (Barshan et al. 2020).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from training.loop.batch import micro_batches
from training.loop.losses import loss_of
from training.tune.tokens import Example


@dataclass(frozen=True, slots=True)
class Pull:
    """How a line pulls: `likeness` is 1 for the same way, 0 for none, -1 for the opposite."""

    line: int
    likeness: float


def pulls(
    model: Any,
    answers: Sequence[Example],
    lines: Sequence[Example],
    *,
    progress: Callable[[float], None] | None = None,
) -> list[list[Pull]]:
    """Return for each answer the pull of each line on it, strongest first.

    It costs one backward pass a line, however many answers there are.
    """
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    was = model.training
    model.eval()  # what is dropped out by chance would hide the likeness
    found: list[list[Pull]] = [[] for _ in answers]
    try:
        wanted = [_direction(model, weights, answer) for answer in answers]
        for number, line in enumerate(lines):
            own = _direction(model, weights, line)
            for each, toward in zip(found, wanted, strict=True):
                each.append(Pull(number, float((own * toward).sum())))
            if progress:
                progress((number + 1) / len(lines))
    finally:
        model.train(was)
        model.zero_grad(set_to_none=True)
    return [sorted(each, key=lambda pull: -pull.likeness) for each in found]


def _direction(model: Any, weights: Sequence[Any], example: Example) -> Any:
    """Return the gradient of an example's loss as one vector of length 1."""
    import torch

    model.zero_grad(set_to_none=True)
    loss, _ = loss_of(model, micro_batches([example], len(example.ids), packing=False, device=model.device)[0])
    loss.backward()
    parts = [torch.zeros_like(w).flatten() if w.grad is None else w.grad.flatten() for w in weights]
    vector = torch.cat(parts).float()
    return vector / vector.norm().clamp_min(1e-12)
