"""Draws charts as SVG: bars with what is wanted and the floor, curves, histograms, dots beside their chance. Pure.

Colours are classes of the page's sheet, and every mark has a form of its own too, so that a chart is read in black and
white.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from studio.evaluate.page.markup import Child, Markup, joined, tag

WIDTH: Final = 640.0
ROW: Final = 26.0
LABEL: Final = 232.0
RIGHT: Final = 66.0
MARKS: Final = ("circle", "square", "triangle", "cross")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a label, a value 0..1, what is written behind it, a floor, what is wanted, and its class."""

    label: Child
    value: float
    written: str
    floor: float | None = None
    wanted: float | None = None
    kind: str = "reported"


@dataclass(frozen=True, slots=True)
class Dot:
    """A value beside the range that chance gives (`low` to `high`)."""

    label: Child
    value: float
    low: float
    high: float
    found: bool


def bars(rows: Sequence[Bar], title: Child) -> Markup:
    """Draw horizontal bars on a scale of 0..1; a thin line is what is wanted, a dotted one the floor."""
    height = ROW * len(rows) + 8
    span = WIDTH - LABEL - RIGHT
    parts: list[Child] = [tag("title", title)]
    for i, row in enumerate(rows):
        y = ROW * i + 6
        long = max(0.0, min(1.0, row.value)) * span
        parts += [
            tag("text", row.label, x=LABEL - 8, y=y + 14, class_="label", text_anchor="end"),
            tag("rect", x=LABEL, y=y, width=span, height=18, class_="track"),
            tag("rect", x=LABEL, y=y, width=long, height=18, class_=f"bar {row.kind}"),
            tag("text", row.written, x=LABEL + span + 8, y=y + 14, class_="value"),
        ]
        for value, name in ((row.wanted, "wanted"), (row.floor, "floor")):
            if value is not None:
                at = LABEL + max(0.0, min(1.0, value)) * span
                parts.append(tag("line", x1=at, x2=at, y1=y - 2, y2=y + 20, class_=name))
    return _picture(parts, height)


