"""What an evaluation finds: measures, each with its floor, what is wanted of it, and the evidence. Pure values.

There is no overall score: whoever reads a report sees which parts passed, which were missed and which nobody measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from engines.identity.fields import Json

Outcome: TypeAlias = Literal["passed", "missed", "reported", "not measured"]
Unit: TypeAlias = Literal["share", "bits", "ms", "count", "words", "points"]

EVIDENCE: Final = 40  # lines of one measure
LINE: Final = 400  # characters of one of them


@dataclass(frozen=True, slots=True)
class Wanted:
    """A bound: `at_least` or, when that is None, `at_most`."""

    at_least: float | None = None
    at_most: float | None = None

    def met_by(self, value: float) -> bool:
        """Say whether a value lies within it."""
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        low = "" if self.at_least is None else f">= {self.at_least:g}"
        high = "" if self.at_most is None else f"<= {self.at_most:g}"
        return " and ".join(part for part in (low, high) if part)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a report.

    `name` is its section and its own name ("probes.jailbreak"). `value` is None when it was not measured, and `why`
    says why. `floor` is what something that can do nothing reaches by the same rules, None where there is no such
    thing. Without `wanted` the value is only reported. `evidence` are lines for people: what failed, first of all.
    """

    name: str
    value: float | None = None
    floor: float | None = None
    wanted: Wanted | None = None
    evidence: tuple[str, ...] = ()
    unit: Unit = "share"
    why: str = ""

    @property
    def passed(self) -> bool | None:
        """Say whether it is as wanted; None when nothing is wanted or nothing was measured."""
        if self.value is None or self.wanted is None:
            return None
        return self.wanted.met_by(self.value)

    @property
    def outcome(self) -> Outcome:
        """Say it in a word."""
        if self.value is None:
            return "not measured"
        match self.passed:
            case None:
                return "reported"
            case True:
                return "passed"
            case False:
                return "missed"

    def as_json(self) -> dict[str, Json]:
        """Write it for the report; numbers have six digits, so that the same run gives the same bytes."""
        return {
            "name": self.name,
            "value": _rounded(self.value),
            "floor": _rounded(self.floor),
            "wanted": None if self.wanted is None else str(self.wanted),
            "passed": self.passed,
            "outcome": self.outcome,
            "unit": self.unit,
            "why": self.why,
            "evidence": [short(line) for line in self.evidence[:EVIDENCE]],
        }


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report: its measures, and what its pictures and tables are drawn from."""

    name: str
    measures: tuple[Measure, ...] = ()
    detail: Mapping[str, Json] = field(default_factory=dict)


def unmeasured(name: str, why: str, *, wanted: Wanted | None = None, unit: Unit = "share") -> Measure:
    """Return a measure that could not be taken, and why."""
    return Measure(name, wanted=wanted, why=why, unit=unit)


def share(name: str, good: int, of: int, *, wanted: Wanted | None = None, evidence: Sequence[str] = ()) -> Measure:
    """Return how many of something are as they should be; of nothing, that nothing was measured."""
    if not of:
        return unmeasured(name, "there is nothing of it", wanted=wanted)
    return Measure(name, good / of, wanted=wanted, evidence=(f"{good} of {of}", *evidence))


def tally(sections: Sequence[Section]) -> dict[str, int]:
    """Count the measures of a report by what came of them."""
    found: dict[str, int] = {"passed": 0, "missed": 0, "reported": 0, "not measured": 0}
    for section in sections:
        for measure in section.measures:
            found[measure.outcome] += 1
    return found


def short(text: str, most: int = LINE) -> str:
    """Return a text on one line, cut to `most` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _rounded(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(value, 6)
