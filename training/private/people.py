"""Who is protected: the lines of one person are one thing, and each step takes persons by chance."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TypeVar

from training.private.accountant import PrivacyError

Line = TypeVar("Line")


def grouped(lines: Iterable[tuple[str, Line]], *, most: int = 0, chance: random.Random) -> list[list[Line]]:
    """Return the lines of each person, by the order of their names; at most `most` of each, drawn by chance.

    How many lines somebody has changes what a step costs, not what it tells: what is bounded is the person.
    PrivacyError `no_person` when a line does not say whose it is.
    """
    persons: dict[str, list[Line]] = {}
    for number, (person, line) in enumerate(lines, 1):
        if not person.strip():
            raise PrivacyError(
                "no_person",
                f"line {number} does not say whose it is; privacy protects persons and must know them apart",
            )
        persons.setdefault(person.strip(), []).append(line)
    groups = [persons[name] for name in sorted(persons)]
    return [chance.sample(group, most) if 0 < most < len(group) else group for group in groups]


def drawn(persons: Sequence[Line], q: float, chance: random.Random) -> list[Line]:
    """Draw each person by itself with chance `q` (Poisson sampling, which the accountants assume); maybe nobody."""
    return [person for person in persons if chance.random() < q]
