"""Scores of real and painted pictures as losses, three ways: `dcgan`, `wgan-gp` and `r3`.

dcgan is Goodfellow's non-saturating loss as Radford et al. (2016) train it. wgan-gp is Gulrajani et al. (2017). r3 is
the relativistic pairing loss with gradient penalties on real and painted pictures (Huang et al. 2024), the penalties
every few steps and made up for by their weight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

DCGAN: Final = "dcgan"
WGAN_GP: Final = "wgan-gp"
R3: Final = "r3"
LOSSES: Final = (DCGAN, WGAN_GP, R3)
LAZY: Final = 8  # steps between r3's penalties
GAMMA: Final = (1.0, 0.2)  # their weight, from the first step to `settled`
LAMBDA: Final = 10.0

Score = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Rates:
    """Adam's step and momenta."""

    generator: float
    discriminator: float
    betas: tuple[float, float]


def rates(loss: str) -> Rates:
    """Return each loss's usual rates."""
    match loss:
        case "dcgan":
            return Rates(2e-4, 2e-4, (0.5, 0.999))
        case "wgan-gp":
            return Rates(5e-4, 5e-4, (0.0, 0.99))
        case "r3":
            return Rates(5e-4, 5e-4, (0.0, 0.99))
        case _:
            raise ValueError(f"no loss is called {loss!r}")


def judged(loss: str, real: Tensor, painted: Tensor) -> Tensor:
    """Return the discriminator's loss for scores (batch,)."""
    match loss:
        case "dcgan":
            return functional.softplus(-real).mean() + functional.softplus(painted).mean()
        case "wgan-gp":
            return painted.mean() - real.mean() + 1e-3 * real.square().mean()
        case _:
            return functional.softplus(painted - real).mean()


def painted(loss: str, real: Tensor, painted_: Tensor) -> Tensor:
    """Return the generator's loss for scores (batch,); only r3 heeds those of real pictures."""
    match loss:
        case "dcgan":
            return functional.softplus(-painted_).mean()
        case "wgan-gp":
            return -painted_.mean()
        case _:
            return functional.softplus(real - painted_).mean()


def penalty(
    loss: str, score: Score, real: Tensor, fake: Tensor, step: int, settled: int, random: torch.Generator
) -> Tensor:
    """Return the discriminator's penalty at a step, 0 where there is none."""
    match loss:
        case "wgan-gp":
            share = torch.rand(len(real), 1, 1, 1, generator=random).to(real.device)
            between = (real * share + fake * (1 - share)).detach().requires_grad_(True)
            slope = _slope(score, between)
            return LAMBDA * (slope.sqrt() - 1).square().mean()
        case "r3" if step % LAZY == 0:
            part = min(1.0, step / max(1, settled))
            gamma = GAMMA[0] * (GAMMA[1] / GAMMA[0]) ** part
            both = [_slope(score, each.detach().requires_grad_(True)).mean() for each in (real, fake)]
            return gamma / 2 * LAZY * (both[0] + both[1])
        case _:
            return torch.zeros(())


def _slope(score: Score, pictures: Tensor) -> Tensor:
    """Return the squared length (batch,) of the scores' gradients by the pictures."""
    (slope,) = torch.autograd.grad(score(pictures).sum(), pictures, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3)) + 1e-12
