"""Three losses and three seeds on one budget: `python -m bench.losses DATA RUNS --steps 2000`, called again goes on.

The nets that ship (`training/portrait/looks.py`) learn by dcgan, wgan-gp and r3, and by r3 from other seeds, from the
same pictures in as many steps of as many pictures. All are measured on the same people who were kept apart, by one
judge that was trained on real renders alone (bench.portrait). CPU-minutes stand beside, since wgan-gp's penalty costs
more.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from bench.kept import kept
from bench.portrait import judge_of, measured, rows, seen_by
from bench.stats import table
from studio.portrait.model import nets, to_bytes
from studio.portrait.words import VALUES
from training.portrait import quick
from training.portrait.data import load
from training.portrait.keeping import sheet
from training.portrait.losses import LOSSES, R3
from training.portrait.measure import frechet, scale_of, sharpness
from training.portrait.parts import TEST, TRAIN, part

PASSES: Final = 20  # of the judge over its pictures
SHOWN: Final = 10
HEAD: Final = (
    "loss", "seed", "CPU-min", "Frechet, x floor", "kernel", "traits, of ceiling", "told apart", "sharpness, of real",
    "nearest", "spread",
)  # fmt: skip


def main() -> None:
    """Train what is missing, measure, and print."""
    asked = _asked()
    torch.set_num_threads(1)
    plan = [(loss, 1) for loss in LOSSES] + [(R3, seed) for seed in range(2, asked.seeds + 1)]
    names = {(loss, seed): f"{loss}-{seed}-{asked.steps}" for loss, seed in plan}
    for (loss, seed), name in names.items():
        if not (asked.runs / name / "painter.onnx").exists():
            words = [str(asked.data), "--ship", str(asked.runs / name), "--loss", loss, "--seed", str(seed)]
            quick.main([*words, "--steps", str(asked.steps), "--reading", "0"])
    found = kept(asked.runs / "measured.json", lambda: _measured(asked, names))
    floor, ceiling, sharp = (found["real"][name] for name in ("frechet", "traits", "sharpness"))
    lines = []
    for (loss, seed), name in names.items():
        each = found[name]
        minutes = json.loads((asked.runs / name / "card.json").read_text("utf-8"))["cpu_seconds"] / 60
        lines.append(
            (loss, str(seed), f"{minutes:.1f}", f"{each['frechet'] / floor:.2f}", f"{each['kernel']:.3f}",
             f"{np.mean(list(each['traits'].values())) / ceiling:.3f}", f"{each['told apart']:.3f}",
             f"{each['sharpness'] / sharp:.2f}", f"{each['nearest learned picture, beside that of real ones']:.2f}",
             f"{each['spread of one description']:.3f}")
        )  # fmt: skip
    print(table(HEAD, lines))
    print(f"\n{asked.steps} steps of 16 looks each. Read from real renders: {ceiling:.3f} of the traits.")
    if asked.sheet:
        _sheet(asked, names)


def _measured(asked: argparse.Namespace, names: dict[tuple[str, int], str]) -> dict[str, Any]:
    data = load(asked.data)
    learned, apart = part(data.shape, TRAIN), part(data.shape, TEST)
    judge = judge_of(data, learned, asked.judge or asked.runs / "judge.pt", PASSES)
    real = seen_by(judge, data.colour[apart])
    scale = scale_of(real.features)
    others = np.random.default_rng(1).permutation(learned)[: len(apart)]
    ceilings = {name: float((real.labels[:, k] == data.labels[apart][:, k]).mean()) for k, name in enumerate(VALUES)}
    found: dict[str, Any] = {
        "real": {
            "frechet": frechet(scale(seen_by(judge, data.colour[others]).features), scale(real.features)),
            "traits": float(np.mean(list(ceilings.values()))),
            "sharpness": sharpness(data.colour[apart]),
        }
    }
    for name in names.values():
        net = nets.__wrapped__(asked.runs / name)
        found[name] = measured(net, data, learned, apart, judge, scale, real, ceilings, None)
        print(json.dumps({name: found[name]}), flush=True)
    return found


def _sheet(asked: argparse.Namespace, names: dict[tuple[str, int], str]) -> None:
    """Write the same people and the same chance by each painter, below real renders of those descriptions."""
    data = load(asked.data)
    apart = part(data.shape, TEST)
    chosen = apart[:: max(1, len(apart) // SHOWN)][:SHOWN]
    lines = [data.colour[chosen]]
    for name in names.values():
        net = nets.__wrapped__(asked.runs / name)
        chance = np.random.default_rng(5).standard_normal((SHOWN, net.chance)).astype(np.float32)
        lines.append(to_bytes(net.paint(chance[: len(chosen)], rows(data.labels[chosen]))))
    sheet(np.concatenate(lines), SHOWN, 2).save(asked.sheet, quality=85)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.losses", description=__doc__)
    parser.add_argument("data", type=Path, help="a folder of training.portrait.data")
    parser.add_argument("runs", type=Path, help="where the runs are kept")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3, help="of r3")
    parser.add_argument("--judge", type=Path, help="weights of a judge that bench.portrait trained (default: in RUNS)")
    parser.add_argument("--sheet", type=Path)
    asked = parser.parse_args()
    asked.runs.mkdir(parents=True, exist_ok=True)
    return asked


if __name__ == "__main__":
    main()
