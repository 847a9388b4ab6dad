"""Fits the painter's linear sketch: what its layers do not paint yet, as far as that follows from what it is told.

Faces stand at the same place of every picture, so that much of a picture is linear in traits, chance and style, as in
active appearance models (Cootes et al. 1998). That part is had by ridge regression at once, which would take the layers
thousands of steps; these then paint over it.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from training.portrait.loop import Painter
from training.portrait.nets import told

RIDGE: Final = 0.02  # of the mean square of a feature
BATCH: Final = 64
MOST: Final = 2400  # pictures that it is fitted to


def sketched(painter: Painter, pictures: Tensor, labels: Tensor, seed: int = 1) -> float:
    """Fit the sketch to pictures (n, 3, size, size) uint8, half of them mirrored; return what it explains of the rest.

    Chance is what the encoder finds in each picture, spread as it says.
    """
    net, random = painter.generator, torch.Generator().manual_seed(seed)
    rank = painter.shape.sketch
    width = painter.shape.chance + painter.shape.told + painter.shape.hidden + 1
    squares, crossed, whole = torch.zeros(width, width), torch.zeros(width, 3 * painter.shape.size**2), 0.0
    with torch.no_grad():
        drawn = torch.randperm(len(pictures), generator=random)[:MOST]
        for at in drawn.split(BATCH):
            said = told(labels[at], painter.shape.traits)
            real = pictures[at].float() / 127.5 - 1
            real[::2] = real[::2].flip(3)
            real = real.contiguous(memory_format=torch.channels_last)
            middle, spread, _, _ = painter.encoder(real)
            chance = middle + (spread / 2).exp() * torch.randn(middle.shape, generator=random)
            features = torch.cat([chance, said, net.style(chance, said), torch.ones(len(real), 1)], dim=1)
            rest = (real - net(chance, said)).flatten(1)
            squares += features.T @ features
            crossed += features.T @ rest
            whole += float(rest.square().sum())
        ridge = RIDGE * float(squares.diagonal().mean()) * torch.eye(width)
        weights = torch.linalg.solve(squares + ridge, crossed)
        # The best approximation of that rank, as the pictures' features are spread.
        root = torch.linalg.cholesky(squares + ridge).T
        left, strengths, right = torch.linalg.svd(root @ weights, full_matrices=False)
        kept = torch.linalg.solve_triangular(root, left[:, :rank] * strengths[:rank], upper=True)
        for each in (painter.generator, painter.average):
            each.drawn.weight.copy_(kept[:-1].T)
            each.drawn.bias.copy_(kept[-1])
            each.sketched.weight.copy_(right[:rank].T)
    painter.sketched = True
    return float(strengths[:rank].square().sum()) / max(whole, 1e-9)
