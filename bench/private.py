"""What privacy costs and what it keeps: `python -m bench.private [--model FOLDER] [--persons 600] [--steps 80]`.

Persons talk with a teacher; an adapter learns the teacher's manner from them, without privacy, at epsilon 8 and at
epsilon 2 (by person, accountant PRV). Twenty of them tell a secret code, four times each. For each adapter: the loss on
persons never seen, the same in a fresh process, the exposure of the secrets, and how well losses tell members.
Without `--model` a small model is made first, which has learnt the same facts in a plain manner.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from bench.kept import kept as measured
from bench.lessons import dialogues, texts, told
from bench.stats import table
from tests.training.conftest import Quiet, build
from training.data.dialogue import Dialogue
from training.loop.batch import micro_batches
from training.loop.losses import held_out, loss_of
from training.loop.recipe import Recipe
from training.loop.run import Rest, fit
from training.private.accountant import Promise, promise
from training.private.exposure import exposure, membership, secrets, strangers
from training.private.people import grouped
from training.private.tuning import Private
from training.tune import saving
from training.tune.material import Examples
from training.tune.methods import Shape, adapt
from training.tune.model import BaseModel, open_base
from training.tune.tokens import Example, examples

TIMES = 4  # that a secret is told


@dataclass(frozen=True)
class Row:
    """One adapter."""

    way: str
    sigma: float
    loss: float
    fresh: float
    exposure: float
    most: float
    given_away: int
    auc: float
    error: float
    caught: float
    seconds: float
    promise: dict[str, Any]


def written(base: BaseModel, talks: Sequence[Dialogue]) -> list[Example]:
    return list(examples(talks, base.template, longest=256).examples)


def losses(base: BaseModel, model: Any, rows: Sequence[Example]) -> list[float]:
    """Return the mean loss of each example's learned tokens."""
    model.eval()
    found = []
    with torch.no_grad():
        for row in rows:
            loss, count = loss_of(model, micro_batches([row], 4096, packing=False)[0])
            found.append(float(loss) / max(1, count))
    return found


def made(folder: Path, steps: int) -> None:
    """Make a small model that knows the facts, plainly told."""
    build(folder, texts=texts(), width=64, vocabulary=600)
    base = open_base(str(folder))
    learned = written(base, dialogues(1, 600, 2, manner=False))
    recipe = Recipe(steps=steps, batch=32, budget=4096, rate=5e-3, seed=1)
    base.model.requires_grad_(True)
    material = Examples(learned, learned[:32], recipe, packing=True, pad=0)
    with tempfile.TemporaryDirectory() as place:
        fit(
            base.model, dict(base.model.named_parameters()), material, recipe, folder=Path(place), run="made",
            tracker=Quiet(), clock=time.perf_counter,
        )  # fmt: skip
    base.model.save_pretrained(folder)


