"""Keeps who was painted, in numbers, so that one trait can be changed later and the rest stays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.identity.fields import JSON_BYTES, Fields, Json, dump, parse_object
from studio.errors import StudioError
from studio.folder import Folder
from studio.portrait.model import Floats, Nets
from studio.portrait.words import TOLD

RECORD: Final = "assets/x_portrait/other/portrait.json"
SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Painted:
    """A person in the painter's numbers: `chance` and `told`; `net` is the digest of the nets' card."""

    chance: Floats
    told: Floats
    net: str


def written(person: Painted) -> bytes:
    """Return the file."""
    facts: dict[str, Json] = {
        "schema": SCHEMA,
        "net": person.net,
        "chance": [round(float(each), 5) for each in person.chance],
        "told": [round(float(each), 5) for each in person.told],
    }
    return dump(facts)


def recorded(folder: Folder, nets: Nets) -> Painted:
    """Read the folder's file; StudioError `no_portrait` without one, `bad_model` where other nets painted it."""
    if not folder.has(RECORD):
        raise StudioError("no_portrait", f"{folder.root} has no painted portrait yet: companion identity portrait")
    fields = Fields(parse_object(folder.read(RECORD, JSON_BYTES), RECORD), RECORD, code="damaged")
    chance, told = _row(fields, "chance", nets.chance), _row(fields, "told", TOLD)
    net = fields.text("net", longest=80)
    if net != digest(nets):
        raise StudioError("bad_model", "this portrait was painted by other nets; paint it anew, or name them by --net")
    return Painted(chance, told, net)


def digest(nets: Nets) -> str:
    """Return what tells one set of nets from another: the SHA-256 of their card."""
    return hashlib.sha256(dump(dict(nets.card))).hexdigest()


def _row(fields: Fields, name: str, count: int) -> Floats:
    values = fields.values.get(name)
    numbers = (
        [each for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
        if isinstance(values, list)
        else []
    )
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise StudioError("damaged", f"{RECORD} must have {count} numbers in {name}")
    return np.array(numbers, np.float32)