def curves(x: Sequence[float], series: Mapping[str, Sequence[float]], named: Mapping[str, Child], *,
           title: Child, across: Child, floor: float | None = None) -> Markup:  # fmt: skip
    """Draw curves over `x`, both axes 0..1 in percent; `named` says what each is called."""
    left, top, width, height = 46.0, 14.0, WIDTH - 256, 220.0
    most = max(x, default=1.0) or 1.0

    def place(a: float, b: float) -> tuple[float, float]:
        return left + a / most * width, top + (1 - max(0.0, min(1.0, b))) * height

    parts: list[Child] = [tag("title", title)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        _, y = place(0, share)
        parts.append(tag("line", x1=left, x2=left + width, y1=y, y2=y, class_="grid"))
        parts.append(tag("text", f"{share:.0%}", x=left - 6, y=y + 4, class_="axis", text_anchor="end"))
    for a in x:
        at, _ = place(a, 0)
        parts.append(tag("text", f"{a:.0%}", x=at, y=top + height + 16, class_="axis", text_anchor="middle"))
    parts.append(tag("text", across, x=left + width / 2, y=top + height + 34, class_="axis", text_anchor="middle"))
    if floor is not None:
        _, y = place(0, floor)
        parts.append(tag("line", x1=left, x2=left + width, y1=y, y2=y, class_="floor"))
    for i, (key, values) in enumerate(series.items()):
        points = [place(a, b) for a, b in zip(x, values, strict=False)]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(tag("polyline", points=line, class_=f"curve c{i % 4}"))
        parts += [_mark(a, b, i) for a, b in points]
        y = top + 12 + 22 * i
        parts += [_mark(left + width + 24, y - 4, i), tag("text", named[key], x=left + width + 36, y=y, class_="label")]
    return _picture(parts, top + height + 44)


def histogram(values: Sequence[float], *, title: Child, across: Child, written: str = "{:.1f}") -> Markup:
    """Draw how many values lie in each of twenty bins from 0 to the largest."""
    most = max(values, default=0.0) or 1.0
    counts = [0] * 20
    for value in values:
        counts[min(19, max(0, int(value / most * 20)))] += 1
    return columns(counts, [written.format(most * i / 20) for i in (0, 5, 10, 15, 20)], title=title, across=across)


def columns(counts: Sequence[int], ticks: Sequence[str], *, title: Child, across: Child) -> Markup:
    """Draw columns of these heights over an axis whose `ticks` are evenly spaced."""
    left, top, width, height = 46.0, 10.0, WIDTH - 80, 130.0
    highest = max(counts, default=0) or 1
    step = width / max(1, len(counts))
    parts: list[Child] = [tag("title", title)]
    for i, count in enumerate(counts):
        tall = count / highest * height
        parts.append(
            tag(
                "rect", x=left + i * step + 1, y=top + height - tall, width=step - 2, height=tall, class_="bar reported"
            )
        )
    parts.append(tag("line", x1=left, x2=left + width, y1=top + height, y2=top + height, class_="grid"))
    parts.append(tag("text", f"{highest}", x=left - 6, y=top + 8, class_="axis", text_anchor="end"))
    for i, tick in enumerate(ticks):
        at = left + width * i / max(1, len(ticks) - 1)
        parts.append(tag("text", tick, x=at, y=top + height + 16, class_="axis", text_anchor="middle"))
    parts.append(tag("text", across, x=left + width / 2, y=top + height + 34, class_="axis", text_anchor="middle"))
    return _picture(parts, top + height + 44)


def dots(rows: Sequence[Dot], *, title: Child, across: Child, written: str = "{:.2f}") -> Markup:
    """Draw each value as a dot, over a bar from the mean to the 95 % quantile of what chance gives."""
    most = max((max(row.value, row.high) for row in rows), default=1.0) or 1.0
    span = WIDTH - LABEL - RIGHT
    height = ROW * len(rows)
    parts: list[Child] = [tag("title", title)]
    for i, row in enumerate(rows):
        y = ROW * i + 16
        low, high, at = (LABEL + value / most * span for value in (row.low, row.high, row.value))
        parts += [
            tag("text", row.label, x=LABEL - 8, y=y + 4, class_="label", text_anchor="end"),
            tag("line", x1=LABEL, x2=LABEL + span, y1=y, y2=y, class_="grid"),
            tag("rect", x=low, y=y - 5, width=max(2.0, high - low), height=10, class_="chance"),
            tag("circle", cx=at, cy=y, r=5, class_="dot missed" if row.found else "dot passed"),
            tag("text", written.format(row.value), x=LABEL + span + 10, y=y + 4, class_="value"),
        ]
    parts.append(tag("text", across, x=LABEL + span / 2, y=height + 22, class_="axis", text_anchor="middle"))
    return _picture(parts, height + 32)


def _mark(x: float, y: float, number: int) -> Markup:
    """Draw the mark of a curve, by its form as well as its colour."""
    kind = f"mark c{number % 4}"
    match MARKS[number % 4]:
        case "square":
            return tag("rect", x=x - 4, y=y - 4, width=8, height=8, class_=kind)
        case "triangle":
            return tag("path", d=f"M{x:.1f},{y - 5:.1f}L{x + 5:.1f},{y + 4:.1f}L{x - 5:.1f},{y + 4:.1f}Z", class_=kind)
        case "cross":
            return tag("path", d=f"M{x - 4:.1f},{y - 4:.1f}l8,8m0,-8l-8,8", class_=f"{kind} open")
        case _:
            return tag("circle", cx=x, cy=y, r=4, class_=kind)


def _picture(parts: Sequence[Child], height: float) -> Markup:
    return tag("svg", joined(parts), viewBox=f"0 0 {WIDTH:g} {height:g}", role="img", class_="chart")
