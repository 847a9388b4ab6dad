"""Examples as tensors: padded rows, or packed ones in which each example sees itself and what all of them share.

Packing with a shared prefix computes the persona, the same at the head of every dialogue, once for a whole row: the
gradient is that of the padded rows, since attention and positions are those of each dialogue alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import torch

NOTHING: Final = -100  # a target that is not learned


class Tokens(Protocol):
    """Token ids, and for each whether it is learned."""

    @property
    def ids(self) -> Sequence[int]:
        """Return the ids."""
        ...

    @property
    def learn(self) -> Sequence[bool]:
        """Say of each whether it is learned."""
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of tokens (rows, width), what each place predicts (NOTHING where nothing is learned), and who sees whom.

    `places` are positions, None for 0, 1, 2 ...; `seen` is (rows, 1, width, width), True where a place sees another,
    None for all before it.
    """

    ids: Any
    targets: Any
    places: Any = None
    seen: Any = None

    @property
    def tokens(self) -> int:
        """Count its places, padding among them: what the device computes."""
        return int(self.ids.numel())

    @property
    def learned(self) -> int:
        """Count the tokens that are learned."""
        return int((self.targets != NOTHING).sum())


def padded(examples: Sequence[Tokens], *, pad: int = 0, device: Any = "cpu") -> Batch:
    """Put each example in a row of its own; what is behind its end is seen by nobody, since all look back."""
    width = max(len(each.ids) for each in examples)
    ids = torch.full((len(examples), width), pad, dtype=torch.long)
    targets = torch.full((len(examples), width), NOTHING, dtype=torch.long)
    for row, each in enumerate(examples):
        ids[row, : len(each.ids)] = torch.tensor(each.ids)
        targets[row, : len(each.ids) - 1] = _targets(each, 0)
    return Batch(ids.to(device), targets.to(device))


def packed(examples: Sequence[Tokens], *, device: Any = "cpu") -> Batch:
    """Put all examples into one row behind what they all begin with."""
    shared = _shared(examples)
    ids, targets, places, owner = list(examples[0].ids[:shared]), [NOTHING] * shared, list(range(shared)), [0] * shared
    for number, each in enumerate(examples, start=1):
        length = len(each.ids) - shared
        ids += each.ids[shared:]
        targets += [*_targets(each, shared).tolist(), NOTHING]
        places += range(shared, shared + length)
        owner += [number] * length
    who = torch.tensor(owner)
    causal = torch.ones(len(ids), len(ids), dtype=torch.bool).tril()
    seen = causal & ((who[:, None] == who[None, :]) | (who[None, :] == 0))
    return Batch(
        torch.tensor([ids]).to(device),
        torch.tensor([targets]).to(device),
        torch.tensor([places]).to(device),
        seen[None, None].to(device),
    )


def micro_batches(
    examples: Sequence[Tokens], budget: int, *, packing: bool, pad: int = 0, device: Any = "cpu"
) -> list[Batch]:
    """Cut examples into batches of at most `budget` places each, or of one example where that is longer."""
    shared = _shared(examples) if packing else 0
    groups: list[list[Tokens]] = []
    places = 0
    for each in sorted(examples, key=lambda one: -len(one.ids)):
        widest = len(groups[-1][0].ids) if groups else 0
        after = places + len(each.ids) - shared if packing else widest * (len(groups[-1]) + 1 if groups else 1)
        if groups and after <= budget:
            groups[-1].append(each)
            places = after
        else:
            groups.append([each])
            places = len(each.ids)
    return [packed(group, device=device) if packing else padded(group, pad=pad, device=device) for group in groups]


def _targets(example: Tokens, begin: int) -> Any:
    """Return what the places from `begin` to the last but one predict."""
    ids, learn = torch.tensor(example.ids[begin + 1 :]), torch.tensor(example.learn[begin + 1 :], dtype=torch.bool)
    return torch.where(learn, ids, NOTHING)


def _shared(examples: Sequence[Tokens]) -> int:
    """Count the tokens that all begin with, none of them before a learned one: its target would be everybody's."""
    first, most = examples[0].ids, min(len(each.ids) - 1 for each in examples)
    if len(examples) == 1:
        return 0
    for each in examples[1:]:
        most = next((i for i in range(most) if each.ids[i] != first[i]), most)
    learned = min((each.learn.index(True) for each in examples if True in each.learn), default=most + 1)
    return max(0, min(most, learned - 1))
