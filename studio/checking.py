"""Compares the files of an identity with what identity.json says of them. It changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from engines.identity.bundle import FACTS
from engines.identity.fields import Fields
from studio.errors import StudioError
from studio.folder import Folder
from studio.lineage import PART, facts_digest


@dataclass(frozen=True, slots=True)
class Changes:
    """Which files are not as they were made: `changed`, `missing`, and `unknown` ones that no stage made."""

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.unknown)


def changes(folder: Folder) -> Changes:
    """Compare every file with its digest in identity.json, which itself is not among them."""
    recorded = Fields(folder.facts, FACTS, code="bad_facts").object("files")
    there = [path for path in folder.listing() if path != FACTS]
    return Changes(
        changed=tuple(path for path in there if path in recorded and folder.digest(path) != recorded[path]),
        missing=tuple(path for path in recorded if path not in there),
        unknown=tuple(path for path in there if path not in recorded),
    )


def verify(folder: Folder) -> None:
    """Check that every file is as it was made; StudioError `tampered` names those that are not."""
    found = changes(folder)
    kinds = (("changed", found.changed), ("missing", found.missing), ("not made here", found.unknown))
    told = [f"{path} is {what}" for what, paths in kinds for path in paths]
    if told:
        rest = f" and {len(told) - 8} more" if len(told) > 8 else ""
        raise StudioError("tampered", f"{folder.root}: {', '.join(told[:8])}{rest}")


def digest_of(folder: Folder, path: str) -> str:
    """Return the digest of an input: a file's, of identity.json's own fields without what stages keep there."""
    name, _, key = path.partition(PART)
    if name != FACTS:
        return folder.digest(path)
    return facts_digest(folder.facts, key)
