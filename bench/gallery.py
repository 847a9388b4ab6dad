"""Paints the sheet of docs/PORTRAIT.md: `python -m bench.gallery docs/images/portraits.webp [--net FOLDER]`.

Four descriptions in ten people each, ten edits of one person, and the way from one person to another; the first ten
that the seed gives, none chosen.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from engines.identity.attributes import Attributes, FacialHair, Glasses, Hair
from studio.portrait.model import SHIPPED, nets, to_bytes
from studio.portrait.painting import between, candidates, drawn, sheet
from studio.portrait.told import changed, numbers, traits

COLUMNS: Final = 10
SCALE: Final = 2
PEOPLE: Final = (
    Attributes(presentation="female", skin="fair", age=26, hair=Hair(style="long", colour="blonde")),
    Attributes(presentation="male", skin="deep", age=34, hair=Hair(style="cropped", colour="black"),
               facial_hair=FacialHair(style="full")),
    Attributes(presentation="female", skin="tan", age=45, hair=Hair(style="bob", colour="black"),
               glasses=Glasses(frame="dark", shape="round")),
    Attributes(presentation="male", skin="light", age=75, hair=Hair(style="receding", colour="grey"),
               facial_hair=FacialHair(style="none"), glasses=Glasses(shape="none")),
)  # fmt: skip
EDITS: Final = (
    "", "skin=deep", "skin=fair", "hair=afro", "colour=red", "glasses=dark", "mood=happy", "mood=surprised", "age=old",
    "presentation=male",
)  # fmt: skip


def main() -> None:
    """Paint and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--net", type=Path, default=SHIPPED)
    parser.add_argument("--seed", type=int, default=3)
    asked = parser.parse_args()
    net, seed = nets(asked.net), asked.seed
    rows = [candidates(net, traits(person, seed), seed, COLUMNS) for person in PEOPLE]
    one = traits(Attributes(presentation="female", skin="olive", hair=Hair(style="wavy", colour="brown"),
                            glasses=Glasses(shape="none")), seed)  # fmt: skip
    told = np.stack([numbers(changed(one, edit) if edit else one) for edit in EDITS])
    rows.append(to_bytes(net.paint(np.tile(drawn(net, seed), (COLUMNS, 1)), told)))
    ends = [(drawn(net, seed, number), numbers(traits(person, seed))) for number, person in enumerate(PEOPLE[:2])]
    rows.append(between(net, ends[0], ends[1], COLUMNS))
    laid = Image.fromarray(sheet(np.concatenate(rows), COLUMNS))
    laid.resize((laid.width * SCALE, laid.height * SCALE), Image.Resampling.LANCZOS).save(asked.out, quality=88)


if __name__ == "__main__":
    main()
