"""Trains a small net that makes the soft pictures of sums crisp: from what sums leave of a render back to the render.

Every render has its soft twin, which is what the sums hold of it, so that the net learns from pairs; a second net looks
at patches and tells renders from what the first one makes, of renders' twins and of painted people (Isola et al. 2017,
with relativistic scores, Jolicoeur-Martineau 2019).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.portrait.nets import SLOPE

WIDE: Final = 24
PAIRS: Final = 6  # renders of a step, and as many painted people
ALIKE: Final = 12.0  # weight of likeness to the render beside the adversary
EDGES: Final = 1.0  # of the differences between neighbouring pixels in it
RATE: Final = 1e-3
AVERAGE: Final = 0.99
SLOW: Final = 0.05  # weight of the penalty on the scores' slope at renders, every LAZY steps
LAZY: Final = 8
SAID: Final = 50  # steps between two lines, and two states


class Crisp(nn.Module):
    """Adds what is missing to pictures (n, 3, size, size) in -1..1; at first nothing."""

    def __init__(self, wide: int = WIDE) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, wide, 5, padding=2)
        self.down = nn.Conv2d(wide, 2 * wide, 4, stride=2, padding=1)
        self.inner = nn.ModuleList(nn.Conv2d(2 * wide, 2 * wide, 3, padding=1) for _ in range(3))
        self.up = nn.Conv2d(3 * wide, wide, 3, padding=1)
        self.last = nn.Conv2d(wide, 3, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, pictures: Tensor) -> Tensor:
        """Make them crisp."""
        fine = functional.leaky_relu(self.first(pictures), SLOPE)
        x = functional.leaky_relu(self.down(fine), SLOPE)
        for conv in self.inner:
            x = x + functional.leaky_relu(conv(x), SLOPE)
        x = functional.interpolate(x, scale_factor=2, mode="nearest")
        x = functional.leaky_relu(self.up(torch.cat([x, fine], dim=1)), SLOPE)
        return functional.hardtanh(pictures + self.last(x))


class Patches(nn.Module):
    """Scores patches of pictures (n, 3, size, size): (n, 1, size / 4, size / 4)."""

    def __init__(self, wide: int = WIDE) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, wide, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE),
            nn.Conv2d(wide, 2 * wide, 4, stride=2, padding=1), nn.LeakyReLU(SLOPE),
            nn.Conv2d(2 * wide, 4 * wide, 3, padding=1), nn.LeakyReLU(SLOPE), nn.Conv2d(4 * wide, 1, 3, padding=1),
        )  # fmt: skip

    def forward(self, pictures: Tensor) -> Tensor:
        """Score."""
        found: Tensor = self.body(pictures)
        return found


def train(
    renders: Tensor, soft: Callable[[Tensor], Tensor], painted: Callable[[int, torch.Generator], Tensor], *, steps: int,
    seed: int = 1, say: Callable[[int, Mapping[str, float]], None] = lambda step, found: None, kept: Path | None = None,
) -> Crisp:  # fmt: skip
    """Train on renders (n, 3, size, size) uint8; `soft` gives the twins (k, 3, size, size) of numbers (k,).

    `painted` paints so many people. The net that is returned is an average over the steps. The state is kept in the
    file `kept` every SAID steps, and a run goes on from there.
    """
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    net, judge = Crisp(), Patches()
    average: Crisp = copy.deepcopy(net)
    average.requires_grad_(False)
    makes = torch.optim.Adam(net.parameters(), RATE, (0.5, 0.99))
    judges = torch.optim.Adam(judge.parameters(), RATE, (0.5, 0.99))
    held = {"net": net, "judge": judge, "average": average, "makes": makes, "judges": judges}
    begin = _taken_up(kept, held, random) if kept and kept.exists() else 0
    for step in range(begin, steps):
        for optimiser in (makes, judges):
            optimiser.param_groups[0]["lr"] = RATE * (1 - 0.9 * max(0.0, (step / steps - 2 / 3) * 3))
        drawn = torch.randint(len(renders), (PAIRS,), generator=random)
        real = renders[drawn].float() / 127.5 - 1
        with torch.no_grad():
            given = torch.cat([soft(drawn), painted(PAIRS, random)])
        flips = torch.rand(PAIRS, generator=random) < 0.5
        real = torch.where(flips[:, None, None, None], real.flip(3), real)
        given[:PAIRS] = torch.where(flips[:, None, None, None], given[:PAIRS].flip(3), given[:PAIRS])
        made = net(given)
        score = judge(real).mean(dim=(1, 2, 3)).repeat(2) - judge(made.detach()).mean(dim=(1, 2, 3))
        cost = functional.softplus(-score).mean()
        if step % LAZY == 0:
            cost = cost + SLOW * LAZY * _slope(judge, real)
        judges.zero_grad(set_to_none=True)
        cost.backward()
        judges.step()
        judge.requires_grad_(False)
        with torch.no_grad():
            right = judge(real).mean(dim=(1, 2, 3)).repeat(2)
        played = functional.softplus(right - judge(made).mean(dim=(1, 2, 3))).mean()
        unlike = _unlike(made[:PAIRS], real)
        makes.zero_grad(set_to_none=True)
        (played + ALIKE * unlike).backward()
        makes.step()
        judge.requires_grad_(True)
        with torch.no_grad():
            keep = min(AVERAGE, (1 + step) / (10 + step))
            for mean, now in zip(average.parameters(), net.parameters(), strict=True):
                mean.lerp_(now, 1 - keep)
        if step % SAID == SAID - 1 or step == steps - 1:
            found = {"unlike": unlike, "played": played, "judge": cost}
            say(step + 1, {name: float(value.detach()) for name, value in found.items()})
            if kept:
                _keep(kept, held, random, step + 1)
    average.eval()
    return average


def _keep(path: Path, held: Mapping[str, Any], random: torch.Generator, step: int) -> None:
    state = {name: each.state_dict() for name, each in held.items()}
    part = path.with_suffix(".part")
    torch.save({**state, "random": random.get_state(), "step": step}, part)
    part.replace(path)


def _taken_up(path: Path, held: Mapping[str, Any], random: torch.Generator) -> int:
    state = torch.load(path, weights_only=True)
    for name, each in held.items():
        each.load_state_dict(state[name])
    random.set_state(state["random"])
    return int(state["step"])


def _unlike(made: Tensor, real: Tensor) -> Tensor:
    apart = functional.l1_loss(made, real)
    across = functional.l1_loss(made[..., 1:] - made[..., :-1], real[..., 1:] - real[..., :-1])
    down = functional.l1_loss(made[..., 1:, :] - made[..., :-1, :], real[..., 1:, :] - real[..., :-1, :])
    return apart + EDGES * (across + down)


def _slope(judge: nn.Module, real: Tensor) -> Tensor:
    """Return the mean squared slope of the scores at pictures (R1, Mescheder et al. 2018)."""
    seen = real.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(judge(seen).mean(dim=(1, 2, 3)).sum(), seen, create_graph=True)
    return slope.square().sum(dim=(1, 2, 3)).mean()
