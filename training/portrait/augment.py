"""Moves and covers what the discriminator sees, real and painted alike, so that it cannot learn the pictures by heart.

DiffAugment (Zhao et al. 2020) without its changes of colour, since colours are traits here. How often it happens can
be led by how sure the discriminator is of real pictures (ADA, Karras et al. 2020).
"""

from __future__ import annotations

import torch
from torch import Tensor

SHIFT = 1 / 12  # of the picture, to each side
HOLE = 1 / 4
AIM = 0.6  # of the real pictures' signs that ADA keeps
PACE = 0.02


def augmented(pictures: Tensor, chance: float, random: torch.Generator) -> Tensor:
    """Shift each picture (batch, 3, n, n) and cover a square of it, each with `chance`; gradients pass."""
    size = pictures.shape[-1]
    most, hole = max(1, round(size * SHIFT)), max(2, round(size * HOLE))
    count = len(pictures)
    happens = torch.rand(2, count, generator=random) < chance
    moves = torch.randint(-most, most + 1, (count, 2), generator=random) * happens[0, :, None]
    corners = torch.randint(-hole // 2, size - hole // 2, (count, 2), generator=random)
    padded = torch.nn.functional.pad(pictures, (most,) * 4, mode="replicate")
    out = []
    for k in range(count):
        y, x = (int(v) + most for v in moves[k])
        out.append(padded[k, :, y : y + size, x : x + size])
    moved = torch.stack(out)
    cover = torch.ones(count, 1, size, size)
    for k in range(count):
        if happens[1, k]:
            y, x = int(corners[k, 0]), int(corners[k, 1])
            cover[k, 0, max(0, y) : y + hole, max(0, x) : x + hole] = 0
    return moved * cover.to(moved.device)


def adapted(chance: float, signs: float) -> float:
    """Return the next chance by the mean sign of real scores (1: sure of all): more where it learns by heart."""
    return min(0.8, max(0.0, chance + (PACE if signs > AIM else -PACE)))
