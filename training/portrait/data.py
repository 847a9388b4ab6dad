"""Makes the pictures that the painter learns from: `python -m training.portrait.data FOLDER --shapes 2000`.

A shape is one sculpted person; each is painted twice and taken several times. The folder holds one file for every 32
shapes; those that are there are not made again, so that a run that was stopped goes on, and several processes share
the work (`--part 0 --of 2`). The same seed makes the same bytes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from studio.head import sculpt as sculptor
from studio.head import shade
from studio.head.eyes import paint_eye
from studio.head.hair.beards import KINDS
from studio.head.materials import materials
from studio.head.model import Bytes, Floats, Sculpture
from studio.head.skin import brows, plane
from studio.head.skin.paint import paint
from studio.portrait.words import VALUES
from training.portrait.people import MOODS, Person, face, one_of, person, repainted
from training.portrait.renders import coarse, names, scene, take

SEED: Final = 20_261_130
SHARD: Final = 32  # shapes a file
PAINTINGS: Final = 2  # of a shape
SKIN, EYE = 256, 64  # pixels of their pictures
WITHOUT: Final = 0.5  # of the pictures show no glasses


@dataclass(frozen=True, slots=True)
class Pictures:
    """`n` pictures: `colour` (n, size, size, 3), `mask` (n, size, size), `landmarks` (n, k, 2) in pixels.

    `labels` (n, traits) are the numbers of the values of VALUES; `pose` (n, 2) degrees; `shape` (n,) whose head it is.
    """

    colour: Bytes
    mask: Bytes
    landmarks: Floats
    labels: Bytes
    pose: Floats
    shape: np.ndarray[tuple[int], np.dtype[np.int32]]

    def only(self, numbers: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Pictures:
        """Return the pictures with these numbers."""
        return Pictures(**{name: getattr(self, name)[numbers] for name in self.__slots__})


@contextmanager
def small() -> Iterator[None]:
    """Let the sculptor work as coarsely as small pictures allow, which is several times faster.

    Only this process of training does it: the detail that is left out is finer than a pixel.
    """
    changes: tuple[tuple[object, str, object], ...] = (
        (plane, "PER_METRE", 2000), (shade, "WAYS", 10), (shade, "SIZE", 112), (brows, "HAIRS", 150),
        (sculptor, "PICTURE", (SKIN,) * 3), (sculptor, "STRANDS", (0.40,) * 3), (sculptor, "EYE", (EYE,) * 3),
    )  # fmt: skip
    before = [getattr(owner, name) for owner, name, _ in changes]
    try:
        for owner, name, value in changes:
            setattr(owner, name, value)
        yield
    finally:
        for (owner, name, _), value in zip(changes, before, strict=True):
            setattr(owner, name, value)


def shapes(first: int, count: int, size: int, takes: int, seed: int = SEED) -> Pictures:
    """Make the pictures of `count` shapes from number `first` on, `takes` of each painting."""
    rows = []
    for number in range(first, first + count):
        random = np.random.default_rng((seed, number))
        who = person(random)
        made = sculptor.sculpt(who.plan)
        for painting in range(PAINTINGS):
            if painting:
                who = repainted(who, random)
                made = painted(made, who)
            head = coarse(made)
            rows += [(number, *_one(who, head, size, random)) for _ in range(takes)]
    whose, colour, mask, points, labels, pose = zip(*rows, strict=True)
    return Pictures(
        np.stack(colour), np.stack(mask), np.stack(points), np.stack(labels), np.stack(pose), np.array(whose, np.int32)
    )


def painted(made: Sculpture, who: Person) -> Sculpture:
    """Return a sculpture in another person's colours: skin, hair, eyes."""
    plan = who.plan
    style, beard = sculptor.styled(plan), KINDS[plan.beard]
    stubble = 0.14 if plan.beard == "none" and plan.build.male > 0.5 else beard.stubble
    skin = replace(plan.skin, stubble=stubble, cover=style.cover, receding=style.receding)
    pictures = {
        **made.pictures,
        "skin": paint(skin, SKIN, plan.seed).colour,
        "eye": paint_eye(plan.eyes, EYE, plan.seed),
    }
    found = materials(plan)
    return replace(made, pictures=pictures, materials={name: found[name] for name in made.materials})


def encoded(traits: dict[str, str]) -> Bytes:
    """Return the numbers of a person's values, one for each trait of VALUES."""
    return np.array([list(values).index(traits[name]) for name, values in VALUES.items()], np.uint8)


def load(folder: Path) -> Pictures:
    """Read all files of a folder; FileNotFoundError where there is none."""
    found = sorted(folder.glob("shapes-*.npz"))
    if not found:
        raise FileNotFoundError(f"{folder} holds no pictures: make them with python -m training.portrait.data")
    parts = []
    for path in found:
        with np.load(path) as file:
            parts.append({name: file[name] for name in file.files})
    return Pictures(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def facts(folder: Path) -> str:
    """Return in a line what the pictures of a folder were made by; "unknown" where it does not say."""
    try:
        found = json.loads((folder / "facts.json").read_text("utf-8"))
        shapes_ = SHARD * len(list(folder.glob("shapes-*.npz")))
        return (
            f"training.portrait.data, seed {found['seed']}, {shapes_} shapes, {found['takes']} takes, "
            f"{found['size']} pixels"
        )
    except (OSError, ValueError, KeyError):
        return "unknown"


def render(
    folder: Path, count: int, *, size: int = 64, takes: int = 8, seed: int = SEED, part: int = 0, of: int = 1
) -> None:
    """Make the files of `count` shapes that are missing in a folder, and say how fast."""
    folder.mkdir(parents=True, exist_ok=True)
    traits = {name: list(values) for name, values in VALUES.items()}
    told = {"seed": seed, "size": size, "takes": takes, "traits": traits, "landmarks": names()}
    (folder / "facts.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    pictures, began = 0, time.process_time()
    with small():
        for first in list(range(0, count, SHARD))[part::of]:
            path = folder / f"shapes-{first:06d}.npz"
            if path.exists():
                continue
            made = shapes(first, SHARD, size, takes, seed)
            held = path.with_suffix(".part")
            with held.open("wb") as file:
                np.savez_compressed(file, **{name: getattr(made, name) for name in made.__slots__})
            held.replace(path)
            pictures += len(made.colour)
            rate = pictures / (time.process_time() - began)
            print(f"{path.name}: {pictures} pictures, {rate:.1f} a CPU-second", flush=True)


def main() -> None:
    """Make what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shapes", type=int, default=2000)
    parser.add_argument("--takes", type=int, default=8, help="pictures of each painting (default: %(default)s)")
    parser.add_argument("--size", type=int, default=64, choices=(32, 64, 128))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--of", type=int, default=1)
    asked = parser.parse_args()
    render(
        asked.folder, asked.shapes, size=asked.size, takes=asked.takes, seed=asked.seed, part=asked.part, of=asked.of
    )


def _one(who: Person, head, size: int, random: np.random.Generator):  # type: ignore[no-untyped-def]
    traits = dict(who.traits)
    traits["mood"] = one_of(list(MOODS), random)
    glasses = random.random() >= WITHOUT and traits["glasses"] != "none"
    if not glasses:
        traits["glasses"] = "none"
    where = scene(face(traits["mood"], random), random, glasses=glasses)
    taken = take(head, where, size)
    pose = np.array((where.yaw, where.pitch), np.float32)
    return taken.colour, taken.mask, taken.landmarks, encoded(traits), pose


if __name__ == "__main__":
    main()