def tuned(options: argparse.Namespace, way: str, epsilon: float, out: Path) -> Row:
    """Learn one adapter and measure it."""
    began = time.process_time()
    base = open_base(str(options.model))
    planted = secrets(options.secrets, options.seed)
    members = dialogues(options.seed + 10, options.persons, 2)
    others = dialogues(options.seed + 11, max(60, options.persons // 4), 2)
    learned = written(base, [*members, *(d for secret in planted for d in told(secret, TIMES))])
    kept = written(base, dialogues(options.seed + 12, options.kept, 2))
    before = [losses(base, base.model, written(base, part[: options.judged])) for part in (members, others)]
    torch.manual_seed(options.seed)
    shape = Shape(rank=options.rank, alpha=2 * options.rank, dropout=0.0, frozen_a=not options.learn_a)
    adapted = adapt(base, "lora", shape)
    groups = grouped(((each.person, each) for each in learned), chance=random.Random(0))
    crowd = options.crowd
    recipe = Recipe(
        steps=options.steps, batch=2 * crowd, budget=2048, rate=options.rate if epsilon else options.plain_rate,
        look=0, seed=options.seed, warmup=0.05, clip=1.0,
    )  # fmt: skip
    given: Promise | None = None
    rest = Rest()
    if epsilon:
        given = promise(
            epsilon,
            options.delta,
            persons=len(groups),
            crowd=crowd,
            steps=options.steps,
            clip=options.clip,
            seeded=True,
        )
        rest = Rest(take=Private(adapted.model, groups, given, seed=options.seed).take)
    material = Examples(learned, kept, recipe, packing=True, pad=0)
    fit(
        adapted.model, dict(adapted.learned), material, recipe, folder=out / way, run=way, tracker=Quiet(),
        clock=time.perf_counter, rest=rest,
    )  # fmt: skip
    loss = held_out(adapted.model, material.held(2048))
    saving.save(adapted, base, out / way / "adapter", shape)
    command = [sys.executable, "-m", "bench.private"]
    command += [f"--{key}={getattr(options, key)}" for key in ("model", "seed", "kept")]
    fresh = subprocess.run(
        [*command, "--reload", str(out / way / "adapter")], capture_output=True, text=True, check=True
    )
    codes = [(secret, strangers(secret, options.strangers, options.seed + 1)) for secret in planted]
    found = exposure(
        [losses(base, adapted.model, written(base, told(secret)))[0] for secret, _ in codes],
        [losses(base, adapted.model, written(base, [d for o in never for d in told(o)])) for _, never in codes],
    )
    after = [losses(base, adapted.model, written(base, part[: options.judged])) for part in (members, others)]
    attack = membership(*([b - a for a, b in zip(*pair, strict=True)] for pair in zip(before, after, strict=True)))
    return Row(
        way, given.sigma if given else 0.0, loss, float(fresh.stdout), found.mean, found.most, found.given_away,
        attack.auc, attack.error, attack.caught, time.process_time() - began, given.facts() if given else {},
    )  # fmt: skip


def reloaded(options: argparse.Namespace) -> None:
    """Print the held-out loss of a saved adapter: all that this process knows is on the disk."""
    base = open_base(str(options.model))
    kept = written(base, dialogues(options.seed + 12, options.kept, 2))
    print(held_out(saving.reopen(base, options.reload), micro_batches(kept, 2048, packing=True)))


def main() -> None:
    """Measure and print."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--model", type=Path)
    given.add_argument("--persons", type=int, default=600)
    given.add_argument("--steps", type=int, default=80)
    given.add_argument("--crowd", type=int, default=64)
    given.add_argument("--rank", type=int, default=4)
    given.add_argument("--learn-a", action="store_true", help="learn both halves of LoRA")
    given.add_argument("--rate", type=float, default=1e-2)
    given.add_argument("--plain-rate", type=float, default=1e-2)
    given.add_argument("--clip", type=float, default=0.5)
    given.add_argument("--delta", type=float, default=1e-3)
    given.add_argument("--epsilons", type=float, nargs="+", default=[0.0, 8.0, 2.0])
    given.add_argument("--strangers", type=int, default=255)
    given.add_argument("--judged", type=int, default=400, help="dialogues of members and of others, for the attack")
    given.add_argument("--secrets", type=int, default=20, help="persons who each tell a code")
    given.add_argument("--kept", type=int, default=60, help="persons never seen, by whom the loss is measured")
    given.add_argument("--pretrain", type=int, default=300)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--out", type=Path, default=None)
    given.add_argument("--reload", type=Path)
    options = given.parse_args()
    if options.reload:
        reloaded(options)
        return
    out = options.out or Path(tempfile.mkdtemp(prefix="private-"))
    out.mkdir(parents=True, exist_ok=True)
    if options.model is None:
        options.model = out / "model"
        if not (options.model / "config.json").exists():
            made(options.model, options.pretrain)
    base = open_base(str(options.model))
    kept = written(base, dialogues(options.seed + 12, options.kept, 2))
    untuned = held_out(base.model, micro_batches(kept, 2048, packing=True))
    print(f"Before: {untuned:.3f} nats a token on {options.kept} persons never seen.\n")
    rows = []
    for epsilon in options.epsilons:
        way = f"epsilon {epsilon:g}" if epsilon else "without privacy"
        # What a row came to is kept in --out: the rows can be measured one by one.
        row = out / f"{way.replace(' ', '-')}.json"
        told = measured(row, lambda: asdict(tuned(options, way, epsilon, out)))  # noqa: B023 - called at once
        rows.append(Row(**told))
        print(json.dumps(told), file=sys.stderr, flush=True)
    columns = ["learnt", "sigma", "held-out loss", "fresh process", "exposure", "given away", "AUC", "caught", "CPU s"]
    lines = [
        (r.way, f"{r.sigma:.2f}", f"{r.loss:.4f}", f"{r.fresh:.4f}", f"{r.exposure:.2f} of {r.most:.0f} bits",
         f"{r.given_away} of {options.secrets}", f"{r.auc:.3f} ± {r.error:.3f}", f"{r.caught:.1%}", f"{r.seconds:.0f}")
        for r in rows
    ]  # fmt: skip
    print(table(columns, lines))


if __name__ == "__main__":
    main()
