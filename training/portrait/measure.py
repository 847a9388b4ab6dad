"""Compares painted pictures with real renders: likeness of the whole, whether they can be told apart, what is repeated.

The distances are of this judge's features and can be compared with nothing that other features say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from training.portrait.judge import scaled

Rows = NDArray[np.float64]

DEAD: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Scale:
    """Brings features to a spread of 1 and leaves out those that never move; fitted to real renders."""

    keep: NDArray[np.bool_]
    spread: Rows

    def __call__(self, features: NDArray[np.float32]) -> Rows:
        return np.asarray(features[:, self.keep] / self.spread, np.float64)


def scale_of(features: NDArray[np.float32]) -> Scale:
    """Fit a scale to features (n, f)."""
    spread = features.std(axis=0).astype(np.float64)
    keep = spread > DEAD
    return Scale(keep, spread[keep])


def frechet(one: Rows, other: Rows) -> float:
    """Return the Frechet distance of clouds (n, f) as if normal (Heusel et al. 2017), a feature's share."""
    a, b = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    crossed = np.sqrt(np.clip(np.linalg.eigvalsh(root @ b @ root), 0, None)).sum()
    apart = np.square(one.mean(axis=0) - other.mean(axis=0)).sum()
    return float((apart + np.trace(a) + np.trace(b) - 2 * crossed) / one.shape[1])


def kernel(one: Rows, other: Rows) -> float:
    """Return the kernel distance of two clouds (KID, Binkowski et al. 2018): polynomial of degree 3, without bias."""

    def table(a: Rows, b: Rows) -> Rows:
        return np.asarray((a @ b.T / one.shape[1] + 1) ** 3)

    xx, yy, xy = table(one, one), table(other, other), table(one, other)
    m, n = len(one), len(other)
    return float((xx.sum() - np.trace(xx)) / (m * (m - 1)) + (yy.sum() - np.trace(yy)) / (n * (n - 1)) - 2 * xy.mean())


def told_apart(
    real: NDArray[np.uint8], painted: NDArray[np.uint8], groups: NDArray[np.int32], *, passes: int = 12, seed: int = 1
) -> float:
    """Return how often a small net tells real from painted pictures that it has not seen; .5 is chance.

    `groups` (n,) of both alike keep the takes of one head on one side.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    names = np.unique(groups)
    held = np.isin(groups, random.permutation(names)[: max(1, len(names) // 3)])
    net = nn.Sequential(
        nn.Conv2d(3, 16, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(16, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.LeakyReLU(0.2),
        nn.Conv2d(32, 64, 4, 2, 1), nn.BatchNorm2d(64), nn.LeakyReLU(0.2), nn.AdaptiveAvgPool2d(4), nn.Flatten(),
        nn.Dropout(0.2), nn.Linear(1024, 1),
    )  # fmt: skip
    pictures = np.concatenate([real[~held], painted[~held]])
    aims = np.concatenate([np.ones((~held).sum()), np.zeros((~held).sum())]).astype(np.float32)
    optimiser = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=0.05)
    for _ in range(passes):
        order = random.permutation(len(pictures))
        for begin in range(0, len(order) - 31, 32):
            drawn = order[begin : begin + 32]
            seen = scaled(np.roll(pictures[drawn], random.integers(-2, 3, 2), axis=(1, 2)))
            loss = functional.binary_cross_entropy_with_logits(net(seen)[:, 0], torch.from_numpy(aims[drawn]))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
    net.eval()
    with torch.no_grad():
        right = (net(scaled(real[held]))[:, 0] > 0).float().mean() + (
            net(scaled(painted[held]))[:, 0] <= 0
        ).float().mean()
    return float(right / 2)


def nearest(pictures: NDArray[np.uint8], among: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how far each picture (n, s, s, 3) is from the nearest of `among`: root mean square at 32 pixels."""
    a, b = _small(pictures), _small(among)
    squares = np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T, 0)
    found: NDArray[np.float32] = np.sqrt(squares.min(axis=1) / a.shape[1]).astype(np.float32)
    return found


def spread(pictures: NDArray[np.uint8]) -> float:
    """Return how much pictures of one description differ, in pixels from 0 to 1: the mean spread of a pixel."""
    return float((pictures.astype(np.float32) / 255).std(axis=0).mean())


def sharpness(pictures: NDArray[np.uint8]) -> float:
    """Return the mean spread of the pictures' Laplacian: how crisp they are."""
    grey = pictures.astype(np.float32).mean(axis=3)
    around = -4 * grey[:, 1:-1, 1:-1] + grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    return float(around.std(axis=(1, 2)).mean())


def _small(pictures: NDArray[np.uint8]) -> Rows:
    count, size = len(pictures), pictures.shape[1]
    step = max(1, size // 32)
    few = size // step
    mean = pictures.reshape(count, few, step, few, step, 3).astype(np.float64).mean((2, 4))
    rows: Rows = mean.reshape(count, -1)
    return rows
