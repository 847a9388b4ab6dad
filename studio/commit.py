"""Runs a stage on a folder and writes what it made, with where it comes from; all of it or nothing.

It reads no clock: when something was made is told by whoever asks for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engines.identity.attributes import read_attributes
from engines.identity.bundle import FACTS
from engines.identity.card import read_card
from engines.identity.fields import Fields, Json, dump, parse_object
from engines.identity.storage import CARD
from studio import journal, lineage
from studio.checking import changes, digest_of
from studio.errors import StudioError
from studio.folder import Folder
from studio.lineage import WRITTEN
from studio.stage import Made, Progress, Stage, Wish

SCHEMA: Final = 1
SEALS: Final = "seal"  # every other stage takes the seal away


def apply(stage: Stage, path: Path, wish: Wish, progress: Progress, *, created: str = "") -> Folder:
    """Run the stage on the folder at `path`, write what it made, and return the folder as it is then.

    An interrupted earlier write is finished or undone first. `created` (ISO 8601) goes into the lineage. StudioError,
    IdentityError and EngineError leave the folder as it was.
    """
    with journal.held(path):
        journal.settle(path)
        before = Folder(path)
        facts = _with_changes_by_hand(before)
        made = stage.run(before, wish, progress)
        files = _files(stage, wish, made)
        inputs = {each: digest_of(before, each) for each in made.inputs}
        outputs = {each: hashlib.sha256(data).hexdigest() for each, data in files.items()}
        facts = _merged(facts, made, outputs, seal=stage.name == SEALS)
        new = lineage.entry(
            stage.name,
            tool=made.tool or stage.name,
            version=stage.version,
            seed=wish.seed,
            inputs=inputs,
            outputs=outputs,
            created=created,
        )
        facts["lineage"] = lineage.added(_entries(facts), new)
        facts = dict(made.last(facts)) if made.last else facts
        _check(files, facts)
        journal.write(path, {**files, FACTS: dump(facts)}, made.removed)
    return Folder(path)


def resume(path: Path) -> None:
    """Finish or undo what an interrupted stage left in the folder."""
    with journal.held(path):
        journal.settle(path)


# ------------------------------------------------------------------------------------------------ parts


def _files(stage: Stage, wish: Wish, made: Made) -> dict[str, bytes]:
    """Return the files to write, the report among them."""
    if FACTS in made.files:
        raise StudioError("damaged", f"the stage {stage.name} wrote {FACTS} itself; its fields go into `facts`")
    report: dict[str, Json] = {
        "stage": stage.name,
        "version": stage.version,
        "tool": made.tool or stage.name,
        "seed": wish.seed,
        **made.section,
    }
    return {**made.files, f"reports/{stage.name}.json": dump(report)}


def _merged(facts: Mapping[str, Json], made: Made, outputs: Mapping[str, str], *, seal: bool) -> dict[str, Json]:
    """Return identity.json's fields with those that the stage set and the digests of its files."""
    if wrong := [key for key in made.facts if key in ("lineage", "files")]:
        raise StudioError("damaged", f"a stage may not write {wrong[0]} of {FACTS}")
    merged: dict[str, Json] = {"schema": SCHEMA, **facts, **made.facts}
    merged = {key: value for key, value in merged.items() if value is not None}
    if not seal:
        merged.pop("seal", None)
    recorded = Fields(facts, FACTS, code="bad_facts").object("files")
    kept = {path: digest for path, digest in recorded.items() if path not in made.removed}
    merged["files"] = dict(sorted({**kept, **outputs}.items()))
    # The records come last in the file, so that people find the person first.
    return {
        **{key: value for key, value in merged.items() if key not in WRITTEN},
        **{key: merged[key] for key in WRITTEN if key in merged},
    }


def _with_changes_by_hand(folder: Folder) -> dict[str, Json]:
    """Return identity.json's fields, with an entry for what somebody changed apart from the stages.

    A sealed person may not be changed so: StudioError `tampered` names the files.
    """
    facts = dict(folder.facts)
    if not folder.listing() or "lineage" not in facts:
        return facts
    found = changes(folder)
    if not found:
        return facts
    if "seal" in facts:
        names = ", ".join((*found.changed, *found.missing, *found.unknown)[:8])
        raise StudioError("tampered", f"{folder.root} is sealed, and these files are not as they were: {names}")
    outputs = {path: folder.digest(path) for path in (*found.changed, *found.unknown)}
    recorded = Fields(facts, FACTS, code="bad_facts").object("files")
    facts["files"] = {path: value for path, value in {**recorded, **outputs}.items() if path not in found.missing}
    by_hand = lineage.entry(lineage.HAND, tool="hand", version=1, seed=0, inputs={}, outputs=outputs)
    facts["lineage"] = lineage.added(_entries(facts), by_hand)
    return facts


def _entries(facts: Mapping[str, Json]) -> list[Json]:
    return [each.values for each in Fields(facts, FACTS, code="bad_facts").each("lineage")]  # type: ignore[misc]


def _check(files: Mapping[str, bytes], facts: Mapping[str, Json]) -> None:
    """Refuse to write a person whom the bridge could not load; IdentityError says what is wrong."""
    if CARD in files:
        read_card(parse_object(files[CARD], CARD))
    read_attributes(Fields(facts, FACTS, code="bad_facts").at("attributes"))
