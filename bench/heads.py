"""Draws a contact sheet of sculpted heads: `python -m bench.heads heads.png --count 12 --seed 1`.

With `--shapes` it draws one head in each of ARKit's 52 shapes instead. It needs the packages of the extra `head`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from bench.people import person
from engines.face.rigs import NAMES
from engines.identity.attributes import Attributes
from studio.head.model import Bytes, Sculpture
from studio.head.plan import REAL, STYLES, plan
from studio.head.sculpt import sculpt
from studio.render.picture import Shown, View, draw

SIZE = 420  # pixels a head
CALM = {"mouthClose": {"jawOpen": 1.0}}  # what a shape is shown beside, where it means nothing alone


def main() -> None:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--size", type=int, default=SIZE, help="pixels of a head")
    parser.add_argument("--shapes", action="store_true")
    parser.add_argument("--anybody", action="store_true", help="people of whom nothing was said")
    parser.add_argument("--style", choices=STYLES, default=REAL)
    options = parser.parse_args()
    if options.shapes:
        tiles = shapes(options.seed, options.style, options.size)
    else:
        tiles = people(options.seed, options.count, anybody=options.anybody, style=options.style, size=options.size)
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (-len(tiles) % options.columns)
    rows = [np.concatenate(tiles[k : k + options.columns], axis=1) for k in range(0, len(tiles), options.columns)]
    Image.fromarray(np.concatenate(rows)[..., :3]).save(options.out, quality=82)


def people(seed: int, count: int, *, anybody: bool, style: str = REAL, size: int = SIZE) -> list[Bytes]:
    """Return pictures of the people of the page, or of whoever the seeds make."""
    tiles = []
    for number in range(seed, seed + count):
        before = time.process_time()
        attributes = Attributes() if anybody else person(number - seed)
        made = sculpt(plan(attributes, number, style=style))
        print(f"seed {number}: {time.process_time() - before:.1f} CPU seconds", flush=True)
        tiles.append(picture(made, Shown(), yaw=22.0 if number % 2 else 0.0, size=size))
    return tiles


def shapes(seed: int, style: str = REAL, size: int = SIZE) -> list[Bytes]:
    """Return pictures of one person at rest and in each shape, with their names."""
    made = sculpt(plan(Attributes(), seed, style=style))
    shown = {"at rest": {}, **{name: {**CALM.get(name, {}), name: 1.0} for name in NAMES}}
    return [named(picture(made, Shown(weights), size=size, tall=0.29), name) for name, weights in shown.items()]


def named(tile: Bytes, name: str) -> Bytes:
    """Write a name under a picture."""
    drawn = Image.fromarray(tile[..., :3])
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, drawn.height - 14, drawn.width, drawn.height), fill=(250, 250, 250))
    pen.text((drawn.width / 2, drawn.height - 7), name, fill=(20, 20, 20), anchor="mm")
    return np.asarray(drawn)


def picture(made: Sculpture, shown: Shown, yaw: float = 0.0, *, size: int = SIZE, tall: float = 0.36) -> Bytes:
    """Return a head and its shoulders."""
    _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
    return draw(made, View((0.0, height - 0.035, depth - 0.05), tall, yaw=yaw), shown, size=(size, size))


if __name__ == "__main__":
    main()
