"""Draws a contact sheet of sculpted heads: `python -m bench.heads heads.png --count 12 --seed 1`.

With `--shapes` it draws one head in each of ARKit's 52 shapes instead. It needs the packages of the extra `head`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image

from bench.people import person
from engines.face.rigs import NAMES
from engines.identity.attributes import Attributes
from studio.head.model import Bytes, Sculpture
from studio.head.plan import REAL, STYLES, plan
from studio.head.sculpt import sculpt
from studio.render.picture import Shown, View, draw

SIZE = 420  # pixels a head


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--shapes", action="store_true")
    parser.add_argument("--anybody", action="store_true", help="people of whom nothing was said")
    parser.add_argument("--style", choices=STYLES, default=REAL)
    options = parser.parse_args()
    if options.shapes:
        tiles = shapes(options.seed, options.style)
    else:
        tiles = people(options.seed, options.count, anybody=options.anybody, style=options.style)
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (-len(tiles) % options.columns)
    rows = [np.concatenate(tiles[k : k + options.columns], axis=1) for k in range(0, len(tiles), options.columns)]
    Image.fromarray(np.concatenate(rows)[..., :3]).save(options.out, quality=82)


def people(seed: int, count: int, *, anybody: bool, style: str = REAL) -> list[Bytes]:
    """Return pictures of the people of the page, or of whoever the seeds make."""
    tiles = []
    for number in range(seed, seed + count):
        before = time.process_time()
        attributes = Attributes() if anybody else person(number - seed)
        made = sculpt(plan(attributes, number, style=style))
        print(f"seed {number}: {time.process_time() - before:.1f} CPU seconds", flush=True)
        tiles.append(picture(made, Shown(), yaw=22.0 if number % 2 else 0.0))
    return tiles


def shapes(seed: int, style: str = REAL) -> list[Bytes]:
    """Return pictures of one person at rest and in each shape."""
    made = sculpt(plan(Attributes(), seed, style=style))
    return [picture(made, Shown()), *(picture(made, Shown({name: 1.0})) for name in NAMES)]


def picture(made: Sculpture, shown: Shown, yaw: float = 0.0) -> Bytes:
    """Return a head and its shoulders."""
    _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
    return draw(made, View((0.0, height - 0.035, depth - 0.05), 0.36, yaw=yaw), shown, size=(SIZE, SIZE))


if __name__ == "__main__":
    main()
