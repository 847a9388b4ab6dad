"""Private tuning of a tiny model: what is saved is what was learned, in another process too; breaks cost nothing."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import Quiet, dialogues
from training.errors import TrainingError
from training.loop.losses import held_out
from training.loop.recipe import Recipe
from training.loop.run import Rest, fit
from training.private.accountant import Promise
from training.private.people import grouped
from training.private.tuning import Private
from training.tune import saving
from training.tune.material import Examples
from training.tune.methods import Adapted, Shape, adapt
from training.tune.model import BaseModel, open_base
from training.tune.tokens import Example, examples

pytest.importorskip("opacus")
pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]

STEPS = 6
PROMISE = Promise(8.0, 1e-3, "person", 0.05, 0.5, STEPS, "rdp", 1.0, 4)
RECIPE = Recipe(steps=STEPS, rate=5e-2, look=3, seed=3)
FRESH = """
import sys
from pathlib import Path
from tests.training.conftest import dialogues
from training.loop.batch import padded
from training.loop.losses import held_out
from training.tune import saving
from training.tune.model import open_base
from training.tune.tokens import examples
base = open_base(sys.argv[1])
rows = examples(dialogues()[8:], base.template).examples
print(held_out(saving.reopen(base, Path(sys.argv[2])), [padded(rows)]))
"""


def rows(base: BaseModel) -> tuple[list[Example], list[Example]]:
    written = [list(examples(part, base.template).examples) for part in (dialogues()[:8], dialogues()[8:])]
    return written[0], written[1]


def run(base: BaseModel, folder: Path, tracker: Quiet, clock: Any, *, seed: int | None = 1, stop: int = 0) -> Adapted:
    """Learn privately; with `stop`, break off before that step."""
    learned, kept = rows(base)
    import torch

    torch.manual_seed(5)
    adapted = adapt(base, "lora", Shape(rank=4, alpha=8, dropout=0.0))
    groups = grouped(((each.person, each) for each in learned), chance=random.Random(0))
    private = Private(adapted.model, groups, PROMISE, seed=seed)

    def take(optimiser: Any, step: int, budget: int) -> Any:
        if stop and step == stop:
            raise KeyboardInterrupt
        return private.take(optimiser, step, budget)

    material = Examples(learned, kept, RECIPE, packing=False, pad=0)
    fit(
        adapted.model,
        dict(adapted.learned),
        material,
        RECIPE,
        folder=folder,
        run="r",
        tracker=tracker,
        clock=clock,
        rest=Rest(take=take),
    )
    return adapted


def test_the_saved_adapter_is_the_learned_one_in_a_fresh_process(
    tiny: Path, base: BaseModel, quiet: Quiet, clock: Callable[[], float], tmp_path: Path
) -> None:
    """Adapters that were saved out of a wrapped model load without a word and are the base model (opacus issue 820)."""
    from training.loop.batch import padded

    untuned = held_out(base.model, [padded(rows(base)[1])])
    adapted = run(base, tmp_path / "run", quiet, clock)
    here = held_out(adapted.model, [padded(rows(base)[1])])
    saving.save(adapted, base, tmp_path / "adapter", Shape(rank=4, alpha=8))
    command = [sys.executable, "-c", FRESH, str(tiny), str(tmp_path / "adapter")]
    there = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(there.stdout) == pytest.approx(here, abs=1e-5)
    assert abs(here - untuned) > 0.02


def test_a_private_run_that_was_killed_comes_to_the_same_numbers(
    tiny: Path, quiet: Quiet, clock: Callable[[], float], tmp_path: Path
) -> None:
    import torch

    whole = run(open_base(str(tiny)), tmp_path / "whole", quiet, clock)
    with pytest.raises(KeyboardInterrupt):
        run(open_base(str(tiny)), tmp_path / "half", quiet, clock, stop=4)
    half = run(open_base(str(tiny)), tmp_path / "half", quiet, clock)
    for (name, one), (_, other) in zip(whole.learned, half.learned, strict=True):
        assert torch.equal(one, other), name


def test_no_step_is_taken_beyond_the_promise(base: BaseModel) -> None:
    private = Private(base.model, [], PROMISE)
    with pytest.raises(TrainingError, match="6 steps were promised"):
        private.take(None, STEPS, 100)


def test_memory_that_is_too_small_halves_the_parts_and_changes_nothing(tiny: Path) -> None:
    import torch

    ended = []
    for fails in (0, 2):
        base = open_base(str(tiny))
        torch.manual_seed(5)
        adapted = adapt(base, "lora", Shape(rank=4, alpha=8, dropout=0.0))
        groups = grouped(((each.person, each) for each in rows(base)[0]), chance=random.Random(0))
        left = [fails]
        whole = Promise(8.0, 1e-3, "person", 0.6, 1.0, STEPS, "rdp", 1.0, 4)

        class Small(Private):
            def _losses(self, lines: Any, budget: int, counted: Any, left: list[int] = left) -> Any:
                for number, loss in enumerate(super()._losses(lines, budget, counted)):
                    if left[0] and number:
                        left[0] -= 1
                        raise MemoryError
                    yield loss

        private = Small(adapted.model, groups, whole, seed=1, packing=False)
        told = private.take(torch.optim.SGD([w for _, w in adapted.learned], lr=0.1), 0, 60)
        assert told.budget == (15 if fails else 60)
        ended.append([weight.detach().clone() for _, weight in adapted.learned])
    for one, other in zip(*ended, strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_numbers_that_are_none_stop_it_before_anything_is_applied(base: BaseModel) -> None:
    import torch

    adapted = adapt(base, "lora", Shape(rank=4, alpha=8))
    name, weight = adapted.learned[0]
    with torch.no_grad():
        weight.fill_(torch.nan)
    groups = [[example] for example in rows(base)[0]]
    other = adapted.learned[1][1].detach().clone()
    private = Private(adapted.model, groups, Promise(8.0, 1e-3, "person", 0.6, 1.0, 1, "rdp", 1.0, 8))
    with pytest.raises(TrainingError) as wrong:
        private.take(torch.optim.SGD([w for _, w in adapted.learned], lr=0.1), 0, 500)
    assert wrong.value.code == "not_a_number"
    assert torch.equal(other, adapted.learned[1][1])
    assert name
