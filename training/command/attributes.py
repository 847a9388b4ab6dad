"""Trains a head that reads attributes out of descriptions, or asks one."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.extract.head import read
from training.command.cli import Context
from training.errors import TrainingError
from training.tune.attributes import train


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument(
        "--model", type=Path, required=True, metavar="FOLDER", help="a BERT-class model, or a trained head"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="train, and put the head there")
    parser.add_argument("--read", metavar="TEXT", help="read the attributes of a description with a trained head")
    parser.add_argument("--steps", type=int, default=200, help="(default: %(default)s)")
    parser.add_argument("--batch", type=int, default=16, help="descriptions a step (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=1e-3, help="size of a step (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same (default: %(default)s)")


def run(options: argparse.Namespace, context: Context) -> None:
    """Train or read."""
    if not (options.model / "config.json").is_file():
        raise TrainingError("bad_model", f"There is no model folder at {options.model}.")
    if options.read is not None:
        found = read(options.model, options.read)
        lines = "\n".join(f"{kind}: {', '.join(words)}" for kind, words in found.items())
        context.out.done({kind: [*words] for kind, words in found.items()}, lines or "no attributes")
        return
    if options.out is None:
        raise TrainingError("bad_recipe", "say where the head goes with --out, or what to read with --read")
    told = train(
        options.model, options.out, steps=options.steps, batch=options.batch, rate=options.rate, seed=options.seed
    )
    sentence = (
        f"on sentences of other forms {told['accuracy']:.1%} of the words are labelled rightly, F1 {told['f1']:.3f}"
    )
    context.out.done({**told, "head": str(options.out)}, f"{sentence}\nhead: {options.out}")
