"""Tunes a base model on dialogues by one method, and proves that what was saved is what was trained."""

from __future__ import annotations

import hashlib
import json
import math
import resource
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import torch

from training.data.dialogue import Dialogue, digest
from training.errors import TrainingError
from training.loop.losses import held_out
from training.loop.recipe import Recipe, Schedule
from training.loop.run import Fitted, Rest, autocast, fit
from training.private import wish
from training.private.accountant import PrivacyError
from training.private.tuning import Private
from training.private.wish import Privacy
from training.track.tracker import Tracker
from training.tune import saving
from training.tune.material import Examples
from training.tune.methods import Adapted, Method, Shape, adapt, rate_of, state_of
from training.tune.model import BaseModel
from training.tune.tokens import Example, Written, examples

FEW: Final = 8  # dialogues to learn from, below which a manner cannot be told from its words
NEAR: Final = 2e-3  # nats by which the saved adapter's held-out loss may differ from that in training


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a model is to be tuned. `rate` 0 takes the method's usual one; `looks` is how often an epoch looks at the
    held-out part; after `patience` looks without a better loss it ends. With `privacy` it takes all steps that were
    promised, and looks at their end alone.
    """

    method: Method = "lora"
    shape: Shape = field(default_factory=Shape)
    epochs: float = 3.0
    batch: int = 16
    rate: float = 0.0
    schedule: Schedule = "cosine"
    budget: int = 2048
    longest: int = 1024
    looks: int = 2
    patience: int = 3
    seed: int = 0
    packing: bool = True
    half: bool = False
    checkpointing: bool = False
    privacy: Privacy | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tuning came to: held-out loss before and after in nats a token, and what it took.

    `reloaded` is the held-out loss of the saved files in a fresh model, None where there was no fresh model.
    """

    method: Method
    before: float
    after: float
    reloaded: float | None
    trainable: int
    whole: int
    steps: int
    best_step: int
    early: bool
    seconds: float
    tokens: int
    peak: int
    left_out: int
    base: str
    promise: Mapping[str, Any] | None = None

    @property
    def told(self) -> dict[str, Any]:
        """Return it as JSON has it, with the perplexities."""
        return {**asdict(self), "perplexity": [round(math.exp(min(20, x)), 3) for x in (self.before, self.after)]}


@dataclass(frozen=True, slots=True)
class Ready:
    """Examples to learn and to hold out, and the recipe that follows from their number."""

    learned: Written
    kept: Written
    recipe: Recipe
    private: wish.Kept | None = None


