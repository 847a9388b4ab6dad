"""Puts two runs beside each other: what they were told differently, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.track import curves, folder, report, tracker


def compare(first: Path, second: Path) -> tuple[str, str]:
    """Return the comparison as text for a terminal and as an HTML page; TrainingError `bad_run` for no run."""
    runs = {place: folder.read(place) for place in (first, second)}
    names = _names(first, second)
    told, outcome = (
        _rows(*(each.get("config", {}) for each in runs.values())),
        _rows(*(each.get("outcome", {}) for each in runs.values()), every=True),
    )
    data = _rows(*(each.get("data", {}).get("digests", {}) for each in runs.values()))
    columns = ("", *names)
    png = curves.draw({name: _log(place) for name, place in zip(names, runs, strict=True)})
    text = "\n\n".join(
        _text(title, columns, rows)
        for title, rows in (("different settings", told), ("outcome", outcome), ("different data", data))
        if rows
    )
    page = report.page(
        f"{names[0]} and {names[1]}",
        "What two runs were told differently, and what came of it.",
        [
            ("Outcome", report.table(columns, outcome)),
            ("Curves", report.picture(png, "held-out loss of both runs over their steps")),
            ("Different settings", report.table(columns, told) or "<p>none</p>"),
            ("Different data", report.table(columns, data) or "<p>none</p>"),
        ],
    )
    return text, page


def _rows(first: Mapping[str, Any], second: Mapping[str, Any], *, every: bool = False) -> list[tuple[Any, ...]]:
    names = dict.fromkeys((*_flat(first), *_flat(second)))
    pairs = [(name, _flat(first).get(name, "-"), _flat(second).get(name, "-")) for name in names]
    return [row for row in pairs if every or row[1] != row[2]]


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
    return found


def _text(title: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    cells = [columns, *((str(name), _short(a), _short(b)) for name, a, b in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(3)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([title, *lines])


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)[:40]


def _log(place: Path) -> list[dict[str, float]]:
    return tracker.read(place) if (place / tracker.FILE).is_file() else []


def _names(first: Path, second: Path) -> tuple[str, str]:
    if first.name != second.name:
        return first.name, second.name
    return str(first), str(second)
