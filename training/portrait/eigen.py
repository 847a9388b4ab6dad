"""Trains a small painter where pictures are sums of eigenfaces: nets that play for the sums, at little cost.

All faces stand at the same place of their pictures, so that some two hundred eigenfaces (Turk and Pentland 1991) hold
most of what differs. A generator of a few layers gives the strengths of each, and a discriminator tells them from those
of real renders, by the same losses as the convolutional nets. What it paints is soft, since eigenfaces are.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.portrait import losses
from training.portrait.nets import SLOPE, Shape, told, wrong

RANK: Final = 192
HIDDEN: Final = 320
NOISE: Final = 0.25  # laid over what the discriminator sees, real and painted alike
IMPORTANCE: Final = 0.35  # power of an eigenface's share by which the discriminator heeds it
NAMING: Final = 1.0
AVERAGE: Final = 0.999
BATCH: Final = 64


class Faces(nn.Module):
    """The eigenfaces: `middle` (p,), `rows` (rank, p), each row as strong as it varies, half floats to ship small."""

    middle: Tensor
    rows: Tensor
    spread: Tensor

    def __init__(self, middle: Tensor, rows: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.register_buffer("middle", middle.half())
        self.register_buffer("rows", rows.half())
        self.register_buffer("spread", spread)

    def picture(self, strengths: Tensor) -> Tensor:
        """Return flat pictures (n, p) in -1..1."""
        return functional.hardtanh(strengths @ self.rows.float() + self.middle.float())

    def strengths(self, pictures: Tensor) -> Tensor:
        """Return how strongly each eigenface is in flat pictures (n, p), about 1 on the mean."""
        return (pictures - self.middle.float()) @ self.rows.float().T / self.spread.square()

    @property
    def weight(self) -> Tensor:
        """Return how much the discriminator heeds each (rank,)."""
        return (self.spread / self.spread[0]) ** IMPORTANCE


class Sums(Protocol):
    """What a picture is a sum of: `spread` and `weight` (rank,), and the picture (n, p) of strengths (n, rank)."""

    @property
    def spread(self) -> Tensor:
        """Return how far each strength moves a picture."""

    @property
    def weight(self) -> Tensor:
        """Return how much the discriminator heeds each."""

    def picture(self, strengths: Tensor) -> Tensor:
        """Return flat pictures (n, p) in -1..1."""


class Generator(nn.Module):
    """Paints (batch, 3, size, size) from chance and told; its layers give strengths of what pictures are sums of."""

    def __init__(self, shape: Shape, faces: Sums) -> None:
        super().__init__()
        self.shape, self.faces = shape, faces
        self.layers = _layers(shape.chance + shape.told, len(faces.spread))
        self.crisp: nn.Module = nn.Identity()  # what makes its soft pictures crisp, once it was trained
        self.differ = nn.Parameter(torch.zeros(shape.chance, len(faces.spread)), requires_grad=False)

    def strengths(self, chance: Tensor, told_: Tensor) -> Tensor:
        """Return strengths (n, rank)."""
        found: Tensor = self.layers(torch.cat([chance, told_ * 2 - 0.5], dim=1)) + chance @ self.differ
        return found

    def forward(self, chance: Tensor, told_: Tensor) -> Tensor:
        """Paint."""
        size = self.shape.size
        soft = self.faces.picture(self.strengths(chance, told_)).reshape(-1, 3, size, size)
        found: Tensor = self.crisp(soft)
        return found


class Discriminator(nn.Module):
    """Judges strengths (n, rank, 1, 1) that are said to belong to `told`: scores (n,), and traits' logits."""

    def __init__(self, shape: Shape, rank: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(rank + 1, HIDDEN), nn.LeakyReLU(SLOPE), nn.Dropout(0.2), nn.Linear(HIDDEN, HIDDEN),
            nn.LeakyReLU(SLOPE), nn.Dropout(0.2),
        )  # fmt: skip
        self.score = nn.Linear(HIDDEN, 1)
        self.told = nn.Linear(shape.told, HIDDEN, bias=False)
        self.traits = nn.Linear(HIDDEN, shape.told)

    def forward(self, strengths: Tensor, told_: Tensor) -> tuple[Tensor, Tensor]:
        """Judge."""
        x = strengths.flatten(1)
        spread = torch.sqrt(x.var(dim=0, unbiased=False) + 1e-8).mean()
        h = self.body(torch.cat([x, spread.expand(len(x), 1)], dim=1))
        score = self.score(h)[:, 0] + (self.told(told_) * h).sum(dim=1) / HIDDEN**0.5
        return score, self.traits(h)


