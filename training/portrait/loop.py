"""Trains the painter step by step. Its whole state can be kept and taken up again, and then goes on bit by bit."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.portrait import likeness, losses
from training.portrait.augment import adapted, augmented
from training.portrait.nets import Discriminator, Generator, Shape, told, wrong

AVERAGE = 0.995  # of the generator's weights, kept at each step
NAMING = 0.5  # weight of the traits' loss
WARM = 2.0  # times the rate while likeness alone is learned
LIKE = 2.0  # weight of likeness beside the adversary


@dataclass(frozen=True, slots=True)
class Course:
    """How to train: one of LOSSES, pictures a step, steps until r3's penalty has `settled`, augmentation's chance.

    `chance` below 0 lets ADA choose. `steps` is the whole length: over the last third the rate falls to a tenth.
    `decay` off keeps the rate. `seed` begins everything. The first `warm` steps are for likeness alone; with `encode` a
    half of each later step is so too.
    """

    loss: str
    steps: int
    batch: int = 16
    seed: int = 1
    chance: float = 0.5
    settled: int = 1500
    decay: bool = True
    device: str = "cpu"
    half: bool = False  # bfloat16, for cards
    warm: int = 0
    encode: bool = False


class Painter:
    """The nets, their averages, their optimisers and where the course is."""

    def __init__(self, shape: Shape, course: Course) -> None:
        torch.manual_seed(course.seed)
        self.shape, self.course, self.step = shape, course, 0
        self.chance = max(0.0, course.chance)
        self.cpu_seconds, self.sketched = 0.0, False
        self.generator = Generator(shape).to(course.device, memory_format=torch.channels_last)
        self.discriminator = Discriminator(shape).to(course.device, memory_format=torch.channels_last)
        self.encoder = likeness.Encoder(shape).to(course.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        rates = losses.rates(course.loss)
        # The sketch is fitted once: steps of Adam's size on each of its many weights would only blur it.
        layers = []
        for name, each in self.generator.named_parameters():
            if name.startswith(("drawn.", "sketched.")):
                each.requires_grad_(False)
            else:
                layers.append(each)
        self.paints = torch.optim.Adam(layers, rates.generator, rates.betas)
        self.judges = torch.optim.Adam(self.discriminator.parameters(), rates.discriminator, rates.betas)
        self.encodes = torch.optim.Adam(self.encoder.parameters(), likeness.RATE)
        self.random = torch.Generator().manual_seed(course.seed)

    def go(self, pictures: Tensor, labels: Tensor) -> Mapping[str, float]:
        """Make one step on drawn pictures (n, 3, size, size) uint8 with labels (n, traits); return what it measured."""
        course, traits = self.course, self.shape.traits
        self._pace()
        drawn = torch.randint(len(pictures), (course.batch,), generator=self.random)
        real = pictures[drawn].float() / 127.5 - 1
        flips = torch.rand(course.batch, generator=self.random) < 0.5
        real = torch.where(flips[:, None, None, None], real.flip(3), real)
        real = real.contiguous(memory_format=torch.channels_last).to(course.device)
        said = labels[drawn].to(course.device)
        other = labels[torch.randint(len(labels), (course.batch,), generator=self.random)].to(course.device)
        told_real, told_fake = told(said, traits), told(other, traits)
        chance = torch.randn(course.batch, self.shape.chance, generator=self.random).to(course.device)
        if self.step < course.warm:
            found = self._liken(real, told_real, said, chance)
            self._settle()
            return found
        alike = course.batch // 2 if course.encode else 0
        cost = torch.zeros((), device=course.device)
        if alike:
            # The first half of the step paints the real pictures again, by their own description.
            middle, spread, named, _ = self.encoder(real[:alike])
            chance = torch.cat([middle + (spread / 2).exp() * chance[:alike], chance[alike:]])
            told_fake = torch.cat([told_real[:alike], told_fake[alike:]])
            other = torch.cat([said[:alike], other[alike:]])
            cost = likeness.NARROW * likeness.far(middle, spread) + 0.1 * wrong(named, said[:alike], traits)
        with self._precision():
            fake = self.generator(chance, told_fake)
        fake = fake.float()
        if alike:
            cost = cost + LIKE * likeness.unlike(fake[:alike], real[:alike])
        shown = augmented(torch.cat([real, fake]), self.chance, self.random)
        real_shown, fake_shown = shown[: course.batch].detach(), shown[course.batch :]
        found = self._judge(real_shown, fake_shown.detach(), told_real, told_fake, said)
        found |= self._paint(real_shown, fake_shown, told_real, told_fake, other, cost)
        self._settle()
        return found

    def state(self) -> dict[str, object]:
        """Return everything that is needed to go on."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "average": self.average.state_dict(),
            "paints": self.paints.state_dict(),
            "judges": self.judges.state_dict(),
            "encoder": self.encoder.state_dict(),
            "encodes": self.encodes.state_dict(),
            "random": self.random.get_state(),
            "step": self.step,
            "chance": self.chance,
            "cpu_seconds": self.cpu_seconds,
            "sketched": self.sketched,
        }

    def take_up(self, state: Mapping[str, object]) -> None:
        """Go on from a state."""
        for name in ("generator", "discriminator", "average", "paints", "judges", "encoder", "encodes"):
            getattr(self, name).load_state_dict(state[name])
        self.random.set_state(state["random"])
        self.step = int(state["step"])  # type: ignore[call-overload]
        self.chance = float(state["chance"])  # type: ignore[arg-type]
        self.cpu_seconds = float(state["cpu_seconds"])  # type: ignore[arg-type]
        self.sketched = bool(state.get("sketched"))

    def _liken(self, real: Tensor, told_real: Tensor, said: Tensor, noise: Tensor) -> dict[str, float]:
        middle, spread, named, _ = self.encoder(real)
        painted = self.generator(middle + (spread / 2).exp() * noise, told_real)
        unlike, far = likeness.unlike(painted, real), likeness.far(middle, spread)
        naming = wrong(named, said, self.shape.traits)
        for optimiser in (self.paints, self.encodes):
            optimiser.zero_grad(set_to_none=True)
        (unlike + likeness.NARROW * far + 0.1 * naming).backward()
        for optimiser in (self.paints, self.encodes):
            optimiser.step()
        return {"unlike": float(unlike.detach()), "far": float(far.detach()), "read": float(naming.detach())}

    def _settle(self) -> None:
        with torch.no_grad():
            keep = min(AVERAGE, (1 + self.step) / (10 + self.step))
            for mean, now in zip(self.average.parameters(), self.generator.parameters(), strict=True):
                mean.lerp_(now, 1 - keep)
        self.step += 1

    def _judge(
        self, real: Tensor, fake: Tensor, told_real: Tensor, told_fake: Tensor, said: Tensor
    ) -> dict[str, float]:
        course, net = self.course, self.discriminator
        with self._precision():
            score_real, named = net(real, told_real)
            score_fake, _ = net(fake, told_fake)
        naming = wrong(named.float(), said, self.shape.traits)
        adversary = losses.judged(course.loss, score_real.float(), score_fake.float())
        # Penalties judge real and painted pictures by the same description.
        extra = losses.penalty(
            course.loss, lambda each: net(each, told_real)[0], real, fake, self.step, course.settled, self.random
        )
        self.judges.zero_grad(set_to_none=True)
        (adversary + NAMING * naming + extra).backward()
        self.judges.step()
        if course.chance < 0:
            self.chance = adapted(self.chance, float(score_real.detach().sign().mean()))
        return {
            "judge": float(adversary.detach()),
            "naming": float(naming.detach()),
            "penalty": float(extra.detach()),
            "apart": float((score_real - score_fake).detach().mean()),
        }

    def _paint(
        self, real: Tensor, fake: Tensor, told_real: Tensor, told_fake: Tensor, other: Tensor, cost: Tensor
    ) -> dict[str, float]:
        net = self.discriminator.requires_grad_(False)
        with self._precision():
            if self.course.loss == losses.R3:
                with torch.no_grad():
                    score_real = net(real, told_real)[0].float()
            else:
                score_real = torch.zeros(len(real), device=real.device)
            score_fake, named = net(fake, told_fake)
        adversary = losses.painted(self.course.loss, score_real, score_fake.float())
        naming = wrong(named.float(), other, self.shape.traits)
        self.paints.zero_grad(set_to_none=True)
        self.encodes.zero_grad(set_to_none=True)
        (adversary + NAMING * naming + cost).backward()
        self.paints.step()
        if self.course.encode:
            self.encodes.step()
        net.requires_grad_(True)
        return {
            "paint": float(adversary.detach()),
            "painted naming": float(naming.detach()),
            "likeness": float(cost.detach()),
        }

    def _pace(self) -> None:
        """Set the rate: full, and falling to a tenth over the last third."""
        rates = losses.rates(self.course.loss)
        late = np.clip((self.step / max(1, self.course.steps) - 2 / 3) * 3, 0, 1) if self.course.decay else 0.0
        share = float(1 - 0.9 * late)
        if self.step < self.course.warm:
            share = WARM
        for optimiser, rate in ((self.paints, rates.generator), (self.judges, rates.discriminator)):
            for group in optimiser.param_groups:
                group["lr"] = rate * share

    def _precision(self) -> AbstractContextManager[object]:
        kind = "cuda" if self.course.device.startswith("cuda") else "cpu"
        found: AbstractContextManager[object] = torch.autocast(kind, torch.bfloat16, enabled=self.course.half)
        return found
