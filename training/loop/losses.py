"""The loss of a batch: cross entropy of the learned tokens, their logits alone computed where the model allows it.

Most of a small model's work is its last layer, which knows every word of the vocabulary; a dialogue is learned in a
part of its places only, so the last layer sees only these.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from training.loop.batch import NOTHING, Batch


def predictions(model: Any, batch: Batch) -> tuple[Any, Any]:
    """Return the logits (n, vocabulary) of the n places that are learned, and their targets (n)."""
    chosen = batch.targets != NOTHING
    if trunk := _trunk(model):
        body, head = trunk
        states = body(**_given(model, batch), use_cache=False).last_hidden_state
        return head(states[chosen]), batch.targets[chosen]
    logits = model(**_given(model, batch), use_cache=False).logits
    return logits[chosen], batch.targets[chosen]


def loss_of(model: Any, batch: Batch) -> tuple[Any, int]:
    """Return the sum of the losses of the learned tokens in nats (a tensor with its gradient), and their number."""
    logits, targets = predictions(model, batch)
    return cross_entropy(logits.float(), targets, reduction="sum"), int(targets.numel())


def held_out(model: Any, batches: Iterable[Batch]) -> float:
    """Return the mean loss of a learned token, in nats, with nothing dropped out."""
    was = model.training
    model.eval()
    total, count = 0.0, 0
    try:
        with torch.no_grad():
            for batch in batches:
                loss, tokens = loss_of(model, batch)
                total, count = total + loss.item(), count + tokens
    finally:
        model.train(was)
    return total / max(1, count)


def fits_trunk(model: Any) -> bool:
    """Say whether hidden states through the last layer are the model's logits; some scale or cap them after it."""
    found = _parts(model)
    if found is None:
        return False
    body, head = found
    ids = torch.arange(8, device=head.weight.device)[None] % int(head.weight.shape[0])
    was = model.training
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=ids, use_cache=False).logits
        again = head(body(input_ids=ids, use_cache=False).last_hidden_state)
    model.train(was)
    return bool(torch.allclose(logits.float(), again.float(), atol=1e-3, rtol=1e-3))


def _trunk(model: Any) -> tuple[Any, Any] | None:
    """Return the model's body and last layer where `fits_trunk`, asked once for each model."""
    known: bool | None = getattr(model, "_companion_trunk", None)
    if known is None:
        known = fits_trunk(model)
        model._companion_trunk = known
    return _parts(model) if known else None


def _parts(model: Any) -> tuple[Any, Any] | None:
    config = next(iter(getattr(model, "peft_config", {}).values()), None)
    if getattr(config, "is_prompt_learning", False):
        return None  # what it learned is put before the tokens by its own forward pass
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    head = inner.get_output_embeddings() if hasattr(inner, "get_output_embeddings") else None
    body = getattr(inner, getattr(inner, "base_model_prefix", "") or "-", None)
    return None if body is None or head is None or body is inner else (body, head)


def _given(model: Any, batch: Batch) -> dict[str, Any]:
    """Return the arguments of the model; a mask of who sees whom is added to scores, in the model's numbers."""
    given: dict[str, Any] = {"input_ids": batch.ids}
    if batch.places is not None:
        given["position_ids"] = batch.places
    if batch.seen is not None:
        kind = next(model.parameters()).dtype
        least = torch.finfo(kind).min
        given["attention_mask"] = torch.zeros(batch.seen.shape, dtype=kind, device=batch.ids.device).masked_fill(
            ~batch.seen, least
        )
    return given
