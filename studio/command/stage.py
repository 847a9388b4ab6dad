"""Runs one stage on the folder of a person."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from engines.identity.fields import Json
from studio import stages
from studio.command.output import Output
from studio.commit import apply
from studio.folder import Folder
from studio.lineage import stale
from studio.stage import Wish
from studio.stages import Dated, Optioned, load

COMMON: Final = ("json", "created", "command", "folder", "sentence", "language", "seed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what every stage takes, and what this one takes besides."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the person's folder")
    parser.add_argument("sentence", nargs="?", default="", help="what is wanted, in a sentence")
    parser.add_argument("--language", default="", metavar="TAG", help="a BCP-47 code such as en-gb")
    parser.add_argument("--seed", type=int, default=0, help="the same seed makes the same (default: %(default)s)")
    stage = load(parser.get_default("command"))
    if isinstance(stage, Optioned):
        stage.add_options(parser)


def run(options: argparse.Namespace, out: Output) -> None:
    """Run the stage and tell what it wrote."""
    stage = load(options.command)
    own = {key: _plain(value) for key, value in vars(options).items() if key not in COMMON and value is not None}
    if isinstance(stage, Dated):
        own["on"] = options.created
    wish = Wish(options.sentence, options.language, options.seed, own)
    folder = apply(stage, options.folder, wish, out.progress, created=options.created)
    if stage.name == "edit":
        folder = _renewed(folder, out, options.created)
    outputs = sorted(_outputs(folder.facts, stage.name))
    result: dict[str, Json] = {"folder": str(options.folder), "stage": stage.name, "files": [*outputs]}
    out.done(result, f"{stage.name}: wrote {len(outputs)} files in {options.folder}")


def _renewed(folder: Folder, out: Output, created: str) -> Folder:
    """Run again the usual stages that read what an edit changed."""
    behind = stale(folder.facts)
    for row in stages.STAGES:
        if row.usual and row.name in behind:
            folder = apply(load(row.name), folder.root, Wish(), out.progress, created=created)
    return folder


def _outputs(facts: dict[str, Json], stage: str) -> list[str]:
    """Return the paths that the stage's last entry names."""
    entries = facts.get("lineage")
    for each in reversed(entries if isinstance(entries, list) else []):
        if isinstance(each, dict) and each.get("stage") == stage and isinstance(outputs := each.get("outputs"), dict):
            return list(outputs)
    return []


def _plain(value: object) -> Json:
    """Return an option's value as JSON has it."""
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value)
