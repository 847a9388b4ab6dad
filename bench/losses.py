"""Three losses on one budget: `python -m bench.losses DATA RUNS --minutes 10 --slice 4`, called again until it is done.

The same convolutional nets, pictures and seeds learn by dcgan, wgan-gp and r3 for the same CPU-minutes each; a call
trains at most `--slice` minutes in all and goes on where another ended. When all are done they are measured on the same
people who were kept apart, by one judge that was trained on real renders alone (bench.portrait), and a row is kept for
each slice, so that RUNS/curve.jsonl shows how they fall.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from bench.portrait import TRAITS, judge_of, measured, seen_by
from bench.stats import table
from studio.portrait.model import nets
from training.portrait import command
from training.portrait.data import Pictures, load
from training.portrait.keeping import sheet
from training.portrait.losses import LOSSES
from training.portrait.measure import frechet, scale_of
from training.portrait.parts import TEST, TRAIN, part

STEPS: Final = 100_000  # more than any budget reaches: the rate is steady
PASSES: Final = 14  # of the judge over its pictures
SHOWN: Final = 8


def main() -> None:
    """Train a slice, and measure what is done."""
    asked = _asked()
    torch.set_num_threads(1)
    left = asked.slice
    for loss in asked.loss:
        run = asked.runs / loss
        spent = _spent(run)
        if spent >= asked.minutes or left <= 0:
            continue
        until = min(asked.minutes, spent + left)
        left -= until - spent
        _train(asked.data, run, loss, until, asked.seed)
        _curve(asked, loss)
    waiting = [loss for loss in asked.loss if _spent(asked.runs / loss) < asked.minutes]
    if waiting:
        print(f"still to train: {', '.join(f'{each} {_spent(asked.runs / each):.1f} min' for each in waiting)}")
        return
    print(_compared(asked))


def _train(data: Path, run: Path, loss: str, minutes: float, seed: int) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    words = [str(run), "--data", str(data), "--loss", loss, "--steps", str(STEPS), "--minutes", str(minutes)]
    words += ["--batch", "16", "--seed", str(seed), "--steady", "--ship", str(run / "nets")]
    done = command.train(
        parser.parse_args(words), lambda share, line: print(f"{loss}: {line}", file=sys.stderr, flush=True)
    )
    if done:
        raise SystemExit(done)


def _spent(run: Path) -> float:
    """Return the CPU-minutes that a run has had."""
    path = run / "measured.jsonl"
    if not path.is_file():
        return 0.0
    last = path.read_text("utf-8").splitlines()[-1]
    # The last line is written when the minutes are over, a hair after them.
    return round(float(json.loads(last)["cpu_seconds"]) / 60 + 0.005, 2)


def _judged(asked: argparse.Namespace, data: Pictures) -> tuple[Any, Any, Any, Any, Any]:
    learned, kept = part(data.shape, TRAIN), part(data.shape, TEST)
    judge = judge_of(data, learned, asked.runs / "judge.pt", PASSES)
    real = seen_by(judge, data.colour[kept])
    return learned, kept, judge, real, scale_of(real.features)


def _curve(asked: argparse.Namespace, loss: str) -> None:
    """Add where a run stands to the curve."""
    data = load(asked.data)
    learned, kept, judge, real, scale = _judged(asked, data)
    others = np.random.default_rng(1).permutation(learned)[: len(kept)]
    run = asked.runs / loss
    found = measured(
        nets.__wrapped__(run / "nets"), data, learned, kept, judge, scale, real, _ceilings(real, data, kept), None
    )
    floor = frechet(scale(seen_by(judge, data.colour[others]).features), scale(real.features))
    row = {"loss": loss, "minutes": _spent(run), "frechet": found["frechet"], "floor": round(floor, 4)}
    row |= {"traits": round(float(np.mean(list(found["traits"].values()))), 4), "told apart": found["told apart"]}
    row |= {"sharpness": found["sharpness"], "spread": found["spread of one description"]}
    row["steps"] = nets.__wrapped__(run / "nets").card["steps"]
    with (asked.runs / "curve.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def _ceilings(real: Any, data: Pictures, kept: Any) -> Mapping[str, float]:
    return {name: float((real.labels[:, k] == data.labels[kept][:, k]).mean()) for k, name in enumerate(TRAITS)}


def _compared(asked: argparse.Namespace) -> str:
    rows = [json.loads(line) for line in (asked.runs / "curve.jsonl").read_text("utf-8").splitlines()]
    names = ("loss", "minutes", "steps", "frechet", "floor", "traits", "told apart", "sharpness", "spread")
    told = table(names, [tuple(str(row[name]) for name in names) for row in rows])
    if asked.sheet:
        _sheet(asked)
    return told


def _sheet(asked: argparse.Namespace) -> None:
    """Write the same people and the same chance by each loss, below real renders of those descriptions."""
    from bench.portrait import rows
    from studio.portrait.model import to_bytes

    data = load(asked.data)
    kept = part(data.shape, TEST)
    chosen = kept[:: max(1, len(kept) // SHOWN)][:SHOWN]
    lines = [data.colour[chosen]]
    for loss in asked.loss:
        net = nets(asked.runs / loss / "nets")
        chance = np.random.default_rng(5).standard_normal((SHOWN, net.chance)).astype(np.float32)
        lines.append(to_bytes(net.paint(chance[: len(chosen)], rows(data.labels[chosen]))))
    sheet(np.concatenate(lines), SHOWN, 2).save(asked.sheet, quality=85)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.losses", description=__doc__)
    parser.add_argument("data", type=Path, help="a folder of training.portrait.data")
    parser.add_argument("runs", type=Path, help="where the runs are kept")
    parser.add_argument("--loss", action="append", choices=LOSSES, default=None)
    parser.add_argument("--minutes", type=float, default=10.0, help="CPU-minutes for each loss")
    parser.add_argument("--slice", type=float, default=8.0, help="CPU-minutes of this call")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sheet", type=Path)
    asked = parser.parse_args()
    asked.loss = asked.loss or list(LOSSES)
    asked.runs.mkdir(parents=True, exist_ok=True)
    return asked


if __name__ == "__main__":
    main()
