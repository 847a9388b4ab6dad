"""Reads a folder of somebody's own pictures to learn from: consent, faces cut out, what each is said to show.

The folder holds pictures, consent.json as identities have it, and, if wanted, attributes.csv: a column `file`, and one
for each trait that is told; an empty field is unsaid. What is unsaid is drawn by chance, so that the painter learns to
make nothing of it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.identity.fields import parse_object
from engines.provenance import consent as consents
from studio.errors import StudioError
from studio.portrait import opening
from studio.portrait.told import value
from studio.portrait.words import VALUES

LEAST: Final = 50  # pictures
MOST: Final = 20_000
KINDS: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
TABLE: Final = "attributes.csv"
HELD: Final = 8  # of so many one is kept apart, to see what is repeated
APART: Final = 0.8  # painted pictures are at least so far from those learned from as the ones kept apart are
TOLD: Final = 5  # faults that a message names


@dataclass(frozen=True, slots=True)
class Own:
    """Pictures (n, size, size, 3), their labels (n, traits), whose consent, and what could not be used."""

    colour: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    subject: str
    left_out: tuple[str, ...]

    def learned(self) -> NDArray[np.intp]:
        """Return the numbers of the pictures to learn from."""
        return np.nonzero(np.arange(len(self.colour)) % HELD != HELD - 1)[0]

    def held(self) -> NDArray[np.intp]:
        """Return the numbers of those that are kept apart."""
        return np.nonzero(np.arange(len(self.colour)) % HELD == HELD - 1)[0]


def pictures(folder: Path, size: int, today: date, *, crop: str = opening.FACE, seed: int = 1) -> Own:
    """Read a folder; StudioError or IdentityError says what is wrong: no consent, too few faces, a bad table."""
    if not folder.is_dir():
        raise StudioError("not_found", f"there is no folder {folder}")
    subject = agreed(folder, today)
    names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in KINDS and path.is_file())
    if len(names) > MOST:
        raise StudioError("too_large", f"{folder} has {len(names)} pictures; {MOST} at most")
    said = table(folder / TABLE, names) if (folder / TABLE).is_file() else {}
    random = np.random.default_rng(seed)
    colour, labels, left_out = [], [], []
    for name in names:
        try:
            colour.append(opening.cut(opening.opened(folder / name), size, crop=crop, name=name))
        except StudioError as error:
            if error.code == "missing_package":
                raise
            left_out.append(f"{name}: {error.message}")
            continue
        labels.append(_numbers(said.get(name, {}), random))
    if len(colour) < LEAST:
        faults = "".join(f"\n  {each}" for each in left_out[:TOLD])
        raise StudioError("too_few", f"{len(colour)} of {len(names)} pictures can be used; {LEAST} are needed{faults}")
    return Own(np.stack(colour), np.array(labels, np.uint8), subject, tuple(left_out))


def agreed(folder: Path, today: date) -> str:
    """Return whose faces they are; StudioError `no_consent` or IdentityError without a consent that holds."""
    path = folder / consents.CONSENT
    if not path.is_file():
        raise StudioError(
            "no_consent",
            f"{folder} has no {consents.CONSENT}: whoever is in the pictures says in it, in their words, that a "
            'painter may learn of them ({"subject": "real", "by": .., "on": .., "statement": .., "scope": ["face"]})',
        )
    consent = consents.read_consent(parse_object(path.read_bytes(), consents.CONSENT))
    if consent.subject != "synthetic":
        consents.check(consent, {"face"}, today)
    return consent.subject


def table(path: Path, names: list[str]) -> Mapping[str, Mapping[str, str]]:
    """Read attributes.csv as traits by file; StudioError `bad_attributes` names the line."""
    found: dict[str, dict[str, str]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            columns = rows.fieldnames or []
            if unknown := [each for each in columns if each not in ("file", *VALUES)]:
                raise StudioError(
                    "bad_attributes", f"{path.name}: no trait {unknown[0]!a}; there are {', '.join(VALUES)}"
                )
            if "file" not in columns:
                raise StudioError("bad_attributes", f"{path.name} needs a column called file")
            for row in rows:
                where = f"{path.name}, line {rows.line_num}"
                if row["file"] not in names:
                    raise StudioError("bad_attributes", f"{where}: there is no picture {row['file']!a}")
                found[row["file"]] = _said(row, where)
    except (UnicodeDecodeError, csv.Error) as error:
        raise StudioError("bad_attributes", f"{path.name} is no table in UTF-8: {error}") from error
    return found


def likeness(painted: NDArray[np.float32], held: NDArray[np.float32]) -> float:
    """Return how far painted pictures are from those learned from, beside new real ones: below APART they repeat."""
    return float(np.median(painted) / max(1e-6, float(np.median(held))))


def _numbers(traits: Mapping[str, str], random: np.random.Generator) -> list[int]:
    """Return the number of each trait's value; what is unsaid is drawn."""
    return [
        list(values).index(traits[trait]) if trait in traits else int(random.integers(len(values)))
        for trait, values in VALUES.items()
    ]


def _said(row: Mapping[str, str | None], where: str) -> dict[str, str]:
    told = {}
    for trait, values in VALUES.items():
        word = (row.get(trait) or "").strip().lower()
        if not word:
            continue
        known = word if word in values else value(trait, word)
        if not known:
            raise StudioError("bad_attributes", f"{where}: {trait} may be {', '.join(values)}, not {word!a}")
        told[trait] = known
    return told
