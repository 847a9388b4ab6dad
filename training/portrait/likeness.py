"""Lets the painter begin with likeness: a small net encodes a picture, the painter paints it again, and both learn.

Before the nets play against each other this is the cheapest way to where faces are (a variational autoencoder, Kingma
and Welling 2014); afterwards a part of each step goes on with it (VAE/GAN, Larsen et al. 2016). What the encoder learns
is how to start from a picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.portrait.nets import SLOPE, Shape

WIDTHS: Final = (24, 48, 96, 160)
NARROW: Final = 2e-4  # weight of how far chance may be from what it is drawn from
EDGES: Final = 1.0  # weight of the differences between neighbouring pixels
RATE: Final = 1e-3


class Encoder(nn.Module):
    """Reads pictures (n, 3, size, size): chance and its spread's logarithm (n, chance), traits (n, told), features."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.traits = dict(shape.traits)
        sizes = [3, *WIDTHS[: shape.size.bit_length() - 3]]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(sizes))
        self.hidden = nn.Linear(sizes[-1] * (shape.size // 2 ** (len(sizes) - 1)) ** 2, shape.hidden)
        self.chance = nn.Linear(shape.hidden, 2 * shape.chance)
        self.named = nn.Linear(shape.hidden, shape.told)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Read."""
        x = pictures
        for conv in self.convs:
            x = functional.leaky_relu(conv(x), SLOPE)
        features = functional.leaky_relu(self.hidden(x.flatten(1)), SLOPE)
        middle, spread = self.chance(features).chunk(2, dim=1)
        return middle, spread.clamp(-8, 2), self.named(features), features


class Reader(nn.Module):
    """The encoder as it ships: chance (n, chance), how likely each value is (n, told), features (n, hidden)."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read."""
        middle, _, named, features = self.encoder(pictures)
        parts = [part.softmax(dim=1) for part in named.split(list(self.encoder.traits.values()), dim=1)]
        return middle, torch.cat(parts, dim=1), features


def unlike(painted: Tensor, real: Tensor) -> Tensor:
    """Return how much pictures differ: pixels, and the edges between them."""
    apart = functional.l1_loss(painted, real)
    across = functional.l1_loss(painted[..., 1:] - painted[..., :-1], real[..., 1:] - real[..., :-1])
    down = functional.l1_loss(painted[..., 1:, :] - painted[..., :-1, :], real[..., 1:, :] - real[..., :-1, :])
    return apart + EDGES * (across + down)


def far(middle: Tensor, spread: Tensor) -> Tensor:
    """Return how far encoded chance is from what chance is drawn from (Kullback and Leibler), mean over pictures."""
    return 0.5 * (middle.square() + spread.exp() - 1 - spread).sum(dim=1).mean()


def facts(shape: Shape) -> Mapping[str, int]:
    """Return the sizes of the encoder for a card."""
    return {"chance": shape.chance, "hidden": shape.hidden}
