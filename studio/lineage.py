"""Where every file of an identity comes from: entries in identity.json, one for each stage. Pure; it reads no file.

An entry is `{stage, tool, version, seed, inputs{path: sha256}, outputs{path: sha256}}`, with `created` where somebody
said when.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

from engines.identity.bundle import FACTS
from engines.identity.fields import Fields, Json

WRITTEN: Final = ("lineage", "files", "seal")  # fields of identity.json that say what else is there
PART: Final = "#"  # "identity.json#attributes" is one field of it, as an input

BEGINS: Final = "draft"  # begins anew: edits of the person before go with it
KEPT: Final = ("edit", "hand")  # each of these entries stays; of other stages the last one does
HAND: Final = "hand"  # files that somebody changed apart from the stages


def entry(
    stage: str,
    *,
    tool: str,
    version: int,
    seed: int,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    created: str = "",
) -> dict[str, Json]:
    """Write the entry of one stage; digests are SHA-256 in hexadecimal by path."""
    made: dict[str, Json] = {
        "stage": stage,
        "tool": tool,
        "version": version,
        "seed": seed,
        "inputs": dict(sorted(inputs.items())),
        "outputs": dict(sorted(outputs.items())),
    }
    return made | ({"created": created} if created else {})


def added(entries: Sequence[Json], new: Mapping[str, Json]) -> list[Json]:
    """Return the lineage with an entry: in the place of the same stage's last one, else at the end."""
    stage = new["stage"]
    kept: list[Json] = [
        each for each in entries if not (stage == BEGINS and isinstance(each, dict) and each.get("stage") in KEPT)
    ]
    place = next((i for i, each in enumerate(kept) if isinstance(each, dict) and each.get("stage") == stage), len(kept))
    if stage in KEPT or place == len(kept):
        return [*kept, dict(new)]
    return [*kept[:place], dict(new), *kept[place + 1 :]]


def stages_of(facts: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the names of the stages that were run, in their order."""
    entries = Fields(facts, FACTS, code="bad_facts").each("lineage")
    return tuple(dict.fromkeys(each.text("stage", longest=80) for each in entries))


def stale(facts: Mapping[str, Json]) -> dict[str, list[str]]:
    """Return for each stage the inputs that have changed since it read them, by the digests of identity.json."""
    fields = Fields(facts, FACTS, code="bad_facts")
    today = fields.object("files")
    found: dict[str, list[str]] = {}
    for each in fields.each("lineage"):
        stage = each.text("stage", longest=80)
        changed = [path for path, digest in each.object("inputs").items() if _today(facts, today, path) != digest]
        if changed and stage not in KEPT:
            found[stage] = changed
    return found


def facts_digest(facts: Mapping[str, Json], key: str = "") -> str:
    """Return the SHA-256 of one field of identity.json, or of all that no stage keeps its records in."""
    value: Json = facts.get(key) if key else {name: facts[name] for name in facts if name not in WRITTEN}
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _today(facts: Mapping[str, Json], files: Mapping[str, Json], path: str) -> Json:
    name, _, key = path.partition(PART)
    return facts_digest(facts, key) if name == FACTS else files.get(path)
