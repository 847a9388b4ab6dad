"""Lists the people in a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engines.identity import IdentityError, load_identity, shipped
from engines.identity.fields import Json
from studio.command.output import Output

MOST: Final = 1000  # folders and files that are looked at


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where to look."""
    parser.add_argument("folder", type=Path, nargs="?", default=Path(), metavar="FOLDER", help="where to look (here)")


def run(options: argparse.Namespace, out: Output) -> None:
    """List the folders and packed files that hold a person, and those that ship."""
    places = [*shipped().values(), *_candidates(options.folder)]
    people: list[Json] = []
    lines: list[str] = []
    for place in dict.fromkeys(places):
        try:
            identity = load_identity(place)
        except IdentityError as error:
            people.append({"path": str(place), "error": {"code": error.code, "message": error.message}})
            lines.append(f"{place}: {error.message}")
            continue
        people.append(
            {
                "path": str(place),
                "name": identity.name,
                "language": identity.language,
                "description": identity.description,
                "sealed": "seal" in identity.facts,
            }
        )
        lines.append(f"{identity.name:<24} {identity.language:<8} {place}  {identity.description}")
    out.done({"people": people}, "\n".join(lines))


def _candidates(folder: Path) -> list[Path]:
    """Return what may be a person: folders with a card in them, and packed ones."""
    if not folder.is_dir():
        return []
    found = sorted(folder.iterdir())[:MOST]
    here = [folder] if (folder / "card.json").is_file() else []
    return here + [path for path in found if (path / "card.json").is_file() or path.suffix.lower() == ".charx"]
