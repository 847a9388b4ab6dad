"""Makes the painter that ships: `python -m training.portrait.quick DATA --shapes 448 --ship NETS`, from a seed.

Pictures that are missing in DATA are rendered first; then painter and reader are trained, about an hour on one core. A
run that was stopped goes on. The nets of `python -m training.portrait` see whole pictures, and take hours or a card.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch

from studio.portrait.words import VALUES
from training.portrait import looks
from training.portrait.aligned import aligned
from training.portrait.data import SEED, facts, load, render
from training.portrait.export import export
from training.portrait.keeping import record, sheet, to_bytes
from training.portrait.losses import LOSSES, R3
from training.portrait.nets import told
from training.portrait.parts import TRAIN, part
from training.portrait.reading import taught

SHOWN: Final = 40  # people of a preview
PREVIEW: Final = 500  # steps between two
STATE: Final = "state.pt"


def main(words: list[str] | None = None) -> None:
    """Render, train painter and reader, and write the nets."""
    asked = _asked(words)
    torch.set_num_threads(1)
    began = time.process_time() - spent(asked.ship)
    if asked.shapes:
        render(asked.data, asked.shapes, seed=asked.data_seed)
    data = load(asked.data)
    mine = data.only(part(data.shape, TRAIN))
    sizes = looks.shape(mine.colour.shape[1], {name: len(values) for name, values in VALUES.items()})
    frame, seen, beside = aligned(mine, asked.seed)
    labels = torch.from_numpy(np.concatenate([mine.labels, mine.labels]))
    asked.ship.mkdir(parents=True, exist_ok=True)
    random = torch.Generator().manual_seed(asked.seed)
    chance = torch.randn(SHOWN, sizes.chance, generator=random)
    people = told(labels[torch.randint(len(labels), (SHOWN,), generator=random)], sizes.traits)

    def say(step: int, found: Mapping[str, float], painter: looks.Generator) -> None:
        row = {"step": step, "cpu_seconds": round(time.process_time() - began, 1)}
        row |= {name: round(value, 4) for name, value in found.items()}
        record(asked.ship, row)
        print(", ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        if step % PREVIEW == 0:
            with torch.no_grad():
                sheet(to_bytes(painter(chance, people)), 8, 2).save(asked.ship / "preview.png")

    real = looks.Real(seen, beside, labels)
    painter = looks.train(sizes, frame, real, loss=asked.loss, steps=asked.steps, batch=asked.batch, seed=asked.seed,
                          say=say, kept=asked.ship / STATE)  # fmt: skip
    differ = looks.spread(painter, real, asked.seed)
    reader = taught(sizes, painter, mine.colour, mine.labels, steps=asked.reading, seed=asked.seed)
    card = {
        "made by": "training.portrait.quick",
        "loss": asked.loss,
        "steps": asked.steps,
        "reading steps": asked.reading,
        "batch": asked.batch,
        "seed": asked.seed,
        "of how shapes differ": round(differ, 3),
        "parameters": sum(each.numel() for each in painter.parameters()),
        "pictures": len(mine.colour),
        "people": len(np.unique(mine.shape)),
        "data": facts(asked.data),
        "cpu_seconds": round(time.process_time() - began, 1),
        "torch": torch.__version__.partition("+")[0],
        **dict(each.partition("=")[::2] for each in asked.note),
    }
    export(asked.ship, sizes, painter, reader, card)
    (asked.ship / STATE).unlink(missing_ok=True)


def spent(ship: Path) -> float:
    """Return the CPU-seconds that a run which was stopped has had; 0 where there is none."""
    written = ship / "measured.jsonl"
    if not (ship / STATE).exists() or not written.exists():
        return 0.0
    return float(json.loads(written.read_text("utf-8").splitlines()[-1])["cpu_seconds"])


def _asked(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.portrait.quick", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--ship", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--loss", choices=LOSSES, default=R3)
    parser.add_argument("--shapes", type=int, default=0, help="render so many people first, as far as they are missing")
    parser.add_argument("--data-seed", type=int, default=SEED, help="of those people")
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--reading", type=int, default=3000, help="steps of the reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--note", action="append", default=[], metavar="KEY=TEXT", help="a line of the nets' card")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
