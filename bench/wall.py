"""A wall of people: `python -m bench.wall wall.webp` draws what twelve sentences make of the four appearances.

A column a sentence (two blocks of six), a row an appearance: sculpted, stylised, drawn, painted. What is not installed
or has no weights here is left out, and said. The sentences are read as `companion identity new` reads them. With
`--keep FOLDER` each picture is kept there, and a run goes on where another ended; `--people 3` draws only so many.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from engines.face.rigs import HEAD, NAMES
from engines.identity.attributes import Attributes
from studio.errors import StudioError
from studio.extract.extract import extracted
from studio.head.model import Bytes
from studio.head.plan import REAL, TOON, plan
from studio.head.sculpt import sculpt
from studio.head.unsaid import completed
from studio.render.picture import Shown, View, draw

SIZE: Final = 220  # pixels
BLOCK: Final = 6  # people a row
GROUND: Final = (0.93, 0.94, 0.955)
SMILE: Final = {"mouthSmileLeft": 0.35, "mouthSmileRight": 0.35, "cheekSquintLeft": 0.2, "cheekSquintRight": 0.2}
SENTENCES: Final = (
    "She is a cheerful gardener, 27 years old, with long red hair, green eyes and freckles.",
    "He is a calm physics teacher of 45 with short brown hair, a short beard and round glasses.",
    "She is a Japanese streamer, 22 years old, with pink hair in a bob and a black hoodie.",
    "He is a warm Nigerian doctor of 38 with cropped black hair and a white lab coat.",
    "She is a gentle grandmother of 74 with grey hair in a bun and oval glasses.",
    "He is a Scottish fisherman of 61 with grey hair, a full beard and blue eyes.",
    "She is an energetic Kenyan musician of 29 with an afro and a mustard dress.",
    "He is a young Vietnamese cook, 24 years old, with short black hair and an apron.",
    "She is an Indian lawyer of 41 with long black hair and a navy blazer.",
    "He is a bold Mexican mechanic of 33 with black hair, a moustache and overalls.",
    "She is a serious museum curator of 52 with blonde shoulder-length hair and a turtleneck.",
    "He is a kind librarian of 67, bald, with a white beard and a brown cardigan.",
)

Appearance = Callable[[Attributes, int], Bytes]


def main() -> None:
    """Draw the wall."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=70)
    parser.add_argument("--quality", type=int, default=70)
    parser.add_argument("--people", type=int, default=len(SENTENCES), help="of the sentences, from the first")
    parser.add_argument("--keep", type=Path, help="a folder of the pictures, so that a run goes on where another ended")
    options = parser.parse_args()
    count = min(max(1, options.people), len(SENTENCES))
    columns = [cells(at, options.seed + at, options.keep) for at in range(count)]
    kinds = [kind for kind in KINDS if any(kind in column for column in columns)]
    if not kinds:
        raise SystemExit("nothing of what draws people is installed")
    blank = np.full((SIZE, SIZE, 3), 255, np.uint8)
    blocks = []
    for first in range(0, count, BLOCK):
        some = columns[first : first + BLOCK] + [{}] * (max(0, first + BLOCK - count) if first else 0)
        rows = [np.concatenate([column.get(kind, blank) for column in some], axis=1) for kind in kinds]
        blocks.append(np.concatenate(rows))
    Image.fromarray(np.concatenate(blocks)).save(options.out, quality=options.quality)


def cells(number: int, seed: int, keep: Path | None) -> dict[str, Bytes]:
    """Return the pictures of a sentence's person by appearance, from the folder where they are there."""
    found = {}
    person, _ = completed(extracted(SENTENCES[number], "", "en"), seed)
    for kind, made in KINDS.items():
        path = keep / f"{kind}-{seed}.png" if keep else None
        if path and path.is_file():
            found[kind] = np.asarray(Image.open(path).convert("RGB"))
            continue
        before = time.process_time()
        try:
            found[kind] = made(person, seed)
        except (ImportError, StudioError, OSError) as error:
            print(f"{kind}: left out, {error}", file=sys.stderr)
            continue
        print(f"{number} {kind}: {time.process_time() - before:.1f} CPU seconds", file=sys.stderr, flush=True)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            Image.fromarray(found[kind]).save(part, format="png")
            part.replace(path)
    return found


def real(person: Attributes, seed: int) -> Bytes:
    """Return the sculpted head."""
    return _head(person, seed, REAL)


def toon(person: Attributes, seed: int) -> Bytes:
    """Return the stylised head."""
    return _head(person, seed, TOON)


def drawn(person: Attributes, seed: int) -> Bytes:
    """Return the page's drawn face."""
    from studio.video.looks.drawn import Drawn

    frame = np.zeros(len(NAMES) + len(HEAD), np.float32)
    for name, weight in SMILE.items():
        frame[NAMES.index(name)] = weight
    return _over(Drawn(person.looks()).made(SIZE).draw(frame, 0.0))


def painted(person: Attributes, seed: int) -> Bytes:
    """Return the portrait that the net paints."""
    from studio.portrait.model import nets
    from studio.portrait.painting import candidates
    from studio.portrait.told import traits

    picture = candidates(nets(), traits(person, seed), seed, 1)[0]
    return np.asarray(Image.fromarray(picture).resize((SIZE, SIZE), Image.Resampling.LANCZOS))


# ------------------------------------------------------------------------------------------------ parts


def _head(person: Attributes, seed: int, style: str) -> Bytes:
    made = sculpt(plan(person, seed, style=style))
    _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
    view = View((0.0, height - 0.025, depth - 0.05), 0.34, yaw=14.0 if seed % 2 else -14.0)
    return draw(made, view, Shown(SMILE), size=(SIZE, SIZE), ground=GROUND)[..., :3]


def _over(picture: Bytes) -> Bytes:
    alpha = picture[..., 3:].astype(np.float32) / 255
    ground = np.array(GROUND, np.float32) * 255
    return (picture[..., :3] * alpha + ground * (1 - alpha) + 0.5).astype(np.uint8)


KINDS: Final[dict[str, Appearance]] = {"real": real, "toon": toon, "drawn": drawn, "painted": painted}


if __name__ == "__main__":
    main()
