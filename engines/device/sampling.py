"""Which token comes next, for a whole batch at once: each row by its own random numbers.

One number a row and step from the row's own generator, and the inverse of the distribution function: what a row draws
does not depend on who shares its batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to choose: `temperature` 0 is greedy; `top_k` 0, `top_p` 1, `min_p` 0, `repetition_penalty` 1 are off."""

    temperature: float = 0.7
    top_p: float = 0.9
    top_k: int = 40
    min_p: float = 0.0
    repetition_penalty: float = 1.0


def choose(logits: Any, sampling: Sampling, draws: Any, seen: Any) -> Any:
    """Choose the next token of each row.

    `logits` are rows x vocabulary; `draws` one number 0..1 for each row; `seen` rows x vocabulary, true for tokens that
    were there before (used only by the penalty, after Keskar et al. 2019, CTRL). `min_p` after Nguyen et al. 2024.
    """
    scores = logits.float()
    if sampling.repetition_penalty != 1.0:
        penalty = sampling.repetition_penalty
        scores = torch.where(seen, torch.where(scores > 0, scores / penalty, scores * penalty), scores)
    if sampling.temperature <= 0.0:
        return scores.argmax(-1)
    scores = scores / sampling.temperature
    count = min(sampling.top_k or scores.shape[-1], scores.shape[-1])
    best, tokens = torch.topk(scores, count, dim=-1)  # sorted, the likeliest first
    shares = torch.softmax(best, dim=-1)
    if sampling.min_p > 0.0:
        shares = shares.masked_fill(shares < sampling.min_p * shares[:, :1], 0.0)
    if sampling.top_p < 1.0:
        before = shares.cumsum(-1) - shares
        shares = shares.masked_fill(before >= sampling.top_p * shares.sum(-1, keepdim=True), 0.0)
    total = shares.cumsum(-1)
    at = torch.searchsorted(total, (draws[:, None] * total[:, -1:]).to(total.dtype), right=True)
    last = (shares > 0).sum(-1, keepdim=True) - 1  # a draw of almost 1 must not leave the distribution
    return tokens.gather(-1, torch.minimum(at, last))[:, 0]
