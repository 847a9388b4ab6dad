"""What a reviewer looks at, as one digest: every byte of an identity but the records about it. Pure.

A decision counts for exactly these bytes: whatever changes afterwards needs another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engines.identity.bundle import FACTS
from engines.identity.fields import Json
from engines.provenance.chain import canonical, links

REVIEWS: Final = "review.jsonl"
# Records that come with a decision or after it.
RECORDS: Final = (FACTS, REVIEWS, "reports/review.json", "reports/seal.json")
UNSEEN: Final = ("lineage", "files", "seal")  # fields of identity.json that are records


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of review.jsonl: what was decided (`approve`, `reject`) about which bytes, by whom and when."""

    n: int
    decision: str
    by: str
    digest: str
    note: str = ""
    on: str = ""


def digest(files: Mapping[str, str], facts: Mapping[str, Json]) -> str:
    """Return the digest of an identity whose files have these SHA-256 digests, and identity.json these fields."""
    seen = {path: value for path, value in files.items() if path not in RECORDS}
    said = {key: value for key, value in facts.items() if key not in UNSEEN}
    return hashlib.sha256(canonical({"facts": dict(said), "files": dict(seen)})).hexdigest()


def decisions(log: bytes) -> list[Decision]:
    """Read review.jsonl; ChainError when it is not as it was written. Lines of another kind are left out."""
    found = []
    for link in links(log):
        said = {key: value for key, value in link.entry.items() if isinstance(value, str)}
        if said.get("decision") in ("approve", "reject"):
            found.append(
                Decision(
                    link.n,
                    said["decision"],
                    said.get("by", ""),
                    said.get("seen", ""),
                    said.get("note", ""),
                    said.get("on", ""),
                )
            )
    return found


def standing(log: bytes, seen: str) -> Decision | None:
    """Return the last decision about the bytes of digest `seen`, None where there is none."""
    return next((each for each in reversed(decisions(log)) if each.digest == seen), None)
