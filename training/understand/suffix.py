"""Looks for a tail that makes a model say something, by its gradient (GCG, Zou et al. 2023): how easily is it led?

The loss of the target falls with each token that is exchanged for a better one. How far it falls in so many tries,
beside a tail by chance, says how much somebody with the weights can do; a live companion shows nobody its weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """The best tail, the target's loss with it and with the tail that it began with, in nats a token."""

    ids: tuple[int, ...]
    first: float
    loss: float
    tries: int


def search(
    model: Any,
    prompt: Callable[[Sequence[int]], Sequence[int]],
    target: Sequence[int],
    *,
    length: int = 6,
    rounds: int = 8,
    tries: int = 16,
    best: int = 32,
    seed: int = 0,
    allowed: Sequence[int] = (),
) -> Found:
    """Exchange one token a round for the best of `tries`, drawn from the `best` by gradient at each place.

    `prompt` puts a tail into the whole prompt, and must leave it in one piece. `allowed` are the tokens to draw from,
    all when empty.
    """
    import torch

    chance = torch.Generator().manual_seed(seed)
    table = model.get_input_embeddings().weight
    usable = torch.tensor(allowed or range(table.shape[0]))
    tail = usable[torch.randint(len(usable), (length,), generator=chance)].tolist()
    was = model.training
    model.eval()
    try:
        loss = first = _losses(model, [prompt(tail)], target)[0]
        for _ in range(rounds):
            slope = _slope(model, table, prompt(tail), tail, target)[:, usable]
            good = usable[(-slope).topk(min(best, len(usable)), dim=-1).indices]  # (length, best)
            candidates = []
            for _ in range(tries):
                place = int(torch.randint(length, (1,), generator=chance))
                choice = int(good[place, torch.randint(good.shape[1], (1,), generator=chance)])
                candidates.append([*tail[:place], choice, *tail[place + 1 :]])
            found = _losses(model, [prompt(each) for each in candidates], target)
            lowest = min(range(tries), key=found.__getitem__)
            if found[lowest] < loss:
                tail, loss = candidates[lowest], found[lowest]
    finally:
        model.train(was)
        model.zero_grad(set_to_none=True)
    return Found(tuple(tail), first, loss, rounds * tries)


def _losses(model: Any, prompts: Sequence[Sequence[int]], target: Sequence[int]) -> list[float]:
    """Return the target's mean loss after each prompt; all prompts have one length."""
    import torch
    from torch.nn.functional import cross_entropy

    ids = torch.tensor([[*prompt, *target] for prompt in prompts], device=model.device)
    with torch.no_grad():
        logits = model(input_ids=ids, use_cache=False).logits[:, -len(target) - 1 : -1].float()
    wanted = ids[:, -len(target) :]
    each = cross_entropy(logits.transpose(1, 2), wanted, reduction="none").mean(1)
    return [float(value) for value in each]


def _slope(model: Any, table: Any, prompt: Sequence[int], tail: Sequence[int], target: Sequence[int]) -> Any:
    """Return how the loss would change with each token at each place of the tail (length, vocabulary)."""
    import torch
    from torch.nn.functional import cross_entropy

    ids = torch.tensor([[*prompt, *target]], device=model.device)
    begin = _place(prompt, tail)
    given = table[ids].detach().clone().requires_grad_(True)
    logits = model(inputs_embeds=given, use_cache=False).logits[0, -len(target) - 1 : -1].float()
    cross_entropy(logits, ids[0, -len(target) :]).backward()
    return given.grad[0, begin : begin + len(tail)] @ table.detach().T


def _place(prompt: Sequence[int], tail: Sequence[int]) -> int:
    """Return where the tail begins in the prompt, looked for from its end."""
    for at in range(len(prompt) - len(tail), -1, -1):
        if list(prompt[at : at + len(tail)]) == list(tail):
            return at
    raise ValueError("the prompt does not hold the tail in one piece")