class Reader(nn.Module):
    """Reads pictures (n, 3, size, size): chance, how likely each value is (n, told), features (n, hidden)."""

    def __init__(self, shape: Shape, faces: Faces) -> None:
        super().__init__()
        self.shape, self.faces = shape, faces
        rank = len(faces.spread)
        self.body = nn.Sequential(
            nn.Linear(rank, HIDDEN),
            nn.LeakyReLU(SLOPE),
            nn.Dropout(0.3),
            nn.Linear(HIDDEN, HIDDEN),
            nn.LeakyReLU(SLOPE),
        )
        self.chance, self.named = nn.Linear(HIDDEN, shape.chance), nn.Linear(HIDDEN, shape.told)

    def read(self, strengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read strengths (n, rank): chance, traits' logits, features."""
        features = self.body(strengths * self.faces.weight)
        return self.chance(features), self.named(functional.dropout(features, 0.2, self.training)), features

    def likely(self, named: Tensor) -> Tensor:
        """Return how likely each value is (n, told)."""
        parts = named.split(list(self.shape.traits.values()), dim=1)
        return torch.cat([part.softmax(dim=1) for part in parts], dim=1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read."""
        chance, named, features = self.read(self.faces.strengths(pictures.flatten(1)))
        return chance, self.likely(named), features


@dataclass(frozen=True, slots=True)
class Learned:
    """What a training gave: the averaged generator, and the last step's measurements."""

    generator: Generator
    found: Mapping[str, float]


def faces_of(pictures: NDArray[np.uint8], rank: int = RANK, seed: int = 1) -> Faces:
    """Find the eigenfaces of pictures (n, size, size, 3), their mirrors too, by a randomised decomposition.

    The method is Halko, Martinsson and Tropp's (2011) with two passes more over the pictures.
    """
    whole = flat(pictures)
    middle = whole.mean(dim=0)
    size = pictures.shape[1]
    middle = (middle + middle.reshape(3, size, size).flip(2).flatten()) / 2
    whole[1::2] = flat(pictures[1::2, :, ::-1])
    whole -= middle
    random = torch.Generator().manual_seed(seed)
    sample = whole.T @ torch.randn(len(whole), rank + 24, generator=random)
    for _ in range(2):
        sample, _ = torch.linalg.qr(sample)
        sample = whole.T @ (whole @ sample)
    sample, _ = torch.linalg.qr(sample)
    _, strengths, vectors = torch.linalg.svd(whole @ sample, full_matrices=False)
    spread = strengths[:rank] / len(whole) ** 0.5
    return Faces(middle, (vectors[:rank] @ sample.T) * spread[:, None], spread)


def flat(pictures: NDArray[np.uint8]) -> Tensor:
    """Return pictures (n, size, size, 3) as rows in -1..1, channels first."""
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).flatten(1).float() / 127.5 - 1


def train(
    shape: Shape, faces: Sums, real: Tensor, labels: Tensor, *, loss: str, steps: int, seed: int = 1,
    say: Callable[[int, Mapping[str, float]], None] = lambda step, found: None,
) -> Learned:  # fmt: skip
    """Train on strengths (n, rank) with labels (n, traits)."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    net, judge = Generator(shape, faces), Discriminator(shape, real.shape[1])
    average = copy.deepcopy(net).requires_grad_(False)
    rates = losses.rates(loss)
    paints = torch.optim.Adam(net.layers.parameters(), rates.generator, rates.betas)
    judges = torch.optim.Adam(judge.parameters(), rates.discriminator, rates.betas)
    weight, traits, found = faces.weight, shape.traits, dict[str, float]()
    for step in range(steps):
        share = 1 - 0.9 * max(0.0, (step / steps - 2 / 3) * 3)
        for optimiser, rate in ((paints, rates.generator), (judges, rates.discriminator)):
            optimiser.param_groups[0]["lr"] = rate * share
        drawn = torch.randint(len(real), (2, BATCH), generator=random)
        said, other = labels[drawn[0]], labels[drawn[1]]
        told_real, told_fake = told(said, traits), told(other, traits)
        fake = net.strengths(torch.randn(BATCH, shape.chance, generator=random), told_fake)
        noise = NOISE * torch.randn(2, BATCH, real.shape[1], generator=random)
        shown = ((real[drawn[0]] + noise[0]) * weight)[:, :, None, None]
        painted = ((fake + noise[1]) * weight)[:, :, None, None]
        score_real, named = judge(shown, told_real)
        score_fake, _ = judge(painted.detach(), told_fake)
        adversary = losses.judged(loss, score_real, score_fake)
        extra = losses.penalty(loss, _score(judge, told_real), shown, painted.detach(), step, steps // 2, random)
        judges.zero_grad(set_to_none=True)
        (adversary + NAMING * wrong(named, said, traits) + extra).backward()
        judges.step()
        judge.requires_grad_(False)
        with torch.no_grad():
            score_real, _ = judge(shown, told_real)
        score_fake, named = judge(painted, told_fake)
        played, naming = losses.painted(loss, score_real, score_fake), wrong(named, other, traits)
        paints.zero_grad(set_to_none=True)
        (played + NAMING * naming).backward()
        paints.step()
        judge.requires_grad_(True)
        with torch.no_grad():
            keep = min(AVERAGE, (1 + step) / (10 + step))
            for mean, now in zip(average.layers.parameters(), net.layers.parameters(), strict=True):
                mean.lerp_(now, 1 - keep)
        if step % 250 == 249 or step == steps - 1:
            found = {
                "judge": float(adversary.detach()),
                "paint": float(played.detach()),
                "painted naming": float(naming.detach()),
            }
            say(step + 1, found)
    return Learned(average, found)


def spread(generator: Generator, real: Tensor, labels: Tensor, seed: int = 1) -> float:
    """Let chance move a picture as people of one description differ; return the share of that which it covers.

    Nets that play for so short a time come to paint one face for each description. How real ones differ from it is
    close to normal in strengths, and its main directions are had at once (Tipping and Bishop 1999).
    """
    with torch.no_grad():
        random = torch.Generator().manual_seed(seed)
        chance = torch.randn(len(real), generator.shape.chance, generator=random)
        rest = real - generator.strengths(chance, told(labels, generator.shape.traits))
        rest = (rest - rest.mean(dim=0)) * generator.faces.spread
        values, vectors = torch.linalg.eigh(rest.T @ rest / len(rest))
        kept = min(generator.shape.chance, len(generator.faces.spread))
        moved = vectors[:, -kept:] * values[-kept:].clamp(min=0).sqrt()
        generator.differ[:kept] = (moved / generator.faces.spread[:, None]).T
        return float(values[-kept:].sum() / values.sum())


def taught(
    generator: Generator, real: Tensor, labels: Tensor, *, steps: int, seed: int = 1, plain: Faces | None = None,
    seen: Tensor | None = None,
) -> Reader:  # fmt: skip
    """Train the reader: traits of real renders alone, chance of painted ones, and that painted again looks alike.

    A reader has to find its way without landmarks: where the painter's sums need them, it reads by `plain` eigenfaces,
    of which `seen` (n, rank) are the real renders' strengths.
    """
    torch.manual_seed(seed)
    shape, random = generator.shape, torch.Generator().manual_seed(seed)
    faces = plain or generator.faces
    assert isinstance(faces, Faces)
    seen = real if seen is None else seen
    reader = Reader(shape, faces)
    reader.train()
    optimiser = torch.optim.AdamW(reader.parameters(), 1e-3, weight_decay=0.05)
    pace = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, steps), 2e-5)
    weight = generator.faces.weight
    for _ in range(steps):
        drawn = torch.randint(len(real), (2, BATCH), generator=random)
        chance = torch.randn(BATCH, shape.chance, generator=random)
        with torch.no_grad():
            fake = generator.strengths(chance, told(labels[drawn[1]], shape.traits))
            if plain is not None:
                fake = plain.strengths(generator.faces.picture(fake))
        guessed, named, _ = reader.read(seen[drawn[0]] + 0.1 * torch.randn(BATCH, seen.shape[1], generator=random))
        again = generator.strengths(guessed, told(labels[drawn[0]], shape.traits))
        found, _, _ = reader.read(fake)
        loss = wrong(named, labels[drawn[0]], shape.traits) + functional.mse_loss(found, chance)
        loss = loss + functional.mse_loss(again * weight, real[drawn[0]] * weight)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        pace.step()
    reader.eval()
    return reader


def _score(judge: Discriminator, told_: Tensor) -> Callable[[Tensor], Tensor]:
    def score(each: Tensor) -> Tensor:
        found: Tensor = judge(each, told_)[0]
        return found

    return score


def _layers(given: int, gives: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(given, HIDDEN), nn.LeakyReLU(SLOPE), nn.Linear(HIDDEN, HIDDEN), nn.LeakyReLU(SLOPE),
        nn.Linear(HIDDEN, HIDDEN), nn.LeakyReLU(SLOPE), nn.Linear(HIDDEN, gives),
    )  # fmt: skip
