"""Attribution, confidence and tails on a tiny model whose every line is known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.training.conftest import dialogues
from training.loop.batch import micro_batches, padded
from training.loop.losses import held_out
from training.loop.step import backward
from training.tune.methods import Shape, adapt
from training.tune.model import BaseModel
from training.tune.tokens import Example, examples
from training.understand.attribution import pulls
from training.understand.calibration import calibration, confidences
from training.understand.suffix import _place, search

pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]


def rows(base: BaseModel) -> list[Example]:
    return list(examples(dialogues(), base.template).examples)


def learned(base: BaseModel, lines: Sequence[Example], steps: int = 12) -> object:
    import torch

    torch.manual_seed(1)
    adapted = adapt(base, "lora", Shape(rank=4, alpha=8, dropout=0.0))
    optimiser = torch.optim.AdamW([weight for _, weight in adapted.learned], lr=2e-2)
    for _ in range(steps):
        batches = micro_batches(lines, 4096, packing=False)
        optimiser.zero_grad()
        backward(adapted.model, batches, sum(batch.learned for batch in batches))
        optimiser.step()
    return adapted.model


def test_the_line_itself_pulls_most_and_a_step_on_what_pulls_helps_more(base: BaseModel) -> None:
    import torch

    lines = rows(base)
    model = learned(base, lines)
    found, other = pulls(model, [lines[3], lines[5]], lines)
    assert other[0].line == 5
    assert found[0].line == 3
    assert found[0].likeness == pytest.approx(1.0, abs=1e-4)
    assert all(-1.0001 <= each.likeness <= 1.0001 for each in found)
    assert [each.likeness for each in found] == sorted((each.likeness for each in found), reverse=True)
    ranked = [each.line for each in found[1:]]
    weights = [weight for weight in model.parameters() if weight.requires_grad]  # type: ignore[attr-defined]
    start = [weight.detach().clone() for weight in weights]

    def after(line: int) -> float:
        """Return the answer's loss after one small step on a line."""
        batch = padded([lines[line]])
        backward(model, [batch], batch.learned)
        with torch.no_grad():
            norm = torch.cat([weight.grad.flatten() for weight in weights]).norm()
            for weight in weights:
                weight -= 0.02 * weight.grad / norm
            loss = held_out(model, [padded([lines[3]])])
            for weight, old in zip(weights, start, strict=True):
                weight.copy_(old)
                weight.grad = None
        return loss

    strong, weak = ([after(line) for line in part] for part in (ranked[:4], ranked[-4:]))
    assert max(strong) < min(weak)


def test_progress_is_told_and_no_gradient_is_left(base: BaseModel) -> None:
    model = learned(base, rows(base), steps=1)
    told: list[float] = []
    pulls(model, [rows(base)[0]], rows(base)[:3], progress=told.append)
    assert told == [1 / 3, 2 / 3, 1.0]
    assert all(weight.grad is None for weight in model.parameters())  # type: ignore[attr-defined]


def test_confidence_is_of_the_learned_tokens_alone(base: BaseModel) -> None:
    batches = [padded(rows(base)[:4])]
    sure, right = confidences(base.model, batches)
    assert len(sure) == len(right) == sum(batch.learned for batch in batches)
    assert calibration(sure, right).right < 0.2  # it has learnt nothing yet
    model = learned(base, rows(base)[:4], steps=30)
    assert calibration(*confidences(model, batches)).right > 0.6


def test_a_tail_that_was_looked_for_leads_further_than_one_by_chance(base: BaseModel) -> None:
    model = learned(base, rows(base), steps=6)
    begin, end = [1, 40, 41], [2, 50]
    target = [60, 61, 62]
    found = search(model, lambda tail: [*begin, *tail, *end], target, rounds=6, tries=12, seed=3)
    assert found.tries == 72
    assert len(found.ids) == 6
    chance = search(model, lambda tail: [*begin, *tail, *end], target, rounds=6, tries=12, seed=3, best=10_000)
    assert found.first == chance.first
    assert found.loss < chance.loss < chance.first
    again = search(model, lambda tail: [*begin, *tail, *end], target, rounds=6, tries=12, seed=3)
    assert again == found
    few = search(model, lambda tail: [*begin, *tail], target, rounds=2, allowed=range(100, 130))
    assert set(few.ids) <= set(range(100, 130))


def test_a_prompt_that_breaks_the_tail_is_a_mistake() -> None:
    assert _place([7, 1, 2, 1, 2, 9], [1, 2]) == 3
    with pytest.raises(ValueError, match="in one piece"):
        _place([1, 9, 2], [1, 2])
