"""Shows who a person is and where their files come from."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from engines.identity import Identity, load_identity
from engines.identity.fields import Fields, Json
from studio import lineage
from studio.checking import changes
from studio.command.output import Output
from studio.folder import Folder

Row: TypeAlias = tuple[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the person."""
    parser.add_argument("folder", type=Path, metavar="PATH", help="a person's folder, or a card's file")


def run(options: argparse.Namespace, out: Output) -> None:
    """Tell name, attributes, lineage and what is not as it was made."""
    identity = load_identity(options.folder)
    result = described(identity)
    found: Json = {}
    if options.folder.is_dir():
        folder = Folder(options.folder)
        changed = changes(folder) if "lineage" in folder.facts else None
        found = {
            "changed": list(changed.changed) if changed else [],
            "missing": list(changed.missing) if changed else [],
            "unknown": list(changed.unknown) if changed else [],
            "stale": {stage: [*paths] for stage, paths in lineage.stale(folder.facts).items()},
        }
        result["state"] = found
    out.done(result, text(identity, found))


def described(identity: Identity) -> dict[str, Json]:
    """Return what there is to know of a person at a glance."""
    return {
        "path": str(identity.origin),
        "name": identity.name,
        "language": identity.language,
        "description": identity.description,
        "attributes": identity.attributes.as_json(),
        "lineage": [
            dict(each.values) for each in Fields(identity.facts, "identity.json", code="bad_facts").each("lineage")
        ],
        "sealed": "seal" in identity.facts,
    }


def text(identity: Identity, state: Json) -> str:
    """Write it for people."""
    rows: list[Row] = [("name", identity.card.name), ("language", identity.language), ("is", identity.description)]
    rows += [(key, _said(value)) for key, value in identity.attributes.as_json().items()]
    for each in Fields(identity.facts, "identity.json", code="bad_facts").each("lineage"):
        count = len(each.object("outputs"))
        rows.append((each.text("stage"), f"{each.text('tool')}, seed {each.number('seed', 0):g}, {count} files"))
    if isinstance(state, dict):
        rows += [(key, _said(value)) for key, value in state.items() if value]
    width = max(len(key) for key, _ in rows)
    return "\n".join(f"{key:<{width}}  {value}" for key, value in rows if value)


def _said(value: Json) -> str:
    match value:
        case dict():
            return ", ".join(f"{key} {_said(each)}" for key, each in value.items())
        case list():
            return ", ".join(_said(each) for each in value)
        case _:
            return str(value)
