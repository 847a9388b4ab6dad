"""Trains the judge, a small net that reads traits and landmarks from real renders, and measures painters by it.

The painter never sees it. Its own mistakes on people that it has not seen are the ceiling of what it can say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.portrait.nets import wrong

WIDTHS: Final = (24, 48, 96, 160)
FEATURES: Final = 128
BATCH: Final = 32
RATE: Final = 1e-3
SHIFT: Final = 2  # pixels


class Judge(nn.Module):
    """Reads pictures (batch, 3, size, size): features (batch, 128), traits' logits, landmarks (batch, 2 k) in 0..1."""

    def __init__(self, size: int, traits: Mapping[str, int], landmarks: int) -> None:
        super().__init__()
        self.size, self.traits, self.landmarks = size, dict(traits), landmarks
        widths = (3, *WIDTHS)
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths))
        self.hidden = nn.Linear(widths[-1] * (size // 16) ** 2, FEATURES)
        self.named = nn.Linear(FEATURES, sum(traits.values()))
        self.placed = nn.Linear(FEATURES, 2 * landmarks)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read."""
        x = pictures
        for conv in self.convs:
            x = functional.leaky_relu(conv(x), 0.2)
        features = functional.leaky_relu(self.hidden(x.flatten(1)), 0.2)
        dropped = functional.dropout(features, 0.2, self.training)
        return features, self.named(dropped), self.placed(dropped)


@dataclass(frozen=True, slots=True)
class Read:
    """What the judge read of n pictures: `features` (n, 128), `labels` (n, traits), `landmarks` (n, k, 2) in pixels."""

    features: NDArray[np.float32]
    labels: NDArray[np.uint8]
    landmarks: NDArray[np.float32]


def train(
    colour: NDArray[np.uint8], labels: NDArray[np.uint8], landmarks: NDArray[np.float32], traits: Mapping[str, int],
    *, passes: int = 14, seed: int = 1,
) -> Judge:  # fmt: skip
    """Train a judge on pictures (n, size, size, 3); moved by pixels and a little brighter or darker each time."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    size = colour.shape[1]
    judge = Judge(size, traits, landmarks.shape[1])
    judge.train()
    steps = passes * (len(colour) // BATCH)
    optimiser = torch.optim.AdamW(judge.parameters(), RATE, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, steps), RATE / 50)
    for _ in range(passes):
        order = random.permutation(len(colour))
        for begin in range(0, len(order) - BATCH + 1, BATCH):
            drawn = order[begin : begin + BATCH]
            move = random.integers(-SHIFT, SHIFT + 1, 2)
            pictures = np.roll(colour[drawn], move, axis=(1, 2))
            seen = scaled(pictures) * torch.tensor(random.uniform(0.94, 1.06, (BATCH, 1, 1, 1)), dtype=torch.float32)
            _, named, placed = judge(seen)
            aim = torch.from_numpy((landmarks[drawn] + move[::-1]) / size).flatten(1).float()
            loss = wrong(named, torch.from_numpy(labels[drawn]), traits) + 40 * functional.mse_loss(placed, aim)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            pace.step()
    judge.eval()
    return judge


def read(judge: Judge, colour: NDArray[np.uint8]) -> Read:
    """Let the judge read pictures (n, size, size, 3)."""
    with torch.no_grad():
        rows = [judge(scaled(colour[begin : begin + 256])) for begin in range(0, len(colour), 256)]
    features, named, placed = (torch.cat(part) for part in zip(*rows, strict=True))
    labels = torch.stack([part.argmax(dim=1) for part in named.split(list(judge.traits.values()), dim=1)], dim=1)
    points = placed.reshape(len(colour), -1, 2) * judge.size
    return Read(features.numpy(), labels.byte().numpy(), points.numpy())


def scaled(colour: NDArray[np.uint8]) -> Tensor:
    """Return pictures (n, size, size, 3) uint8 as (n, 3, size, size) in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(colour)).permute(0, 3, 1, 2).float() / 127.5 - 1


def confused(read_: NDArray[np.uint8], true: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
    """Return how often each true value (rows) was read as each (columns)."""
    table = np.zeros((count, count), np.int64)
    np.add.at(table, (true, read_), 1)
    return table
