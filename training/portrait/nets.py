"""Defines the painter: a generator and a discriminator, both told what person to show. Light, in DCGAN's manner.

The generator's layers are scaled and shifted by the traits and the chance (FiLM, Perez et al. 2018) after a norm over
the channels of each pixel (Karras et al. 2018). The discriminator has no norm; it judges by projection (Miyato and
Koyama 2018) and also names the traits (Odena et al. 2017).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.2


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the nets are: `wide` are the generator's channels from 4 pixels up, `seen` the discriminator's from
    the picture's size down to 4 pixels. `traits` are how many values each trait has, by name. `sketch` is the rank of
    a linear sketch that the layers paint over, 0 for none."""

    size: int
    traits: Mapping[str, int]
    chance: int = 48
    hidden: int = 128
    wide: Sequence[int] = field(default=(128, 96, 64, 32, 16))
    seen: Sequence[int] = field(default=(16, 32, 64, 96, 160))
    sketch: int = 0

    @property
    def told(self) -> int:
        """Return how many numbers tell a person: one for each value of each trait."""
        return sum(self.traits.values())

    def facts(self) -> dict[str, object]:
        """Return it for a file of JSON."""
        return {**asdict(self), "traits": dict(self.traits), "wide": list(self.wide), "seen": list(self.seen)}


def shape(size: int, traits: Mapping[str, int]) -> Shape:
    """Return nets for pictures of 16 (tests), 32, 64 or 128 pixels."""
    match size:
        case 16:
            return Shape(size, traits, chance=8, hidden=16, wide=(16, 12, 8), seen=(8, 12, 16))
        case 32:
            return Shape(size, traits, wide=(96, 64, 48, 32), seen=(16, 48, 96, 160))
        case 64:
            return Shape(size, traits)
        case 128:
            return Shape(size, traits, wide=(224, 160, 112, 80, 40, 20), seen=(20, 40, 80, 128, 192, 256))
        case _:
            raise ValueError(f"no nets for {size} pixels")


class Generator(nn.Module):
    """Paints (batch, 3, size, size) in -1..1 from `chance` (batch, chance) and `told` (batch, told)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.first = nn.Linear(shape.chance + shape.told, shape.hidden)
        self.second = nn.Linear(shape.hidden, shape.hidden)
        self.seed = nn.Parameter(torch.randn(1, shape.wide[0], 4, 4))
        widths = list(shape.wide)
        self.convs = nn.ModuleList([nn.Conv2d(widths[0], widths[0], 3, padding=1)])
        self.convs.extend(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        self.films = nn.ModuleList(nn.Linear(shape.hidden, 2 * conv.out_channels) for conv in self.convs)
        self.last = nn.Conv2d(widths[-1], 3, 3, padding=1)
        if shape.sketch:
            # Nothing is sketched until training.portrait.sketch fits it.
            self.drawn = nn.Linear(shape.chance + shape.told + shape.hidden, shape.sketch)
            self.sketched = nn.Linear(shape.sketch, 3 * shape.size**2)
            nn.init.zeros_(self.sketched.weight)
            nn.init.zeros_(self.sketched.bias)
        for film in self.films:
            nn.init.normal_(film.weight, 0, 0.6 / shape.hidden**0.5)
            nn.init.zeros_(film.bias)
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight, SLOPE)
            nn.init.zeros_(conv.bias)

    def forward(self, chance: Tensor, told: Tensor) -> Tensor:
        """Paint."""
        style = self.style(chance, told)
        x = self.seed * torch.ones_like(chance[:, :1])[:, :, None, None]
        for number, (conv, film) in enumerate(zip(self.convs, self.films, strict=True)):
            if number:
                x = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = conv(x)
            x = x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-6)
            scale, shift = film(style)[:, :, None, None].chunk(2, dim=1)
            x = functional.leaky_relu(x * (1 + scale) + shift, SLOPE)
        x = torch.tanh(self.last(x))
        if not self.shape.sketch:
            return x
        lines = self.sketched(self.drawn(torch.cat([chance, told, style], dim=1)))
        return functional.hardtanh(x + lines.reshape(x.shape))

    def style(self, chance: Tensor, told: Tensor) -> Tensor:
        """Return what scales and shifts the layers (batch, hidden)."""
        style = functional.leaky_relu(self.first(torch.cat([chance, told * 2 - 0.5], dim=1)), SLOPE)
        return functional.leaky_relu(self.second(style), SLOPE)


class Discriminator(nn.Module):
    """Judges pictures (batch, 3, size, size) that are said to show `told`: scores (batch,), and traits' logits."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        widths = list(shape.seen)
        self.first = nn.Conv2d(3, widths[0], 3, padding=1)
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths))
        self.hidden = nn.Linear((widths[-1] + 1) * 16, shape.hidden)
        self.score = nn.Linear(shape.hidden, 1)
        self.told = nn.Linear(shape.told, shape.hidden, bias=False)
        self.traits = nn.Linear(shape.hidden, shape.told)
        for layer in (self.first, *self.convs, self.hidden):
            nn.init.kaiming_normal_(layer.weight, SLOPE)
            nn.init.zeros_(layer.bias)

    def forward(self, pictures: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """Judge."""
        x = functional.leaky_relu(self.first(pictures), SLOPE)
        for conv in self.convs:
            x = functional.leaky_relu(conv(x), SLOPE)
        spread = torch.sqrt(x.var(dim=0, unbiased=False) + 1e-8).mean()
        x = torch.cat([x, spread.expand(len(x), 1, 4, 4)], dim=1)
        h = functional.leaky_relu(self.hidden(x.flatten(1)), SLOPE)
        match_ = (self.told(told) * h).sum(dim=1) / self.shape.hidden**0.5
        return self.score(h)[:, 0] + match_, self.traits(h)


def told(labels: Tensor, traits: Mapping[str, int]) -> Tensor:
    """Turn numbers of values (batch, traits) into ones and zeros (batch, told)."""
    parts = [functional.one_hot(labels[:, k].long(), count) for k, count in enumerate(traits.values())]
    return torch.cat(parts, dim=1).float()


def wrong(logits: Tensor, labels: Tensor, traits: Mapping[str, int]) -> Tensor:
    """Return the mean cross-entropy over traits of logits (batch, told) against labels (batch, traits)."""
    parts = logits.split(list(traits.values()), dim=1)
    return torch.stack([functional.cross_entropy(part, labels[:, k].long()) for k, part in enumerate(parts)]).mean()
