"""Trains a base model from text."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engines.dialogue.transformers.loading import choose_device
from training.command.cli import Context
from training.errors import TrainingError
from training.loop import checkpoint
from training.loop.recipe import Recipe
from training.pretrain.learn import MODEL, Wanted, pretrain
from training.pretrain.models import SIZES, Size
from training.track import curves, folder, report, tracker


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="texts, or JSON lines with a text each")
    parser.add_argument("--run", type=Path, required=True, metavar="FOLDER", help="of this run; the model goes there")
    parser.add_argument("--kind", default="llama", choices=("llama", "qwen", "bert"), help="(default: %(default)s)")
    parser.add_argument("--size", default="tiny", choices=tuple(SIZES), help="(default: %(default)s)")
    parser.add_argument("--width", type=int, default=0, help="of the hidden states, instead of the size's")
    parser.add_argument("--layers", type=int, default=0, help="blocks, instead of the size's")
    parser.add_argument("--vocabulary", type=int, default=8192, help="tokens (default: %(default)s)")
    parser.add_argument("--window", type=int, default=256, help="tokens seen at once (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=1000, help="(default: %(default)s)")
    parser.add_argument("--batch", type=int, default=16, help="windows a step (default: %(default)s)")
    parser.add_argument("--budget", type=int, default=8192, help="tokens computed at once (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=3e-3, help="size of a step (default: %(default)s)")
    parser.add_argument("--decay", type=float, default=0.1, help="of the weights (default: %(default)s)")
    parser.add_argument("--average", type=float, default=0.0, metavar="KEEP", help="0.999 keeps a moving average")
    parser.add_argument("--look", type=int, default=100, help="steps between two looks at what is held out")
    parser.add_argument("--share", type=float, default=0.05, help="part that is held out (default: %(default)s)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps")
    parser.add_argument("--precision", default="float32", choices=("float32", "bfloat16"), help="of the numbers")
    parser.add_argument("--checkpointing", action="store_true", help="half the memory for a third more time")
    parser.add_argument("--track", nargs="+", default=[], metavar="TOOL", help="tensorboard, wandb, trackio: besides")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same (default: %(default)s)")


def run(options: argparse.Namespace, context: Context) -> None:
    """Train, and write the run's page."""
    size = SIZES[options.size]
    wanted = Wanted(
        kind=options.kind,
        size=Size(options.width or size.width, options.layers or size.layers),
        vocabulary=options.vocabulary,
        width=options.window,
        share=options.share,
        checkpointing=options.checkpointing,
        device=str(choose_device(options.device)),
    )
    if not 0 < options.share < 1 or options.window < 2:
        raise TrainingError("bad_recipe", "--share must lie between 0 and 1, and --window be at least 2.")
    recipe = Recipe(
        steps=options.steps,
        batch=options.batch,
        budget=options.budget,
        rate=options.rate,
        decay=options.decay,
        look=options.look,
        seed=options.seed,
        half=options.precision == "bfloat16",
        average=options.average,
    )
    config = {**asdict(wanted), "recipe": asdict(recipe), "files": [str(file) for file in options.files]}
    told: dict[str, Any] = {"kind": "pretrain", "config": config, "environment": folder.environment()}
    folder.write(options.run, told)
    tracked = tracker.open_tracker(options.run, options.track, after=checkpoint.reached(options.run), config=config)
    try:
        outcome = pretrain(
            options.files,
            wanted,
            recipe,
            options.run,
            tracker=tracked,
            clock=context.clock,
            progress=context.out.progress,
        )
        png = curves.draw({options.run.name: tracker.read(options.run)})
        tracked.picture("curve", png)
    finally:
        tracked.close()
    folder.write(options.run, {**told, "outcome": asdict(outcome)})
    sentence = (
        f"{outcome.weights / 1e6:.2f} million weights: held-out loss {outcome.before:.3f} before, {outcome.after:.3f} "
        f"after (nats a token, perplexity {outcome.perplexity:.2f}), {outcome.steps} steps in {outcome.seconds:.0f} s"
    )
    page = report.page(
        f"{options.run.name}: a base model",
        sentence,
        [
            ("Curves", report.picture(png, "loss and held-out loss over the steps")),
            ("What it came to", report.facts(asdict(outcome))),
            ("Settings", report.facts(config)),
            ("Environment", report.facts(told["environment"])),
        ],
    )
    (options.run / "report.html").write_text(page, encoding="utf-8")
    context.out.done(
        {**asdict(outcome), "model": str(options.run / MODEL)}, f"{sentence}\nmodel: {options.run / MODEL}"
    )
