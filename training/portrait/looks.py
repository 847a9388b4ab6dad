"""Trains the painter that ships: nets that play for looks which lie upon each other by their landmarks.

A look is a person cut out and bent so that an eye is always where an eye is (`training/portrait/aligned.py`). The
generator gives look, shape and ground together, so that they agree; a picture is bent and laid together from them only
afterwards, which costs the training nothing. Since every place means the same part of a face, each layer has a map of
its own for each place, and nets this small paint faces within an hour of one core.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.portrait import losses
from training.portrait.aligned import PLANES, Aligned, sums
from training.portrait.nets import SLOPE, Shape, told, wrong

AVERAGE: Final = 0.998  # of the generator's weights, kept at each step
NAMING: Final = 0.5  # weight of the traits' loss
WIDE: Final = (96, 80, 56, 28, 16)  # channels from 4 pixels up
SEEN: Final = (16, 28, 60, 96, 144)  # of the discriminator, down to 4 pixels
RANK: Final = 64  # eigenfaces of the sketch
SKETCHED: Final = 3000  # looks that they are found in
LEAK: Final = 0.1  # of what goes beyond -1..1 that is left to it
FINE: Final = 12  # channels at the picture's size
FAINT: Final = 0.02  # strength of what the layers add to the sketch at first
SAID: Final = 100  # steps between two lines, and two states


def shape(size: int, traits: Mapping[str, int]) -> Shape:
    """Return nets for looks of 16 (tests), 32, 64 or 128 pixels; their layers end at half of that."""
    layers = size.bit_length() - 3
    return Shape(size, traits, wide=WIDE[:layers], seen=SEEN[-layers:])


class Sketch(nn.Module):
    """Draws looks (n, 4, size, size) as sums of eigenfaces (Turk and Pentland 1991).

    `middle` (p,) and `rows` (rank, p), each as strong as it varies, are half floats to ship small, and not learned.
    """

    middle: Tensor
    rows: Tensor

    def __init__(self, looks: Tensor, rank: int, seed: int) -> None:
        super().__init__()
        self.size = looks.shape[-1]
        some = looks[:: max(1, len(looks) // SKETCHED)].flatten(1).float() / 127
        middle = some.mean(dim=0)
        spread, rows = sums(some - middle, rank, seed)
        self.register_buffer("middle", middle.half())
        self.register_buffer("rows", (rows * spread[:, None]).half())

    def forward(self, strengths: Tensor) -> Tensor:
        """Draw strengths (n, rank), about 1 on the mean."""
        return (strengths @ self.rows.float() + self.middle.float()).reshape(-1, PLANES, self.size, self.size)


class Generator(nn.Module):
    """Paints (n, 3, size, size) in -1..1 from `chance` (n, chance) and `told` (n, told)."""

    differ: Tensor

    def __init__(self, shape: Shape, frame: Aligned, sketch: Sketch) -> None:
        super().__init__()
        self.shape, self.frame, self.sketch = shape, frame, sketch
        widths = [shape.wide[0], *shape.wide]
        given = shape.chance + shape.told
        self.first = nn.Linear(given, shape.hidden)
        self.second = nn.Linear(shape.hidden, shape.hidden)
        self.seed = nn.Parameter(torch.randn(1, widths[0], 4, 4))
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))
        self.films = nn.ModuleList(nn.Linear(shape.hidden, 2 * conv.out_channels) for conv in self.convs)
        self.places = nn.ParameterList(torch.zeros(1, width, 4 * 2**k, 4 * 2**k) for k, width in enumerate(shape.wide))
        # Pictures are smoothly enlarged before the last layer: pixels shuffled apart stay a chessboard.
        self.wide = nn.Conv2d(widths[-1], FINE, 3, padding=1)
        self.last = nn.Conv2d(FINE, PLANES, 3, padding=1)
        self.beside = _layers(given + shape.hidden, shape.hidden, frame.beside)
        self.drawn = _layers(given + shape.hidden, shape.hidden, len(sketch.rows))
        self.register_buffer("differ", torch.zeros(shape.chance, frame.beside))  # until `spread` fits it
        for film in self.films:
            nn.init.normal_(film.weight, 0, 0.6 / shape.hidden**0.5)
            nn.init.zeros_(film.bias)
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight, SLOPE)
            nn.init.zeros_(conv.bias)
        nn.init.normal_(self.last.weight, 0, FAINT)
        nn.init.zeros_(self.last.bias)

    def parts(self, chance: Tensor, told_: Tensor) -> tuple[Tensor, Tensor]:
        """Return looks (n, 4, size, size) in -1..1, and what stands beside them (n, beside)."""
        style, whole = self.styled(chance, told_)
        x = self.seed * torch.ones_like(chance[:, :1])[:, :, None, None]
        for number, (conv, film, place) in enumerate(zip(self.convs, self.films, self.places, strict=True)):
            if number:
                x = functional.interpolate(x, scale_factor=2, mode="nearest")
            x = conv(x)
            x = x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-6) + place
            scale, shift = film(style)[:, :, None, None].chunk(2, dim=1)
            x = functional.leaky_relu(x * (1 + scale) + shift, SLOPE)
        x = functional.interpolate(self.wide(x), scale_factor=2, mode="bilinear", align_corners=False)
        look = self.sketch(self.drawn(whole)) + self.last(functional.leaky_relu(x, SLOPE))
        # What goes too far is held back, not cut: what is cut learns nothing.
        return LEAK * look + (1 - LEAK) * functional.hardtanh(look), self.beside(whole) + chance @ self.differ

    def styled(self, chance: Tensor, told_: Tensor) -> tuple[Tensor, Tensor]:
        """Return what scales and shifts the layers (n, hidden), and that with all that is given."""
        given = torch.cat([chance, told_ * 2 - 0.5], dim=1)
        style = functional.leaky_relu(self.first(given), SLOPE)
        style = functional.leaky_relu(self.second(style), SLOPE)
        return style, torch.cat([given, style], dim=1)

    def forward(self, chance: Tensor, told_: Tensor) -> Tensor:
        """Paint."""
        look, beside = self.parts(chance, told_)
        return self.frame.laid(look, beside)


class Discriminator(nn.Module):
    """Judges looks (n, 4, size, size) and what stands beside them: scores (n,), and traits' logits (n, told)."""

    def __init__(self, shape: Shape, beside: int) -> None:
        super().__init__()
        self.shape = shape
        widths = list(shape.seen)
        self.first = nn.Conv2d(4 * PLANES, widths[0], 3, padding=1)
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths))
        self.hidden = nn.Linear((widths[-1] + 1) * 16, shape.hidden)
        self.beside = nn.Sequential(nn.Linear(beside, shape.hidden), nn.LeakyReLU(SLOPE))
        self.both = nn.Linear(2 * shape.hidden, shape.hidden)
        self.score = nn.Linear(shape.hidden, 1)
        self.told = nn.Linear(shape.told, shape.hidden, bias=False)
        self.traits = nn.Linear(shape.hidden, shape.told)
        for layer in (self.first, *self.convs, self.hidden, self.both):
            nn.init.kaiming_normal_(layer.weight, SLOPE)
            nn.init.zeros_(layer.bias)

    def forward(self, looks: Tensor, beside: Tensor, told_: Tensor) -> tuple[Tensor, Tensor]:
        """Judge."""
        x = functional.leaky_relu(self.first(functional.pixel_unshuffle(looks, 2)), SLOPE)
        for conv in self.convs:
            x = functional.leaky_relu(conv(x), SLOPE)
        spread = torch.sqrt(x.var(dim=0, unbiased=False) + 1e-8).mean()
        x = torch.cat([x, spread.expand(len(x), 1, 4, 4)], dim=1)
        h = functional.leaky_relu(self.hidden(x.flatten(1)), SLOPE)
        h = functional.leaky_relu(self.both(torch.cat([h, self.beside(beside)], dim=1)), SLOPE)
        match_ = (self.told(told_) * h).sum(dim=1) / self.shape.hidden**0.5
        return self.score(h)[:, 0] + match_, self.traits(h)


