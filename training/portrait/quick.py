"""Makes the painter that ships: `python -m training.portrait.quick DATA --shapes 448 --ship NETS`, from a seed.

Pictures that are missing in DATA are rendered first; then painter, crisp net and reader are trained, some minutes on
one core. The convolutional nets (`python -m training.portrait`) need no sums of faces and take hours.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.portrait.words import VALUES
from training.portrait import crisp, eigen
from training.portrait.aligned import aligned
from training.portrait.data import SEED, facts, load, render
from training.portrait.export import export
from training.portrait.keeping import record
from training.portrait.losses import LOSSES, R3
from training.portrait.nets import shape, told
from training.portrait.parts import TRAIN, part


def main(words: list[str] | None = None) -> None:
    """Find the eigenfaces, train painter and reader, and write the nets."""
    asked = _asked(words)
    torch.set_num_threads(1)
    began = time.process_time()
    if asked.shapes:
        render(asked.data, asked.shapes, seed=asked.data_seed)
    data = load(asked.data)
    mine = part(data.shape, TRAIN)
    colour, labels = data.colour[mine], torch.from_numpy(data.labels[mine])
    sizes = shape(colour.shape[1], {name: len(values) for name, values in VALUES.items()})
    plain = eigen.faces_of(colour, min(asked.reads, len(colour) // 2), asked.seed)
    seen = torch.cat([plain.strengths(eigen.flat(each)) for each in (colour, colour[:, :, ::-1])])
    labels = torch.cat([labels, labels])
    faces, real = aligned(data.only(mine), min(asked.rank, len(colour) // 2), asked.seed)
    asked.ship.mkdir(parents=True, exist_ok=True)

    def say(step: int, found: Mapping[str, float]) -> None:
        row = {"step": step, "cpu_seconds": round(time.process_time() - began, 1)}
        row |= {name: round(value, 4) for name, value in found.items()}
        record(asked.ship, row)
        print(", ".join(f"{name} {value}" for name, value in row.items()), flush=True)

    learned = eigen.train(sizes, faces, real, labels, loss=asked.loss, steps=asked.steps, seed=asked.seed, say=say)
    differ = eigen.spread(learned.generator, real, labels, asked.seed)
    if asked.crisp:
        learned.generator.crisp = _crisp(learned.generator, colour, real, labels, asked, say)
    reader = eigen.taught(learned.generator, real, labels, steps=asked.reading, seed=asked.seed, plain=plain,
                          seen=seen)  # fmt: skip
    card = {
        "made by": "training.portrait.quick",
        "loss": asked.loss,
        "steps": asked.steps,
        "crisp steps": asked.crisp,
        "reading steps": asked.reading,
        "batch": eigen.BATCH,
        "seed": asked.seed,
        "of how people differ": round(differ, 3),
        "eigenfaces": faces.looks,
        "of shapes": len(faces.moves),
        "pictures": len(mine),
        "people": len(np.unique(data.shape[mine])),
        "data": facts(asked.data),
        "cpu_seconds": round(time.process_time() - began, 1),
        "torch": torch.__version__.partition("+")[0],
        **dict(each.partition("=")[::2] for each in asked.note),
    }
    export(asked.ship, sizes, learned.generator, reader, card)
    (asked.ship / "crisp.pt").unlink(missing_ok=True)


def _crisp(
    painter: eigen.Generator, colour: NDArray[np.uint8], real: Tensor, labels: Tensor, asked: argparse.Namespace,
    say: Callable[[int, Mapping[str, float]], None],
) -> crisp.Crisp:  # fmt: skip
    size, traits = colour.shape[1], painter.shape.traits

    def soft(numbers: Tensor) -> Tensor:
        return painter.faces.picture(real[numbers]).reshape(-1, 3, size, size)

    def painted(count: int, random: torch.Generator) -> Tensor:
        said = labels[torch.randint(len(labels), (count,), generator=random)]
        chance = torch.randn(count, painter.shape.chance, generator=random)
        found: Tensor = painter(chance, told(said, traits))
        return found

    renders = torch.from_numpy(np.ascontiguousarray(colour.transpose(0, 3, 1, 2)))
    return crisp.train(renders, soft, painted, steps=asked.crisp, seed=asked.seed, say=say,
                       kept=asked.ship / "crisp.pt")  # fmt: skip


def _asked(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.portrait.quick", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--ship", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--loss", choices=LOSSES, default=R3)
    parser.add_argument("--shapes", type=int, default=0, help="render so many people first, as far as they are missing")
    parser.add_argument("--data-seed", type=int, default=SEED, help="of those people")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--crisp", type=int, default=800, help="steps of the net that makes pictures crisp; 0: none")
    parser.add_argument("--reading", type=int, default=600, help="steps of the reader")
    parser.add_argument("--rank", type=int, default=eigen.RANK, help="sums of looks")
    parser.add_argument("--reads", type=int, default=128, help="eigenfaces of the reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--note", action="append", default=[], metavar="KEY=TEXT", help="a line of the nets' card")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
