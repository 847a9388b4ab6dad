"""Measures training: each method on a teacher's manner, our loop beside transformers.Trainer, packing, pre-training.

    python -m bench.train methods    one table: held-out loss, what is learned, time, memory; answers before and after
    python -m bench.train speed      tokens a second of our loop, packed and not, of the Trainer and of trl's
    python -m bench.train packing    how many places packing saves, by counting
    python -m bench.train entropy    a model trained from nothing on a source of known entropy
    python -m bench.train killed     such a run killed and gone on with, beside one that was left alone
    python -m bench.train noise      questions mistyped and said in noise to real ears, before and after tuning

The model is SmolLM2-135M-Instruct (testkit/real), or --model FOLDER. Everything is made by seeds. Seconds are those of
the processor, since other programs may run besides. Each method and each loop runs in a process of its own, so that its
peak of memory is its own. What a method came to is kept in --out, and a run that was broken off goes on there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bench import entropy, pace
from bench.kept import kept
from bench.manner import dialogues as manner
from bench.stats import table
from testkit.real.smollm2 import smollm2
from training.data.dialogue import Dialogue
from training.data.sources.records import dialogue
from training.data.split import split
from training.loop import checkpoint
from training.loop.batch import micro_batches
from training.pretrain.models import Size
from training.track import tracker
from training.tune.answering import ask, questions
from training.tune.learn import Wanted, ready, tune
from training.tune.methods import METHODS
from training.tune.model import open_base

PERSONA: Final = "You are Nora Bell, a warm and lively teacher of physics."
OUT: Final = Path("out/train")


def parts(count: int) -> tuple[list[Dialogue], list[Dialogue]]:
    """Return dialogues to learn and to hold out, parted by topic."""
    made = [dialogue(each, f"dialogue {number}") for number, each in enumerate(manner(count), start=1)]
    learned, held, _ = split(made, by="topic", share=0.1)
    return learned, held


def method(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Tune by one method and return what it came to; an adapter that the server can load answers five questions."""
    place = options.out / name
    learned, held = parts(options.dialogues)
    base = open_base(options.model)
    asked = questions("en") if name in options.answers else ()
    before = ask(base.model, base, asked, PERSONA)
    wanted = Wanted(method=name, epochs=options.epochs, batch=options.batch, looks=1, patience=0)  # type: ignore[arg-type]  # of `choices`
    plan = ready(base, learned, held, wanted, PERSONA)
    if name != "full":  # whose checkpoint is 2 GB
        plan = replace(plan, recipe=replace(plan.recipe, save=8))
    lines = tracker.open_tracker(place, after=checkpoint.reached(place))
    try:
        outcome, adapted = tune(
            base, plan, wanted, place, tracker=lines, clock=time.process_time,
            fresh=lambda: open_base(options.model),
        )  # fmt: skip
    finally:
        lines.close()
    after = ask(adapted.model, base, asked, PERSONA)
    return {**outcome.told, "answers": list(zip(asked, before, after, strict=True))}


def packing(options: argparse.Namespace) -> list[tuple[str, int, int, int]]:
    """Count the places that an epoch computes in padded and in packed rows for each persona, and tokens learned."""
    from transformers import AutoTokenizer, GenerationConfig

    from engines.dialogue.transformers.template import template_of
    from engines.identity import load_identity, shipped
    from training.tune.persona import system_of
    from training.tune.tokens import examples

    model, batch = options.model, options.batch
    template = template_of(AutoTokenizer.from_pretrained(model), GenerationConfig.from_pretrained(model))
    identity = load_identity(shipped()["teacher"])
    rows = []
    for kind in ("none", "short", "served"):
        system = system_of(identity, kind)
        made = examples(parts(options.dialogues)[0], template, system=system, longest=2048).examples
        groups = [made[at : at + batch] for at in range(0, len(made), batch)]
        places = [
            sum(each.tokens for group in groups for each in micro_batches(group, 4096, packing=on))
            for on in (False, True)
        ]
        rows.append((kind, places[0], places[1], sum(each.learned for each in made)))
    return rows


