"""A run as a file, whole or not at all, from which it goes on to the same numbers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch

from training.errors import TrainingError

FILE: Final = "checkpoint.pt"
VERSION: Final = 1


@dataclass(slots=True)
class State:
    """Where a run is: steps taken, the budget of a part, the best held-out loss with its weights, and the curves.

    `misses` counts looks since the best; `curve` has [step, loss, held-out loss or None, rate] rows.
    """

    step: int = 0
    budget: int = 0
    best: float = float("inf")
    best_step: int = 0
    misses: int = 0
    weights: dict[str, Any] = field(default_factory=dict)
    average: dict[str, Any] = field(default_factory=dict)
    curve: list[list[float | None]] = field(default_factory=list)
    learned: int = 0
    places: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Extra:
    """What a method keeps besides weights, as a mapping of tensors and numbers: how it is read, and put back."""

    read: Callable[[], Mapping[str, Any]]
    write: Callable[[Mapping[str, Any]], None]


def save(
    folder: Path, state: State, learned: Mapping[str, Any], optimiser: Any, *, run: str, extra: Extra | None = None
) -> None:
    """Write everything that the next step depends on; `run` is a digest of recipe, data and model."""
    folder.mkdir(parents=True, exist_ok=True)
    held = {
        "version": VERSION,
        "run": run,
        "state": {name: getattr(state, name) for name in State.__slots__},
        "learned": {name: weight.detach() for name, weight in learned.items()},
        "optimiser": optimiser.state_dict(),
        "chance": torch.get_rng_state(),
        "chance_cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "extra": dict(extra.read()) if extra else {},
    }
    beside = folder / f"{FILE}.new"
    with beside.open("wb") as out:
        torch.save(held, out)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(folder / FILE)


def restore(
    folder: Path, learned: Mapping[str, Any], optimiser: Any, *, run: str, extra: Extra | None = None
) -> State | None:
    """Put a saved run back into weights, optimiser and chance; None when there is none.

    TrainingError `bad_checkpoint` when it is damaged, or of another recipe, other data or another model.
    """
    file = folder / FILE
    if not file.is_file():
        return None
    try:
        held = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch, zipfile and pickle each raise their own
        raise TrainingError("bad_checkpoint", f"{file} is damaged: delete it to begin anew.") from error
    if held.get("version") != VERSION or held.get("run") != run:
        raise TrainingError(
            "bad_checkpoint",
            f"{file} is of another run (other settings, data or model): take another run folder, or delete it.",
        )
    with torch.no_grad():
        for name, weight in held["learned"].items():
            learned[name].copy_(weight)
    optimiser.load_state_dict(held["optimiser"])
    torch.set_rng_state(held["chance"])
    if held["chance_cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(held["chance_cuda"])
    if extra:
        extra.write(held["extra"])
    return State(**held["state"])


def reached(folder: Path) -> int:
    """Return the step that a run's checkpoint holds, 0 where there is none or it is damaged."""
    try:
        return int(torch.load(folder / FILE, map_location="cpu", weights_only=True)["state"]["step"])
    except Exception:  # `restore` says what is wrong with it
        return 0
