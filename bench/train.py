"""Measures training: each method on a teacher's manner, our loop beside transformers.Trainer, packing, pre-training.

    python -m bench.train methods --model FOLDER    one table: held-out loss, what is learned, time, memory
    python -m bench.train speed --model FOLDER      tokens a second of our loop, packed and not, and of the Trainer
    python -m bench.train packing --model FOLDER    how many places packing saves, by counting
    python -m bench.train entropy                   a model trained from nothing on a source of known entropy

Everything is made by seeds. Seconds are those of the processor, since other programs may run besides. Each method and
each loop runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.manner import dialogues as manner
from bench.stats import table
from training.data.dialogue import Dialogue
from training.data.sources.records import dialogue
from training.data.split import split
from training.loop.batch import micro_batches
from training.loop.recipe import Recipe
from training.track.tracker import Lines
from training.tune.learn import Wanted, peak_memory, ready, tune
from training.tune.methods import METHODS, adapt
from training.tune.model import open_base

PERSONA: Final = "You are Nora Bell, a warm and lively teacher of physics."
WORDS: Final = 48  # of the source whose entropy is known
NEXT: Final = 6  # words that may follow each


def parts(count: int) -> tuple[list[Dialogue], list[Dialogue]]:
    """Return dialogues to learn and to hold out, parted by topic."""
    made = [dialogue(each, f"dialogue {number}") for number, each in enumerate(manner(count), start=1)]
    learned, held, _ = split(made, by="topic", share=0.1)
    return learned, held


def method(name: str, model: str, count: int, epochs: float, batch: int) -> dict[str, Any]:
    """Tune by one method and return what it came to."""
    learned, held = parts(count)
    base = open_base(model)
    wanted = Wanted(method=name, epochs=epochs, batch=batch, looks=2, patience=0)  # type: ignore[arg-type]
    plan = ready(base, learned, held, wanted, PERSONA)
    with TemporaryDirectory() as place:
        tracker = Lines(Path(place))
        outcome, _ = tune(base, plan, wanted, Path(place), tracker=tracker, clock=time.process_time)
        tracker.close()
    return outcome.told


def loop(kind: str, model: str, count: int, steps: int, batch: int) -> dict[str, Any]:
    """Run some steps of LoRA by our loop ("packed", "padded") or by "Trainer"; return tokens a second and memory.

    The first step, in which memory is taken and kernels are chosen, counts as well.

    Tokens are those of the dialogues, padding not counted: the same for everybody.
    """
    import torch

    learned, held = parts(count)
    base = open_base(model)
    recipe_of = Wanted(batch=batch, patience=0)
    plan = ready(base, learned, held, recipe_of, PERSONA)
    made = plan.learned.examples[: steps * batch]
    tokens = sum(len(each.ids) for each in made)
    torch.manual_seed(0)
    adapted = adapt(base, "lora")
    parts_of = [made[at : at + batch] for at in range(0, len(made), batch)]
    if kind == "Trainer":
        seconds, loss = _trainer(adapted.model, parts_of, base)
    else:
        seconds, loss = _ours(adapted.model, parts_of, kind == "packed", plan.recipe.rate)
    return {
        "loop": kind,
        "tokens": tokens,
        "seconds": seconds,
        "tokens/s": tokens / seconds,
        "peak": peak_memory(),
        "loss": loss,
    }


def _ours(model: Any, parts_of: Sequence[Any], packing: bool, rate: float) -> tuple[float, float]:
    import torch

    from training.loop.step import step

    optimiser = torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], lr=rate)
    model.train()
    begun, loss = time.process_time(), 0.0
    for examples in parts_of:
        told = step(
            model,
            optimiser,
            lambda budget, part=examples: micro_batches(part, budget, packing=packing),  # type: ignore[misc]
            budget=2048,
        )
        loss = told.loss
    return time.process_time() - begun, loss


def _trainer(model: Any, parts_of: Sequence[Any], base: Any) -> tuple[float, float]:
    import torch
    from transformers import Trainer, TrainingArguments

    rows = [
        {"ids": each.ids, "labels": [token if on else -100 for token, on in zip(each.ids, each.learn, strict=True)]}
        for examples in parts_of
        for each in examples
    ]

    def collate(chosen: list[dict[str, Any]]) -> dict[str, Any]:
        width = max(len(each["ids"]) for each in chosen)
        pad = int(base.tokenizer.pad_token_id or 0)
        return {
            "input_ids": torch.tensor([[*each["ids"], *[pad] * (width - len(each["ids"]))] for each in chosen]),
            "attention_mask": torch.tensor([[1] * len(x["ids"]) + [0] * (width - len(x["ids"])) for x in chosen]),
            "labels": torch.tensor([[*each["labels"], *[-100] * (width - len(each["labels"]))] for each in chosen]),
        }

    with TemporaryDirectory() as place:
        settings = TrainingArguments(
            output_dir=place,
            per_device_train_batch_size=len(parts_of[0]),
            max_steps=len(parts_of),
            report_to=[],
            save_strategy="no",
            logging_steps=1,
            disable_tqdm=True,
            use_cpu=not torch.cuda.is_available(),
            remove_unused_columns=False,
            dataloader_pin_memory=False,
        )
        trainer: Any = Trainer(model=model, args=settings, train_dataset=rows, data_collator=collate)
        begun = time.process_time()
        trainer.train()
        taken = time.process_time() - begun
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    return taken, float(losses[-1])


def packing(model: str, count: int, batch: int) -> list[tuple[str, int, int, int]]:
    """Count the places that an epoch computes in padded and in packed rows for each persona, and tokens learned."""
    from transformers import AutoTokenizer, GenerationConfig

    from engines.dialogue.transformers.template import template_of
    from engines.identity import load_identity, shipped
    from training.tune.persona import system_of
    from training.tune.tokens import examples

    template = template_of(AutoTokenizer.from_pretrained(model), GenerationConfig.from_pretrained(model))
    identity = load_identity(shipped()["teacher"])
    rows = []
    for kind in ("none", "short", "served"):
        made = examples(parts(count)[0], template, system=system_of(identity, kind), longest=2048).examples
        groups = [made[at : at + batch] for at in range(0, len(made), batch)]
        places = [
            sum(each.tokens for group in groups for each in micro_batches(group, 4096, packing=on))
            for on in (False, True)
        ]
        rows.append((kind, places[0], places[1], sum(each.learned for each in made)))
    return rows


# ------------------------------------------------------------------------------------------------ known entropy


class Source:
    """Writes words each of which is drawn by the one before: its entropy is known exactly."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)
        syllables = [a + b for a in "bdfgklmnprst" for b in "aeio"]
        self._words = ["".join(self._random.sample(syllables, 2)) for _ in range(WORDS)]
        self._odds = []
        for _ in range(WORDS):
            chosen = self._random.sample(range(WORDS), NEXT)
            weights = [self._random.random() ** 2 + 0.05 for _ in chosen]
            self._odds.append((chosen, [each / sum(weights) for each in weights]))

    def entropy(self) -> float:
        """Return the entropy of a word, in nats, by the chain's own balance of words."""
        share = [1 / WORDS] * WORDS
        for _ in range(500):
            new = [0.0] * WORDS
            for at, (chosen, odds) in enumerate(self._odds):
                for word, odd in zip(chosen, odds, strict=True):
                    new[word] += share[at] * odd
            share = [(a + b) / 2 for a, b in zip(new, share, strict=True)]
        return sum(share[at] * -sum(odd * math.log(odd) for odd in odds) for at, (_, odds) in enumerate(self._odds))

    def text(self, words: int) -> str:
        """Return so many words, parted by blanks."""
        at, made = 0, []
        for _ in range(words):
            chosen, odds = self._odds[at]
            at = self._random.choices(chosen, odds)[0]
            made.append(self._words[at])
        return " ".join(made)


