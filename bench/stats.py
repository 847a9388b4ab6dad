"""Percentiles and tables. It knows nothing of what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def quantile(values: Sequence[float], q: float) -> float:
    """Return the smallest value that at least the share `q` of `values` does not exceed (nearest rank).

    NaN of nothing.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)] if ordered else math.nan


@dataclass(frozen=True, slots=True)
class Summary:
    """How a sample is spread; with n below 100 its p99 is its maximum."""

    n: int
    p50: float
    p95: float
    p99: float
    worst: float

    def __str__(self) -> str:
        return f"p50 {self.p50:.2f}  p95 {self.p95:.2f}  p99 {self.p99:.2f}  max {self.worst:.2f}  (n={self.n})"


def summarize(values: Iterable[float]) -> Summary:
    """Return the spread of `values`, in their own unit."""
    data = sorted(values)
    return Summary(len(data), quantile(data, 0.5), quantile(data, 0.95), quantile(data, 0.99), quantile(data, 1.0))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table whose columns line up in plain text; floats get two digits."""
    cells = [list(head), *[[_cell(value) for value in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "-" if math.isnan(value) else f"{value:.2f}"
    return str(value)
