"""Teaches an identity what people preferred."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engines.identity import load_identity, shipped
from studio.commit import apply
from studio.stage import Wish
from training.command.cli import Context
from training.errors import TrainingError
from training.track import folder, report
from training.tune.model import open_base
from training.tune.persona import system_of
from training.tune.prefer import Recipe, from_file, from_queue, margins, prefer
from training.tune.stage import FILES, PLACE, Tuned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("identity", metavar="IDENTITY", help="the person's folder")
    parser.add_argument(
        "pairs", type=Path, metavar="PAIRS", help="JSON lines of prompt, chosen, rejected; or a review queue"
    )
    parser.add_argument("--model", required=True, metavar="FOLDER", help="the language model that is tuned")
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="of this run (default: runs/IDENTITY-prefer)")
    parser.add_argument("--persona", default="served", choices=("served", "short", "none"), help="what goes before")
    parser.add_argument("--epochs", type=float, default=2.0, help="times through the pairs (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=5e-5, help="size of a step (default: %(default)s)")
    parser.add_argument("--beta", type=float, default=0.1, help="how far it may go: larger is less far")
    parser.add_argument("--rank", type=int, default=16, help="of a new adapter (default: %(default)s)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same (default: %(default)s)")


def run(options: argparse.Namespace, context: Context) -> None:
    """Train on every pair but each tenth, which is held out, and put the adapter into the identity."""
    person = shipped().get(options.identity, Path(options.identity))
    identity = load_identity(person)
    pairs = from_queue(options.pairs) if options.pairs.is_dir() else from_file(options.pairs)
    learned, held = [each for i, each in enumerate(pairs) if i % 10], pairs[::10]
    if len(learned) < 2:
        raise TrainingError(
            "too_little",
            f"There are {len(pairs)} pairs in {options.pairs}: three are the least, and some hundred show something. A "
            "review queue gives one for each decided flag, if it keeps words (guard.words).",
        )
    base = open_base(options.model, device=options.device)
    system = system_of(identity, options.persona)
    own = person / PLACE
    adapter = own if (own / FILES[0]).is_file() else None
    place = options.run or Path("runs") / f"{Path(options.identity).resolve().name}-prefer"
    recipe = Recipe(epochs=options.epochs, rate=options.rate, beta=options.beta, rank=options.rank, seed=options.seed)
    context.out.progress(0.0, f"{len(learned)} pairs")
    before = _won(margins(_begun(base, adapter), base, held, system))
    fresh = open_base(options.model, device=options.device)
    model = prefer(fresh, learned, recipe, system, adapter, place / "adapter")
    after = _won(margins(model, fresh, held, system))
    told: dict[str, Any] = {
        "pairs": len(learned),
        "held out": len(held),
        "preferred before": before,
        "preferred after": after,
        "began with": "the identity's adapter" if adapter else "a new adapter",
    }
    config = {**asdict(recipe), "model": options.model, "persona": options.persona}
    folder.write(place, {"kind": "prefer", "config": config, "environment": folder.environment(), "outcome": told})
    sentence = (
        f"of {len(held)} held-out pairs the wanted answer is the likelier one in {before:.0%} before, {after:.0%} after"
    )
    parts = [("What it came to", report.facts(told)), ("Settings", report.facts(config))]
    (place / "report.html").write_text(
        report.page(f"{identity.name}, by preference", sentence, parts), encoding="utf-8"
    )
    if options.identity in shipped() or not person.is_dir():
        context.out.done(told, f"{sentence}\nadapter: {place / 'adapter'}")
        return
    facts = {
        "adapter": {
            "method": "lora",
            "base": base.digest(),
            "model": Path(options.model).name,
            "preferences": len(learned),
        }
    }
    apply(
        Tuned(place / "adapter", told, facts),
        person,
        Wish(seed=options.seed),
        context.out.progress,
        created=context.created,
    )
    context.out.done(told, f"{sentence}\nthe adapter is in {person}")


def _begun(base: Any, adapter: Path | None) -> Any:
    """Return the model as it answers today."""
    if adapter is None:
        return base.model
    from training.tune.saving import reopen

    return reopen(base, adapter)


def _won(found: list[float]) -> float:
    return sum(each > 0 for each in found) / max(1, len(found))
