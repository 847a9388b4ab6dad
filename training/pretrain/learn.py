"""Trains a base model from text, and saves it in the layout that the hub and the live server know."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch

from training.errors import TrainingError
from training.loop.losses import held_out
from training.loop.recipe import Recipe
from training.loop.run import fit, put
from training.pretrain import tokens
from training.pretrain.material import Goal, Windows
from training.pretrain.models import Kind, Size, make
from training.pretrain.texts import documents, parted
from training.track.tracker import Tracker

CHARACTERS: Final = 20_000_000  # that a tokenizer is trained on, at most
MODEL: Final = "model"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be trained, and how; `width` tokens are seen at once."""

    kind: Kind = "llama"
    size: Size = field(default_factory=lambda: Size(320, 8))
    vocabulary: int = 8192
    width: int = 256
    share: float = 0.05
    checkpointing: bool = False
    device: str = "cpu"

    @property
    def goal(self) -> Goal:
        """Return what is learned."""
        return "masked" if self.kind == "bert" else "causal"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What pre-training came to: held-out loss in nats a token at the beginning and in the end."""

    before: float
    after: float
    perplexity: float
    weights: int
    learned: int
    held: int
    steps: int
    seconds: float
    places: int


def pretrain(
    files: Sequence[Path],
    wanted: Wanted,
    recipe: Recipe,
    folder: Path,
    *,
    tracker: Tracker,
    clock: Callable[[], float],
    progress: Callable[[float, str], None] | None = None,
) -> Outcome:
    """Train on files into `folder`: tokenizer and tokens, then checkpoints, then folder/model.

    What is there of an earlier, killed run is used: the same files, settings and seed come to the same numbers.
    TrainingError `too_little` when the texts fill not even one window.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer, counts = _prepared(files, wanted, recipe.seed, folder)
    kind = tokens.kind_of(tokenizer)
    learned, held = tokens.opened(folder / "learned.bin", kind), tokens.opened(folder / "held.bin", kind)
    for name, part in (("to learn from", learned), ("held out", held)):
        if len(part) < wanted.width + 2:
            raise TrainingError(
                "too_little",
                f"There are {len(part)} tokens {name}, fewer than one window of {wanted.width}: give more text, or a "
                "smaller --window.",
            )
    torch.manual_seed(recipe.seed)
    model: Any = make(wanted.kind, wanted.size, tokenizer, max(1024, 4 * wanted.width)).to(wanted.device)
    if wanted.checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    mask = tokenizer.mask_token_id or 0
    material = Windows(learned, held, recipe, wanted.width, wanted.goal, mask, len(tokenizer), wanted.device)
    before = held_out(model, material.held(recipe.budget))
    weights = dict(model.named_parameters())
    run = hashlib.sha256(
        json.dumps([asdict(wanted), asdict(recipe), counts], sort_keys=True, default=str).encode()
    ).hexdigest()
    fitted = fit(
        model, weights, material, recipe, folder=folder, run=run, tracker=tracker, clock=clock, progress=progress
    )
    put(weights, fitted.state.weights)
    after = held_out(model, material.held(recipe.budget))
    model.save_pretrained(folder / MODEL)
    tokenizer.save_pretrained(folder / MODEL)
    size = sum(weight.numel() for weight in model.parameters())
    return Outcome(
        before,
        after,
        math.exp(min(20.0, after)),
        size,
        *counts,
        fitted.steps,
        fitted.state.seconds,
        fitted.state.places,
    )


def _prepared(files: Sequence[Path], wanted: Wanted, seed: int, folder: Path) -> tuple[Any, tuple[int, int]]:
    """Return the tokenizer and how many tokens there are, made now unless they are there of the same files."""
    from transformers import AutoTokenizer

    key = {
        "files": [hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "" for file in files],
        "vocabulary": wanted.vocabulary,
        "share": wanted.share,
        "seed": seed,
    }
    note = folder / "tokens.json"
    if note.is_file():
        told = json.loads(note.read_text(encoding="utf-8"))
        if told["of"] == key:
            return AutoTokenizer.from_pretrained(folder / "tokenizer"), (told["learned"], told["held"])
        raise TrainingError("exists", f"{folder} holds tokens of other texts or settings: name another folder.")
    tokenizer = tokens.train_tokenizer(tokens.lines_of(documents(files), CHARACTERS), wanted.vocabulary)
    tokenizer.save_pretrained(folder / "tokenizer")
    counts = tokens.write(
        parted(documents(files), wanted.share, seed), tokenizer, folder / "learned.bin", folder / "held.bin"
    )
    note.write_text(json.dumps({"of": key, "learned": counts[0], "held": counts[1]}), encoding="utf-8")
    return tokenizer, counts
