"""What a site learns with: LoRA on a base model, from dialogues that stay where they are.

The adapter's numbers travel as one vector, in the order of the parameters' names. Its half A is drawn from the plan's
seed by a generator that is the same on every machine; with FFA-LoRA it stays so and never travels.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from training.data.dialogue import Dialogue
from training.federate.errors import FederationError
from training.federate.messages import Score
from training.federate.plan import Plan
from training.federate.ring import Vector
from training.loop.losses import loss_of
from training.loop.recipe import Recipe
from training.loop.run import optimiser_of
from training.loop.step import step
from training.private.accountant import Promise, promise
from training.private.people import grouped
from training.private.tuning import Private
from training.tune.material import Examples
from training.tune.methods import Adapted, Shape, adapt
from training.tune.model import BaseModel
from training.tune.tokens import Example, examples

SPENT: Final = "steps-taken.json"


@dataclass(slots=True)
class Talks:
    """The Learner of a site: dialogues to learn from, and some that are held out.

    `system` is the persona that the live server sends. `folder` is the site's own; there it counts the steps that its
    privacy has paid for, so that a process that begins anew does not spend them twice.
    """

    model: BaseModel
    learned: Sequence[Dialogue]
    kept: Sequence[Dialogue]
    folder: Path
    system: str = ""
    longest: int = 512
    budget: int = 1024
    _plan: Plan | None = None
    _adapted: Adapted | None = None
    _examples: Sequence[Example] = ()
    _held: Sequence[Example] = ()
    _private: Private | None = None
    _promise: Promise | None = None
    _digest: str = field(default="")

    @property
    def base(self) -> str:
        """Return the digest of the base model and its tokenizer."""
        self._digest = self._digest or self.model.digest()
        return self._digest

    @property
    def lines(self) -> int:
        """Return how many dialogues there are to learn from."""
        return max(1, len(self.learned))

    @property
    def plan(self) -> Plan:
        """Return the plan that it was prepared for."""
        return self._ready()[0]

    @property
    def promised(self) -> Promise | None:
        """Return what this site promises to its persons, None without privacy of persons."""
        return self._promise

    @property
    def adapted(self) -> Adapted:
        """Return the model with its adapter."""
        assert self._adapted is not None
        return self._adapted

    def prepare(self, plan: Plan) -> Vector:
        """Put an adapter on the base, and return its numbers as they are before any learning."""
        self._digest = self.base  # of the base alone: the adapter is about to be put on it
        shape = Shape(rank=plan.rank, alpha=plan.alpha, dropout=0.0, frozen_a=plan.freeze_a)
        self._plan, self._adapted = plan, adapt(self.model, "lora", shape)
        _draw(self._adapted.model, plan.seed)
        write = partial(examples, template=self.model.template, system=self.system, longest=self.longest)
        self._examples = write(self.learned).examples if self.learned else ()
        self._held = write(self.kept).examples if self.kept else ()
        if plan.unit == "person" and self.learned:
            self._keep_promise(plan)
        return self.vector()

    def learn(self, weights: Vector, round_: int) -> tuple[Vector, Score | None]:
        """Take the plan's steps from weights; with FedProx, drawn back to them."""
        plan, adapted = self._ready()
        before = self.judge(weights) if plan.judged else None
        self.put(weights)
        recipe = Recipe(steps=plan.steps * plan.rounds, batch=plan.batch, budget=self.budget, rate=plan.rate, warmup=0)
        recipe = replace(recipe, seed=plan.seed, schedule="constant")
        optimiser = optimiser_of(dict(adapted.learned), recipe)
        penalty = partial(self._drawn_back, plan.proximal, self._tensors(weights)) if plan.proximal else None
        material = Examples(self._examples, (), recipe, packing=True, pad=0, device=self.model.device)
        adapted.model.train()
        for number in range(round_ * plan.steps, (round_ + 1) * plan.steps):
            if self._private is not None:
                self._private.take(optimiser, self._spend(), self.budget)
            else:
                step(adapted.model, optimiser, partial(material.cut, number), budget=self.budget, penalty=penalty)
        return self.vector(), before

    def judge(self, weights: Vector) -> Score | None:
        """Return the mean loss of the held-out dialogues, None when nothing is held out."""
        import torch

        if not self._held:
            return None
        plan, adapted = self._ready()
        self.put(weights)
        adapted.model.eval()
        recipe = Recipe(steps=1, seed=plan.seed)
        batches = Examples((), self._held, recipe, packing=True, pad=0, device=self.model.device).held(self.budget)
        loss, tokens = 0.0, 0
        with torch.no_grad():
            for batch in batches:
                part, count = loss_of(adapted.model, batch)
                loss, tokens = loss + float(part), tokens + count
        return Score(loss / max(1, tokens), tokens)

    def vector(self) -> Vector:
        """Return the numbers that are learned, in the order of their names."""
        parts = [weight.detach().float().cpu().numpy().ravel() for _, weight in self._learned()]
        return np.concatenate(parts).astype(np.float32)

    def put(self, weights: Vector) -> None:
        """Give the adapter the numbers of a vector."""
        import torch

        with torch.no_grad():
            for (_, weight), part in zip(self._learned(), self._tensors(weights), strict=True):
                weight.copy_(part)

    def _learned(self) -> list[tuple[str, Any]]:
        return sorted(self._ready()[1].learned)

    def _tensors(self, weights: Vector) -> list[Any]:
        import torch

        made, begin = [], 0
        for _, weight in self._learned():
            part = torch.from_numpy(weights[begin : begin + weight.numel()].copy())
            made.append(part.reshape(weight.shape).to(weight.device, weight.dtype))
            begin += weight.numel()
        return made

    def _drawn_back(self, strength: float, start: Sequence[Any]) -> Any:
        """Return FedProx's term: half its strength times the squared way from where the round began."""
        pairs = zip(self._learned(), start, strict=True)
        return strength / 2 * sum(((weight - origin) ** 2).sum() for (_, weight), origin in pairs)

    def _ready(self) -> tuple[Plan, Adapted]:
        assert self._plan is not None
        assert self._adapted is not None
        return self._plan, self._adapted

    def _keep_promise(self, plan: Plan) -> None:
        """Reckon the noise for this site's persons; PrivacyError when the plan's epsilon cannot be kept here."""
        groups = grouped(((each.person, each) for each in self._examples), chance=random.Random(plan.seed))
        self._promise = promise(
            plan.epsilon,
            plan.delta,
            persons=len(groups),
            crowd=min(plan.batch, len(groups)),
            steps=plan.most_steps,
            clip=plan.clip or 1.0,
        )
        self._private = Private(self.adapted.model, groups, self._promise)

    def _spend(self) -> int:
        """Count a step before it is taken, and return how many were taken before; `privacy_spent` after the last."""
        file = self.folder / SPENT
        taken = int(json.loads(file.read_text("utf-8"))["steps"]) if file.exists() else 0
        assert self._promise is not None
        if taken >= self._promise.steps:
            raise FederationError("privacy_spent", f"all {taken} steps that this site's privacy allows are taken")
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f"{SPENT}.new")
        beside.write_text(json.dumps({"steps": taken + 1, "promised": self._promise.facts()}), "utf-8")
        beside.replace(file)
        return taken


def _draw(model: Any, seed: int) -> None:
    """Draw each half A uniformly as peft does (Kaiming, a = sqrt 5), by numpy's PCG64, which is the same everywhere."""
    import torch

    chance = np.random.Generator(np.random.PCG64(seed))
    for name, weight in sorted(model.named_parameters()):
        if ".lora_A." in name:
            bound = 1 / math.sqrt(weight.shape[1])
            drawn = chance.uniform(-bound, bound, tuple(weight.shape)).astype(np.float32)
            with torch.no_grad():
                weight.copy_(torch.from_numpy(drawn))