def _apart(what: str, name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Run a part of this in a process of its own."""
    given = [f"--{key}={getattr(options, key)}" for key in ("model", "dialogues", "batch", "steps", "epochs", "out")]
    command = [sys.executable, "-W", "ignore", "-m", "bench.train", what, name, *given, "--answers", *options.answers]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{name}: {json.dumps(found)}", file=sys.stderr, flush=True)
    return found


def methods(options: argparse.Namespace) -> str:
    """Return the table of all methods that are asked for, and the answers of those that were asked."""
    rows, said = [], []
    for name in options.names or METHODS:
        told = _apart("method", name, options)
        share = f"{told['trainable']:,} ({100 * told['trainable'] / told['whole']:.2f} %)"
        rows.append((
            name, f"{told['before']:.3f}", f"{told['after']:.3f}", f"{told['reloaded']:.3f}", share,
            f"{told['tokens']:,}", f"{told['seconds']:.0f}", f"{told['peak'] / 2**20:.0f}",
        ))  # fmt: skip
        if told["answers"]:
            lines = [[" ".join(text.split()).replace("|", "/") for text in row] for row in told["answers"]]
            said.append(f"Asked of `{name}`, the likeliest answer, cut after 60 tokens:\n\n"
                        + table(("asked", "before", "after"), lines))  # fmt: skip
    head = ("method", "loss before", "after", "reloaded", "learned", "places", "CPU s", "MiB")
    return "\n\n".join([table(head, rows), *said])


def speed(options: argparse.Namespace) -> str:
    """Return the table of the loops, and what 500 dialogues of 60 tokens take at the pace of the first."""
    found = [_apart("loop", name, options) for name in options.names or pace.LOOPS]
    rows = [
        (each["loop"], f"{each['tokens/s']:.1f}", f"{each['tokens/s'] / found[-1]['tokens/s']:.2f}",
         f"{each['peak'] / 2**20:.0f}", f"{each['loss']:.3f}")
        for each in found
    ]  # fmt: skip
    minutes = 500 * 60 / found[0]["tokens/s"] / 60
    told = f"{found[0]['tokens']:,} tokens were learned from; at the pace of `{found[0]['loop']}` an epoch of 500 "
    told += f"dialogues of 60 tokens takes {minutes:.1f} minutes of one core (reckoned, not run)."
    head = ("loop", "tokens/s", f"to {found[-1]['loop']}", "MiB", "last loss")
    return f"{table(head, rows)}\n\n{told}"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is asked for, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = ("methods", "speed", "packing", "entropy", "killed", "noise", "method", "loop")
    parser.add_argument("what", choices=kinds)
    parser.add_argument("names", nargs="*", help="methods or loops")
    parser.add_argument("--model", default="", help="(default: SmolLM2-135M-Instruct)")
    parser.add_argument("--out", type=Path, default=OUT, help="where runs are kept (default: %(default)s)")
    parser.add_argument("--dialogues", type=int, default=300)
    parser.add_argument("--epochs", type=float, default=1.0)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=6, help="of speed, entropy and killed")
    parser.add_argument("--answers", nargs="*", default=["lora"], help="methods that are asked five questions")
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--layers", type=int, default=9)
    parser.add_argument("--adapter", type=Path, help="of noise (default: that of lora)")
    parser.add_argument("--few", type=int, default=12, help="held-out dialogues of noise")
    options = parser.parse_args(argv)
    size = Size(options.width, options.layers)
    if options.what not in ("entropy", "killed"):
        options.model = options.model or str(smollm2())
    match options.what:
        case "method":
            name = options.names[0]
            print(json.dumps(kept(options.out / f"{name}.json", lambda: method(name, options))))
        case "loop":
            given = (options.model, parts(options.dialogues), PERSONA, options.steps, options.batch)
            name = options.names[0]
            print(json.dumps(kept(options.out / f"pace-{name}.json", lambda: pace.loop(name, *given))))
        case "methods":
            print(methods(options))
        case "speed":
            print(speed(options))
        case "packing":
            rows = [(name, *(f"{each:,}" for each in counts), f"{counts[0] / counts[1]:.2f}")
                    for name, *counts in packing(options)]  # fmt: skip
            print(table(("persona", "padded places", "packed places", "learned", "fewer by"), rows))
        case "noise":
            from bench import noise

            adapter = options.adapter or options.out / "lora/adapter"
            chosen = parts(options.dialogues)[1][: options.few]
            found = kept(options.out / "noise.json", lambda: noise.measured(options.model, adapter, chosen, PERSONA))
            print(found)
        case what:
            place = options.out / f"{what}-{options.width}-{options.layers}-{options.steps}-{options.batch}"
            make = entropy.entropy if what == "entropy" else entropy.killed
            told = kept(place / "told.json", lambda: make(place, size, options.steps, options.batch))
            print(table(tuple(told), [tuple(_digits(value) for value in told.values())]))
    return 0


def _digits(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    raise SystemExit(main())