@dataclass(frozen=True, slots=True)
class Real:
    """What is learned from: `looks` (n, 4, size, size) and `beside` (n, beside) of `aligned`, `labels` (n, traits)."""

    looks: Tensor
    beside: Tensor
    labels: Tensor


def train(
    shape: Shape, frame: Aligned, real: Real, *, loss: str, steps: int, batch: int = 16, seed: int = 1,
    say: Callable[[int, Mapping[str, float], Generator], None] = lambda step, found, painter: None,
    kept: Path | None = None, every: int = SAID,
) -> Generator:  # fmt: skip
    """Train and return the generator's average; a state is kept `every` so many steps, and a run goes on from it.

    ValueError where the state is of another course.
    """
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    net, judge = Generator(shape, frame, Sketch(real.looks, RANK, seed)), Discriminator(shape, frame.beside)
    net, judge = (each.to(memory_format=torch.channels_last) for each in (net, judge))
    average: Generator = copy.deepcopy(net)
    average.requires_grad_(False)
    rates = losses.rates(loss)
    paints = torch.optim.Adam(net.parameters(), rates.generator, rates.betas)
    judges = torch.optim.Adam(judge.parameters(), rates.discriminator, rates.betas)
    held = {"net": net, "judge": judge, "average": average, "paints": paints, "judges": judges}
    course = f"{loss}, seed {seed}, {steps} steps of {batch}"
    begin = _taken_up(kept, held, random, course) if kept and kept.exists() else 0
    traits = shape.traits
    for step in range(begin, steps):
        share = 1 - 0.9 * max(0.0, (step / steps - 2 / 3) * 3)
        for optimiser, rate in ((paints, rates.generator), (judges, rates.discriminator)):
            optimiser.param_groups[0]["lr"] = rate * share
        drawn = torch.randint(len(real.labels), (2, batch), generator=random)
        looks = (real.looks[drawn[0]].float() / 127).contiguous(memory_format=torch.channels_last)
        beside = real.beside[drawn[0]]
        said, other = real.labels[drawn[0]], real.labels[drawn[1]]
        told_real, told_fake = told(said, traits), told(other, traits)
        fake, aside = net.parts(torch.randn(batch, shape.chance, generator=random), told_fake)
        score_real, named = judge(looks, beside, told_real)
        score_fake, _ = judge(fake.detach(), aside.detach(), told_fake)
        adversary = losses.judged(loss, score_real, score_fake)
        scored = partial(_score, judge, beside, told_real)
        extra = losses.penalty(loss, scored, looks, fake.detach(), step, steps // 2, random)
        judges.zero_grad(set_to_none=True)
        (adversary + NAMING * wrong(named, said, traits) + extra).backward()
        judges.step()
        judge.requires_grad_(False)
        score_fake, named = judge(fake, aside, told_fake)
        played, naming = losses.painted(loss, score_real.detach(), score_fake), wrong(named, other, traits)
        paints.zero_grad(set_to_none=True)
        (played + NAMING * naming).backward()
        paints.step()
        judge.requires_grad_(True)
        with torch.no_grad():
            keep = min(AVERAGE, (1 + step) / (10 + step))
            for mean, now in zip(average.parameters(), net.parameters(), strict=True):
                mean.lerp_(now, 1 - keep)
        if step % every == every - 1 or step == steps - 1:
            found = {"judge": adversary, "paint": played, "naming": naming, "penalty": extra}
            say(step + 1, {name: float(value.detach()) for name, value in found.items()}, average)
            if kept:
                _keep(kept, held, random, step + 1, course)
    return average


def spread(painter: Generator, real: Real, seed: int = 1) -> float:
    """Let chance move shape and ground as far as they differ in renders of one description; return that share.

    Hardly any description is met in two people, so that the nets come to paint one person for each. How shapes and
    grounds differ from what is painted is close to normal, and its directions are had at once (Tipping and Bishop
    1999); what chance moves already is left out of it. Looks stay as they were learned.
    """
    with torch.no_grad():
        random = torch.Generator().manual_seed(seed)
        said = told(real.labels, painter.shape.traits)
        drawn = torch.randn(2, len(said), painter.shape.chance, generator=random)
        one, other = (painter.beside(painter.styled(each, said)[1]) for each in drawn)
        rest = real.beside - one
        moved = (one - other).T @ (one - other) / len(one)  # twice what chance moves, which is in `rest` once
        values, vectors = torch.linalg.eigh(torch.cov(rest.T) - moved)
        kept = min(painter.shape.chance, len(values))
        painter.differ[:kept] = (vectors[:, -kept:] * values[-kept:].clamp(min=0).sqrt()).T
        there = torch.cov(rest.T).trace() - moved.trace() / 2
        return float((painter.differ.square().sum() + moved.trace() / 2) / there)


def _layers(given: int, hidden: int, gives: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(given, hidden), nn.LeakyReLU(SLOPE), nn.Linear(hidden, gives))


def _score(judge: Discriminator, beside: Tensor, told_: Tensor, looks: Tensor) -> Tensor:
    found: Tensor = judge(looks, beside, told_)[0]
    return found


def _keep(path: Path, held: Mapping[str, Any], random: torch.Generator, step: int, course: str) -> None:
    state = {name: each.state_dict() for name, each in held.items()}
    part = path.with_suffix(".part")
    torch.save({**state, "random": random.get_state(), "step": step, "course": course}, part)
    part.replace(path)


def _taken_up(path: Path, held: Mapping[str, Any], random: torch.Generator, course: str) -> int:
    """Take a state up and return its step; ValueError where it is of another course."""
    state = torch.load(path, weights_only=True)
    if state["course"] != course:
        raise ValueError(f"{path} is of a run with {state['course']}, not {course}: name another folder")
    for name, each in held.items():
        each.load_state_dict(state[name])
    random.set_state(state["random"])
    return int(state["step"])
