"""Compares two reports, measure by measure. It judges nobody anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from engines.identity.fields import Fields, Json, parse_object
from engines.identity.storage import read_file
from studio.errors import StudioError
from studio.evaluate.stage import REPORT

REPORT_BYTES: Final = 8 * 1024 * 1024
SAME: Final = 1e-9

Change: TypeAlias = Literal["better", "worse", "same", "new", "gone", "changed"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in both reports: values, outcomes, and what became of it from the first to the second."""

    name: str
    before: float | None
    after: float | None
    outcomes: tuple[str, str]
    change: Change

    def as_json(self) -> dict[str, Json]:
        """Write it for programs."""
        return {
            "name": self.name,
            "before": self.before,
            "after": self.after,
            "outcomes": [*self.outcomes],
            "change": self.change,
        }


def compared(before: Path, after: Path) -> list[Difference]:
    """Compare the reports in two folders, or two reports' files; StudioError `no_report` where there is none."""
    first, second = _read(before), _read(after)
    return [_difference(name, first.get(name), second.get(name)) for name in dict.fromkeys((*first, *second))]


def _difference(name: str, old: Fields | None, new: Fields | None) -> Difference:
    before, after = _value(old), _value(new)
    outcomes = (_outcome(old), _outcome(new))
    return Difference(name, before, after, outcomes, _change(old, new, before, after, outcomes))


def _change(
    old: Fields | None, new: Fields | None, before: float | None, after: float | None, outcomes: tuple[str, str]
) -> Change:
    if old is None or new is None:
        return "new" if old is None else "gone"
    if before is None or after is None:
        return "same" if before is after else "changed"
    if abs(before - after) <= SAME:
        return "same"
    match outcomes:
        case ("missed", "passed"):
            return "better"
        case ("passed", "missed"):
            return "worse"
        case _:
            pass
    wanted = new.text("wanted")
    up, down = wanted.startswith(">="), wanted.startswith("<=")
    if not (up or down):
        return "changed"
    return "better" if (after > before) == up else "worse"


def _read(path: Path) -> Mapping[str, Fields]:
    file = path / REPORT if path.is_dir() else path
    if not file.is_file():
        raise StudioError("no_report", f"{path} has no report yet: companion identity evaluate {path}")
    fields = Fields(parse_object(read_file(file, REPORT_BYTES), str(file)), str(file), code="bad_report")
    measures = fields.each("measures")
    if not measures:
        raise StudioError("no_report", f"{file} is no report of an evaluation")
    return {each.text("name", longest=200): each for each in measures}


def _value(fields: Fields | None) -> float | None:
    value = fields.values.get("value") if fields is not None else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _outcome(fields: Fields | None) -> str:
    return fields.text("outcome", longest=40) if fields is not None else ""
