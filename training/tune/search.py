"""A small search for the rate and the rank, by the held-out loss of short runs (optuna's TPE, Bergstra et al. 2011)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from training.errors import TrainingError
from training.track.tracker import Lines
from training.tune.learn import Ready, Wanted, tune
from training.tune.methods import rate_of
from training.tune.model import BaseModel

RANKS: Final = (4, 8, 16, 32)
SPAN: Final = 5.0  # how far from the usual rate is looked, as a factor


@dataclass(frozen=True, slots=True)
class Trial:
    """One try: its rate and rank, and the held-out loss that it came to, None where it came to no number."""

    rate: float
    rank: int
    loss: float | None


def search(
    fresh: Callable[[], BaseModel],
    plan: Callable[[BaseModel, Wanted], Ready],
    wanted: Wanted,
    *,
    trials: int,
    clock: Callable[[], float],
    progress: Callable[[float, str], None] | None = None,
) -> tuple[Wanted, list[Trial]]:
    """Return the wish with the best rate and rank of `trials` runs of one epoch each, and all of them."""
    optuna: Any = _optuna()
    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=wanted.seed))
    tried: list[Trial] = []

    def judge(trial: Any) -> float:
        base = fresh()
        usual = rate_of(wanted.method, base.width)
        chosen = replace(
            wanted,
            rate=trial.suggest_float("rate", usual / SPAN, usual * SPAN, log=True),
            shape=replace(wanted.shape, rank=trial.suggest_categorical("rank", RANKS)),
            epochs=min(1.0, wanted.epochs),
            patience=0,
        )
        if progress:
            progress(len(tried) / trials, f"trial {len(tried) + 1}: rate {chosen.rate:.2g}, rank {chosen.shape.rank}")
        loss: float | None = None
        with TemporaryDirectory() as place:
            tracker = Lines(Path(place))
            try:
                outcome, _ = tune(base, plan(base, chosen), chosen, Path(place), tracker=tracker, clock=clock)
                loss = outcome.after
            except TrainingError as error:
                if error.code != "not_a_number":
                    raise
            finally:
                tracker.close()
        tried.append(Trial(chosen.rate, chosen.shape.rank, loss))
        if loss is None:
            raise optuna.TrialPruned
        return loss

    study.enqueue_trial({"rate": rate_of(wanted.method, fresh().width), "rank": wanted.shape.rank}, skip_if_exists=True)
    study.optimize(judge, n_trials=trials)
    if all(each.loss is None for each in tried):
        raise TrainingError("not_a_number", "No trial came to a number: the data or the model is at fault.")
    best = min((each for each in tried if each.loss is not None), key=lambda each: each.loss or 0.0)
    return replace(wanted, rate=best.rate, shape=replace(wanted.shape, rank=best.rank)), tried


def _optuna() -> Any:
    try:
        found: Any = import_module("optuna")
    except ImportError as error:
        raise TrainingError("missing_package", "--search needs optuna: pip install optuna") from error
    found.logging.set_verbosity(found.logging.WARNING)
    return found
