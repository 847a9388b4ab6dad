"""Replaces what names somebody by stand-ins: the same for the same, put back by whoever holds the ledger.

    scrubber = Scrubber(Ledger())
    scrubber.scrub("I am Ada Quist, call 020 7946 0958.").text   # "I am <PERSON_1>, call <PHONE_1>."

The ledger is the secret: keep it where the texts are not, or drop it, and nobody can put anything back.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engines.personal.kinds import KINDS, Finder, Found, Kind, settled
from engines.personal.numbers import (
    addresses_of_machines,
    birth_dates,
    cards,
    coordinates,
    ibans,
    national,
    phones,
)
from engines.personal.people import known, people
from engines.personal.places import addresses
from engines.personal.web import emails, handles, urls

RULES: Final[tuple[Finder, ...]] = (
    emails, urls, ibans, cards, national, addresses_of_machines, birth_dates, coordinates, addresses, phones, handles,
    people,
)  # fmt: skip
STEP: Final = 20_000  # characters that are read at once
OVERLAP: Final = 400  # of two steps, so that nothing lies across their border
ROUNDS: Final = 8
LEDGER_BYTES: Final = 64 * 2**20
_STAND_IN: Final = re.compile(r"<([A-Z_]{2,12})_(\d{1,9})>")


class BadLedger(ValueError):
    """A file that is no ledger."""


@dataclass(slots=True)
class Ledger:
    """Which stand-in stands for what, by kind; numbers begin with 1."""

    names: dict[Kind, dict[str, int]] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)  # from a stand-in to what was first written

    def stand_in(self, kind: Kind, written: str) -> str:
        """Return the stand-in for what is written, a new one at its first time."""
        numbers = self.names.setdefault(kind, {})
        number = numbers.setdefault(_key(kind, written), len(numbers) + 1)
        made = f"<{kind.upper()}_{number}>"
        self.words.setdefault(made, written)
        return made

    def restore(self, text: str) -> str:
        """Put back what the stand-ins of a text stand for; those that are not known stay."""
        return _STAND_IN.sub(lambda match: self.words.get(match[0], match[0]), text)

    def save(self, file: Path) -> None:
        """Write it where only its owner reads it; all of it or nothing."""
        beside = file.with_name(f"{file.name}.new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump({"version": 1, "names": self.names, "words": self.words}, out, ensure_ascii=False)
        beside.replace(file)

    @classmethod
    def load(cls, file: Path) -> Ledger:
        """Read what was saved; BadLedger when it is something else."""
        try:
            if file.stat().st_size > LEDGER_BYTES:
                raise BadLedger(f"{file} is larger than {LEDGER_BYTES // 2**20} MiB")
            held = json.loads(file.read_text(encoding="utf-8"))
            names = {
                kind: {str(key): int(number) for key, number in held["names"].get(kind, {}).items()} for kind in KINDS
            }
            words = {str(made): str(written) for made, written in held["words"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadLedger(f"{file} is no ledger of stand-ins: {error}") from error
        return cls({kind: numbers for kind, numbers in names.items() if numbers}, words)


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A text with stand-ins, and these in the order in which they were put."""

    text: str
    stand_ins: tuple[str, ...]


class Scrubber:
    """Scrubs texts with one ledger; `names` are people who are known, `more` further finders, such as a model."""

    def __init__(
        self, ledger: Ledger, *, names: Sequence[str] = (), region: str = "", more: Iterable[Finder] = ()
    ) -> None:
        self.ledger = ledger
        self._finders = (*RULES, known(names), *more)
        self._region = region

    def find(self, text: str) -> list[Found]:
        """Return what is personal in a text, in order and without overlaps; stand-ins are not."""
        found: list[Found] = []
        for begin in range(0, max(1, len(text)), STEP):
            part = text[begin : begin + STEP + OVERLAP]
            for finder in self._finders:
                found += [Found(begin + each.start, begin + each.end, each.kind) for each in finder(part, self._region)]
        made = [match.span() for match in _STAND_IN.finditer(text)]
        outside = [each for each in set(found) if all(each.end <= start or each.start >= end for start, end in made)]
        return settled(outside)

    def scrub(self, text: str) -> Scrubbed:
        """Return the text with stand-ins; scrubbing it once more changes nothing."""
        put: list[str] = []
        # A name may only show once its neighbour is gone.
        for _ in range(ROUNDS):
            found = self.find(text)
            if not found:
                break
            parts, at = [], 0
            for each in found:
                made = self.ledger.stand_in(each.kind, text[each.start : each.end])
                parts += [text[at : each.start], made]
                put.append(made)
                at = each.end
            text = "".join([*parts, text[at:]])
        return Scrubbed(text, tuple(put))


def _key(kind: Kind, written: str) -> str:
    """Return what two ways of writing the same have in common."""
    match kind:
        case "phone" | "card" | "iban" | "national_id":
            return re.sub(r"[^0-9A-Z+]", "", written.upper())
        case "email" | "url" | "handle" | "ip" | "person" | "address" | "birth_date" | "place":
            return " ".join(written.casefold().split())
