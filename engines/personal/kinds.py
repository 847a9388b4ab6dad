"""The kinds of personal data that are looked for, and one place of a text that holds some."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "person", "email", "phone", "url", "ip", "handle", "card", "iban", "national_id", "address", "birth_date", "place"
]

# Where two places overlap the kind that stands first is taken: a checksum proves more than a shape.
KINDS: Final[tuple[Kind, ...]] = (
    "email", "url", "iban", "card", "national_id", "ip", "birth_date", "place", "address", "phone", "handle", "person"
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """Characters `start` to `end` of a text hold personal data of a kind."""

    start: int
    end: int
    kind: Kind


# Finds in a text; `region` is an ISO 3166 code for what is written without a country, "" when nobody knows.
Finder: TypeAlias = Callable[[str, str], Iterator[Found]]


def settled(found: list[Found]) -> list[Found]:
    """Return places in order that do not overlap: of those that do the surest kind, then the longest."""
    taken: list[Found] = []
    for each in sorted(found, key=lambda f: (KINDS.index(f.kind), f.start - f.end, f.start)):
        at = bisect_left(taken, each)
        before = taken[at - 1] if at else None
        after = taken[at] if at < len(taken) else None
        if (before is None or before.end <= each.start) and (after is None or each.end <= after.start):
            taken.insert(at, each)
    return taken