def entropy(width: int, layers: int, steps: int) -> dict[str, Any]:
    """Pre-train on the source and compare the held-out loss of a word with its entropy."""
    from training.pretrain.learn import Wanted as Text
    from training.pretrain.learn import pretrain
    from training.pretrain.models import Size

    source = Source()
    with TemporaryDirectory() as place:
        corpus = Path(place) / "corpus.txt"
        corpus.write_text("\n\n".join(source.text(400) for _ in range(500)), encoding="utf-8")
        tracker = Lines(Path(place) / "run")
        wanted = Text(size=Size(width, layers), vocabulary=400, width=64, share=0.05)
        recipe = Recipe(steps=steps, batch=32, budget=4096, rate=3e-3, decay=0.1, look=max(1, steps // 6))
        told = pretrain([corpus], wanted, recipe, Path(place) / "run", tracker=tracker, clock=time.process_time)
        tracker.close()
    words = 500 * 400 * told.held / (told.learned + told.held)  # of the held-out documents, all of which are as long
    loss = told.after * told.held / words
    known = source.entropy()
    return {
        "weights": told.weights,
        "steps": told.steps,
        "seconds": told.seconds,
        "loss of a word": loss,
        "entropy of a word": known,
        "above it": loss / known - 1,
    }


# ------------------------------------------------------------------------------------------------ the command


def _apart(*given: str) -> dict[str, Any]:
    """Run a part of this in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.train", *given], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is asked for, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("methods", "speed", "packing", "entropy", "method", "loop"))
    parser.add_argument("names", nargs="*", help="methods or loops")
    parser.add_argument("--model", default="")
    parser.add_argument("--dialogues", type=int, default=300)
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=4)
    options = parser.parse_args(argv)
    more = ["--model", options.model, "--dialogues", str(options.dialogues), "--batch", str(options.batch)]
    rows: list[tuple[str, ...]] = []
    match options.what:
        case "method":
            print(json.dumps(method(options.names[0], options.model, options.dialogues, options.epochs, options.batch)))
        case "loop":
            print(json.dumps(loop(options.names[0], options.model, options.dialogues, options.steps, options.batch)))
        case "methods":
            for name in options.names or METHODS:
                told = _apart("method", name, *more, "--epochs", str(options.epochs))
                share = f"{told['trainable']:,} ({100 * told['trainable'] / told['whole']:.2f} %)"
                loss = f"{told['before']:.3f} -> {told['after']:.3f}", f"{told['reloaded']:.3f}"
                rows.append((name, *loss, share, f"{told['seconds']:.0f}", f"{told['peak'] / 2**20:.0f}"))
                print(json.dumps(told), file=sys.stderr, flush=True)
            print(table(("method", "held-out loss", "reloaded", "learned", "s", "MiB"), rows))
        case "speed":
            for name in options.names or ("packed", "padded", "Trainer"):
                told = _apart("loop", name, *more, "--steps", str(options.steps))
                rows.append((name, f"{told['tokens/s']:.1f}", f"{told['peak'] / 2**20:.0f}", f"{told['loss']:.3f}"))
                print(json.dumps(told), file=sys.stderr, flush=True)
            print(table(("loop", "tokens/s", "MiB", "last loss"), rows))
        case "packing":
            found = packing(options.model, options.dialogues, options.batch)
            rows += [
                (name, *(f"{each:,}" for each in counts), f"{counts[0] / counts[1]:.2f}") for name, *counts in found
            ]
            print(table(("persona", "padded places", "packed places", "learned", "fewer by"), rows))
        case _:
            told = entropy(options.width, options.layers, options.steps)
            print(table(tuple(told), [tuple(f"{value:.4g}" for value in told.values())]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