def ready(base: BaseModel, learned: Sequence[Dialogue], kept: Sequence[Dialogue], wanted: Wanted, system: str) -> Ready:
    """Write dialogues as examples and plan the run; TrainingError `too_little` for too few."""
    longest = min(wanted.longest, base.longest)
    written = examples(learned, base.template, system=system, longest=longest)
    if len(written.examples) < 2:
        raise TrainingError(
            "too_little",
            "There is one dialogue alone to learn from; a few hundred teach a manner, and eight the least.",
        )
    held = examples(kept, base.template, system=system, longest=longest)
    batch = min(wanted.batch, len(written.examples))
    epoch = max(1, len(written.examples) // batch)
    steps = max(1, round(wanted.epochs * epoch))
    recipe = Recipe(
        steps=steps,
        batch=batch,
        budget=wanted.budget,
        rate=wanted.rate or rate_of(wanted.method, base.width),
        schedule=wanted.schedule,
        look=max(1, epoch // max(1, wanted.looks)),
        patience=wanted.patience,
        seed=wanted.seed,
        packing=wanted.packing and wanted.method != "prefix",
        half=wanted.half,
    )
    private = None
    if wanted.privacy is not None:
        try:
            private = wish.kept(wanted.privacy, wanted.method, written.examples, wanted.epochs)
        except PrivacyError as error:
            raise TrainingError(error.code, error.message) from error
        recipe = replace(recipe, steps=private.promise.steps, look=0, patience=0)
    return Ready(written, held, recipe, private)


def tune(
    base: BaseModel,
    plan: Ready,
    wanted: Wanted,
    folder: Path,
    *,
    tracker: Tracker,
    clock: Callable[[], float],
    fresh: Callable[[], BaseModel] | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> tuple[Outcome, Adapted]:
    """Tune `base`, going on from a checkpoint in `folder`, and write the best adapter to folder/adapter.

    `fresh` loads the base anew; what was saved is put on it, and its held-out loss must be that of training, or
    TrainingError `bad_model`.
    """
    whole = sum(weight.numel() for weight in base.model.parameters())
    material = _material(plan, plan.recipe, base)
    before = held_out(base.model, material.held(plan.recipe.budget))
    torch.manual_seed(plan.recipe.seed)
    name = base.digest()
    adapted = adapt(base, wanted.method, wanted.shape, steps=plan.recipe.steps)
    if wanted.checkpointing:
        _checkpointing(adapted.model)
    fitted = fit(
        adapted.model,
        dict(adapted.learned),
        material,
        plan.recipe,
        folder=folder,
        run=run_digest(plan, wanted, name),
        tracker=tracker,
        clock=clock,
        rest=Rest(adapted.after, adapted.penalty, state_of(adapted), _take(plan, wanted, adapted, base)),
        progress=progress,
    )
    saving.save(adapted, base, folder / "adapter", wanted.shape)
    after = held_out(adapted.model, material.held(fitted.state.budget))
    reloaded = _reloaded(fresh, folder / "adapter", wanted, plan, after) if fresh else None
    return _outcome(wanted, plan, fitted, adapted, before, after, reloaded, whole, name), adapted


def _take(plan: Ready, wanted: Wanted, adapted: Adapted, base: BaseModel) -> Callable[[Any, int, int], Any] | None:
    """Return what takes private steps, None when nothing is private."""
    if plan.private is None or wanted.privacy is None:
        return None
    return Private(
        adapted.model,
        plan.private.persons,
        plan.private.promise,
        wanted.privacy.seed,
        packing=plan.recipe.packing,
        pad=int(base.tokenizer.pad_token_id or 0),
        autocast=lambda: autocast(adapted.model, plan.recipe),
    ).take


def run_digest(plan: Ready, wanted: Wanted, base: str) -> str:
    """Return the SHA-256 of everything that decides the numbers of a run."""
    told = json.dumps([asdict(wanted), asdict(plan.recipe), base], sort_keys=True)
    made = hashlib.sha256(told.encode())
    for each in (*plan.learned.examples, *plan.kept.examples):
        made.update(repr((each.ids, each.learn)).encode())
    return made.hexdigest()


def data_digest(learned: Sequence[Dialogue], kept: Sequence[Dialogue]) -> Mapping[str, str]:
    """Return the digests of both parts."""
    return {"learned": digest(learned), "held": digest(kept)}


def peak_memory() -> int:
    """Return the most memory that this process has used, in bytes: the GPU's if there is one."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _material(plan: Ready, recipe: Recipe, base: BaseModel) -> Examples:
    pad = int(base.tokenizer.pad_token_id or 0)
    return Examples(plan.learned.examples, plan.kept.examples, recipe, recipe.packing, pad, base.device)


def _reloaded(fresh: Callable[[], BaseModel], saved: Path, wanted: Wanted, plan: Ready, after: float) -> float:
    """Return the held-out loss of the saved files; an adapter that only looked fine is an error."""
    again = fresh()
    model = again.model if wanted.method != "full" else _whole(saved, again)
    if wanted.method != "full":
        model = saving.reopen(again, saved)
    kept: Sequence[Example] = plan.kept.examples
    material = replace(_material(plan, plan.recipe, again), kept=kept)
    loss = held_out(model, material.held(plan.recipe.budget))
    if not abs(loss - after) <= NEAR * max(1.0, after):
        raise TrainingError(
            "bad_model",
            f"The adapter in {saved} does not do what was trained: its held-out loss is {loss:.4f}, in training it was "
            f"{after:.4f}. It is not put into the identity.",
        )
    return loss


def _whole(saved: Path, again: BaseModel) -> Any:
    from training.tune.model import open_base

    return open_base(str(saved), device=str(again.device), plain_template=True).model


def _checkpointing(model: Any) -> None:
    """Compute the states of blocks again in the backward pass instead of keeping them."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    inner.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})


def _outcome(
    wanted: Wanted,
    plan: Ready,
    fitted: Fitted,
    adapted: Adapted,
    before: float,
    after: float,
    reloaded: float | None,
    whole: int,
    name: str,
) -> Outcome:
    return Outcome(
        wanted.method,
        before,
        after,
        reloaded,
        adapted.size,
        whole,
        fitted.steps,
        fitted.best_step,
        fitted.early,
        fitted.state.seconds,
        fitted.state.places,
        peak_memory(),
        plan.learned.left_out + plan.kept.left_out,
        name,
        plan.private.promise.facts() if plan.private else None,
    )
