"""Trains the reader that ships: a small convolutional net that finds traits and chance in a picture.

Traits are learned of real renders alone, moved by pixels and a little brighter or darker each time, so that the reader
can judge a painter; chance is learned of what the painter paints, which is how a picture is begun with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.portrait.judge import scaled
from training.portrait.likeness import Encoder, Reader
from training.portrait.nets import Shape, told, wrong

BATCH: Final = 32  # real renders of a step
PAINTED: Final = 16
RATE: Final = 1e-3
SHIFT: Final = 2  # pixels
LIGHT: Final = 0.06

Paint = Callable[[Tensor, Tensor], Tensor]


def taught(
    shape: Shape, paint: Paint, colour: NDArray[np.uint8], labels: NDArray[np.uint8], *, steps: int, seed: int = 1
) -> Reader:
    """Train on renders (n, size, size, 3) with labels (n, traits), mirrored or not, and on what is painted."""
    torch.manual_seed(seed)
    random, chances = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    net = Encoder(shape).to(memory_format=torch.channels_last)
    net.train()
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.02)
    pace = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, steps), RATE / 50)
    for _ in range(steps):
        drawn = random.integers(0, len(colour), BATCH)
        pictures = np.roll(colour[drawn], random.integers(-SHIFT, SHIFT + 1, 2), axis=(1, 2))
        mirrored = random.random(BATCH) < 0.5
        pictures[mirrored] = pictures[mirrored, :, ::-1]
        light = torch.tensor(random.uniform(1 - LIGHT, 1 + LIGHT, (BATCH, 1, 1, 1)), dtype=torch.float32)
        chance = torch.randn(PAINTED, shape.chance, generator=chances)
        other = torch.from_numpy(labels[random.integers(0, len(labels), PAINTED)])
        with torch.no_grad():
            made = paint(chance, told(other, shape.traits))
        seen = torch.cat([scaled(pictures) * light, made]).contiguous(memory_format=torch.channels_last)
        found, _, named, _ = net(seen)
        loss = wrong(named[:BATCH], torch.from_numpy(labels[drawn]), shape.traits)
        loss = loss + functional.mse_loss(found[BATCH:], chance)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        pace.step()
    net.eval()
    return Reader(net)
