"""A whole run: steps, looks at the held-out part, early stopping, checkpoints; the best weights at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch

from engines.device.queue import out_of_memory
from training.errors import TrainingError
from training.loop import checkpoint, step
from training.loop.batch import Batch
from training.loop.checkpoint import Extra, State
from training.loop.losses import held_out
from training.loop.recipe import Recipe
from training.track.tracker import Tracker


class Material(Protocol):
    """What is learned and what is held out. The same step gives the same batches, whatever came before."""

    def cut(self, step: int, budget: int) -> Sequence[Batch]:
        """Return the batches of a step, of at most `budget` places each where an example allows it."""
        ...

    def held(self, budget: int) -> Sequence[Batch]:
        """Return the held-out batches; none at all when nothing is held out."""
        ...


@dataclass(frozen=True, slots=True)
class Rest:
    """What a method does besides: after a step was applied, in the loss, in a checkpoint, or in place of a step.

    `take` is given the optimiser, the number of the step and the budget of a part; the batches are its own affair.
    """

    after: Callable[[int], None] | None = None
    penalty: Callable[[], Any] | None = None
    extra: Extra | None = None
    take: Callable[[Any, int, int], step.Told] | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a run ended: the best held-out loss and its step, steps taken, whether it stopped early, and its state."""

    best: float
    best_step: int
    steps: int
    early: bool
    state: State


def fit(
    model: Any,
    learned: Mapping[str, Any],
    material: Material,
    recipe: Recipe,
    *,
    folder: Path,
    run: str,
    tracker: Tracker,
    clock: Callable[[], float],
    rest: Rest | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> Fitted:
    """Train the `learned` weights of a model, going on from the checkpoint in `folder` if there is one.

    At the end the model has the weights of the best look. `clock` gives seconds. TrainingError as `step` and
    `checkpoint.restore` say.
    """
    rest = rest or Rest()
    optimiser = optimiser_of(learned, recipe)
    torch.manual_seed(recipe.seed)
    state = checkpoint.restore(folder, learned, optimiser, run=run, extra=rest.extra) or State(budget=recipe.budget)
    model.train()
    begun = clock() - state.seconds
    ended = state.step >= recipe.steps or _is_over(state, recipe)
    while not ended:
        told = _step(model, optimiser, material, recipe, state, rest)
        state.step += 1
        state.budget, state.learned, state.places = (
            told.budget,
            state.learned + told.learned,
            state.places + told.places,
        )
        if rest.after:
            rest.after(state.step)
        _move_average(state, learned, recipe.average)
        ended = state.step == recipe.steps
        looks = ended or (recipe.look > 0 and state.step % recipe.look == 0)
        held = _look(model, learned, material, state, recipe) if looks else None
        ended = ended or _is_over(state, recipe)
        rate = recipe.rate_at(state.step - 1)
        state.curve.append([float(state.step), told.loss, held, rate])
        state.seconds = clock() - begun
        tracker.log(state.step, _told(told, held, rate, state))
        if progress:
            progress(state.step / recipe.steps, _sentence(told, held, state, recipe))
        if looks or (recipe.save and state.step % recipe.save == 0):
            checkpoint.save(folder, state, learned, optimiser, run=run, extra=rest.extra)
    early = state.step < recipe.steps
    put(learned, state.weights)
    return Fitted(state.best, state.best_step, state.step, early, state)


def optimiser_of(learned: Mapping[str, Any], recipe: Recipe) -> Any:
    """Return AdamW on the weights; only matrices decay."""
    matrices = [weight for weight in learned.values() if weight.dim() > 1]
    others = [weight for weight in learned.values() if weight.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": recipe.decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]], lr=recipe.rate, betas=(0.9, 0.95))


def put(learned: Mapping[str, Any], weights: Mapping[str, Any]) -> None:
    """Give weights the numbers of others by name."""
    with torch.no_grad():
        for name, values in weights.items():
            learned[name].copy_(values)


def _step(model: Any, optimiser: Any, material: Material, recipe: Recipe, state: State, rest: Rest) -> step.Told:
    for group in optimiser.param_groups:
        group["lr"] = recipe.rate_at(state.step)
    if rest.take:
        return rest.take(optimiser, state.step, state.budget)
    return step.step(
        model,
        optimiser,
        partial(material.cut, state.step),
        budget=state.budget,
        clip=recipe.clip,
        autocast=partial(autocast, model, recipe),
        penalty=rest.penalty,
    )


def autocast(model: Any, recipe: Recipe) -> AbstractContextManager[Any]:
    """Return the context in which losses are computed: bfloat16 where the recipe asks for half precision."""
    device = next(model.parameters()).device.type
    return torch.autocast(device, torch.bfloat16) if recipe.half else nullcontext()


def _look(model: Any, learned: Mapping[str, Any], material: Material, state: State, recipe: Recipe) -> float | None:
    """Ask for the held-out loss of the weights (or of their average), and keep them if they are the best."""
    own = {name: weight.detach().clone() for name, weight in learned.items()}
    if state.average:
        put(learned, state.average)
    held: float | None = None
    batches: Sequence[Batch] = ()
    while True:
        try:
            batches = material.held(state.budget)
            if batches:
                with autocast(model, recipe):
                    held = held_out(model, batches)
            break
        except Exception as error:
            if not (isinstance(error, MemoryError) or out_of_memory(error)):
                raise
            state.budget = step.smaller(state.budget, error)
    if held is not None and held != held:
        raise TrainingError("not_a_number", "The held-out loss is not a number: take a smaller --rate.")
    if held is None or held < state.best:
        state.best, state.best_step, state.misses = (state.best if held is None else held), state.step, 0
        state.weights = {name: weight.detach().clone() for name, weight in learned.items()}
    else:
        state.misses += 1
    put(learned, own)
    return held


def _is_over(state: State, recipe: Recipe) -> bool:
    return bool(recipe.patience) and state.misses >= recipe.patience


def _move_average(state: State, learned: Mapping[str, Any], keep: float) -> None:
    """Move the average of the weights towards them; young averages move faster."""
    if not keep:
        return
    if not state.average:
        state.average = {name: weight.detach().clone() for name, weight in learned.items()}
    part = min(keep, (1 + state.step) / (10 + state.step))
    for name, weight in learned.items():
        state.average[name].lerp_(weight.detach(), 1 - part)


def _told(told: step.Told, held: float | None, rate: float, state: State) -> dict[str, float]:
    scalars = {"loss": told.loss, "norm": told.norm, "rate": rate, "tokens": float(state.places)}
    return scalars if held is None else {**scalars, "held_out": held}


def _sentence(told: step.Told, held: float | None, state: State, recipe: Recipe) -> str:
    speed = f", {state.places / state.seconds:.0f} tokens/s" if state.seconds else ""
    look = f", held out {held:.3f}" if held is not None else ""
    return f"step {state.step} of {recipe.steps}: loss {told.loss:.3f}{look}{speed}"
