"""Finds a name for a person, by region and by how the person presents; never that of somebody whom the public knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from studio.draft.chance import Chance
from studio.draft.figures import is_known
from studio.tongue.tables import table

TRIES: Final = 20
OWN: Final = ("zh", "ja")  # languages with names in a script of their own

_WORD: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A name: `full` as it is written, `short` as the person is called, `plain` in small Latin letters for files."""

    full: str
    short: str
    plain: str


def invented(chance: Chance, region: str, presentation: str, language: str) -> Name:
    """Return a name of the region; the same seed gives the same."""
    names = _names(language)[region]
    kind = presentation if presentation in ("female", "male") else "either"
    for attempt in range(TRIES):
        given = chance.choice(f"given:{attempt}", names[kind].split())
        family = chance.choice(f"family:{attempt}", names["family"].split())
        name = _composed(given, family, names)
        if not is_known(name.full):
            return name
    return name


def named(full: str) -> Name:
    """Return a name that somebody asked for."""
    full = " ".join(full.split())
    short = full.split()[0] if " " in full else full
    return Name(full, short, plain(full))


def regions(language: str) -> tuple[str, ...]:
    """Return the regions whose names are known in a language."""
    return tuple(_names(language))


def plain(text: str) -> str:
    """Write a name in small Latin letters, digits and hyphens, "" when none are left of it."""
    bare = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    bare = "".join(c for c in bare.replace("ı", "i").replace("æ", "ae") if not unicodedata.combining(c))
    return _WORD.sub("-", bare).strip("-")[:60].strip("-")


def _composed(given: str, family: str, names: Mapping[str, Any]) -> Name:
    """Put a name together; in a script of its own a word is "signs/letters"."""
    given, _, given_plain = given.partition("/")
    family, _, family_plain = family.partition("/")
    joint = names.get("joint", " ")
    parts = (family, given) if names.get("order") == "family" else (given, family)
    short = given if names.get("called", "given") == "given" else f"{family}{given}"
    return Name(joint.join(parts), short, plain(f"{given_plain or given} {family_plain or family}"))


@cache
def _names(language: str) -> Mapping[str, Mapping[str, Any]]:
    return table(language, "names") if language in OWN else table("", "names")
