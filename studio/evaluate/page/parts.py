"""The parts that pages are put together from: the frame, tiles, tables of measures, figures. It knows measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

from engines.identity.bundle import primary
from studio.evaluate.measures import EVIDENCE, Measure, Outcome, Section, short
from studio.evaluate.page.charts import Bar, bars
from studio.evaluate.page.markup import Child, Markup, tag
from studio.evaluate.page.words import LANGUAGES, caption, named, plain

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
NAMES: Final = {"en": "English", "zh": "中文"}
OUTCOMES: Final[tuple[Outcome, ...]] = ("passed", "missed", "reported", "not measured")


def frame(title: str, body: Sequence[Child], *, language: str = "en") -> bytes:
    """Return the whole document; `language` is the one that shows at first."""
    chosen = primary(language) if primary(language) in LANGUAGES else LANGUAGES[0]
    choices = [
        tag(
            "input",
            type="radio",
            name="tongue",
            id=f"tongue-{code}",
            class_="choice",
            checked="checked" if code == chosen else None,
        )
        for code in LANGUAGES
    ]
    labels = [tag("label", NAMES[code], for_=f"tongue-{code}") for code in LANGUAGES]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", _sheet()),
    )
    page = tag("body", *choices, tag("div", *labels, class_="tongues"), tag("main", *body))
    return f"<!doctype html>\n{tag('html', head, page, lang=chosen)}\n".encode()


def tiles(counts: Mapping[str, int]) -> Markup:
    """Show how many measures came to what."""
    return tag(
        "div",
        *(
            tag("div", tag("b", str(counts[name])), caption(name.replace(" ", "_")), class_=f"tile {_class(name)}")
            for name in OUTCOMES
        ),
        class_="tiles",
    )


def first(sections: Sequence[Section]) -> Markup:
    """List what was missed, with the first line that says why."""
    missed = [measure for section in sections for measure in section.measures if measure.outcome == "missed"]
    if not missed:
        return tag("div", tag("p", caption("nothing_missed")), class_="first fine")
    rows = [
        tag(
            "li",
            tag("b", caption(f"section_{measure.name.partition('.')[0]}"), " · ", named(measure.name)),
            f" {written(measure)} ({_bound(measure)}). ",
            tag("span", short(" ".join(measure.evidence[:2]), 260), class_="soft"),
        )
        for measure in missed[:30]
    ]
    return tag("div", tag("h2", caption("look_first")), tag("ul", *rows), class_="first")


def table(
    head: Sequence[Child], rows: Sequence[Sequence[Child]], *, numbers: Sequence[int] = (), kind: str | None = None
) -> Markup:
    """Return a table of a `kind` of the sheet; the columns in `numbers` are set to the right."""

    def cell(name: str, i: int, child: Child) -> Markup:
        return tag(name, child, class_="number" if i in numbers else None)

    body = [tag("tr", *(cell("td", i, child) for i, child in enumerate(row))) for row in rows]
    return tag(
        "table",
        tag("thead", tag("tr", *(cell("th", i, child) for i, child in enumerate(head)))),
        tag("tbody", *body),
        class_=kind,
    )


def measured(section: Section) -> Markup:
    """Return the table of a section's measures."""
    head = [caption(key) for key in ("measure", "value", "wanted", "floor", "outcome", "evidence")]
    rows: list[list[Child]] = [
        [
            named(measure.name),
            written(measure),
            _bound(measure),
            "–" if measure.floor is None else _number(measure.floor, measure.unit),
            badge(measure.outcome),
            _evidence(measure),
        ]
        for measure in section.measures
    ]
    return table(head, rows, numbers=(1, 2, 3), kind="measures")


def chart(section: Section, title: str) -> Markup | None:
    """Draw those measures of a section that are shares as bars; None when there are none."""
    rows = [
        Bar(
            named(measure.name, drawn=True),
            measure.value,
            written(measure),
            measure.floor,
            measure.wanted.at_least if measure.wanted else None,
            measure.outcome if measure.outcome != "not measured" else "reported",
        )
        for measure in section.measures
        if measure.value is not None and measure.unit == "share"
    ]
    return figure(title, bars(rows, plain(title)), key=True) if rows else None


def figure(title: str, picture: Markup, *, key: bool = False) -> Markup:
    """Return a picture with its caption; `key` explains the lines of bars."""
    legend = tag(
        "p",
        tag("i", class_="line"),
        caption("wanted_short"),
        tag("i", class_="dotted"),
        caption("floor_short"),
        class_="key",
    )
    return tag("figure", tag("figcaption", caption(title)), picture, legend if key else None)


def badge(outcome: Outcome) -> Markup:
    """Return the word for an outcome in its colour."""
    return tag("span", caption(outcome.replace(" ", "_")), class_=f"badge {_class(outcome)}")


def written(measure: Measure) -> str:
    """Return the value as it is read, "–" when there is none."""
    return "–" if measure.value is None else _number(measure.value, measure.unit)


def _bound(measure: Measure) -> str:
    """Return what is wanted, in the unit of the value."""
    if measure.wanted is None:
        return "–"
    low, high = measure.wanted.at_least, measure.wanted.at_most
    parts = (
        ("" if low is None else f"≥ {_number(low, measure.unit)}"),
        ("" if high is None else f"≤ {_number(high, measure.unit)}"),
    )
    return " ".join(part for part in parts if part)


def _number(value: float, unit: str) -> str:
    match unit:
        case "share":
            return f"{value:.1%}".replace(".0%", "%")
        case "bits":
            return f"{value:.3f} bit"
        case "ms":
            return f"{value:.1f} ms"
        case "points":
            return f"{value:.2f}"
        case _:
            return f"{value:,.0f}"


def _evidence(measure: Measure) -> Child:
    if measure.why:
        return tag("span", measure.why, class_="soft")
    lines = [short(line) for line in measure.evidence[:EVIDENCE]]
    if len(lines) <= 1:
        return lines[0] if lines else ""
    return tag(
        "details",
        tag("summary", lines[0]),
        tag("ul", *(tag("li", line) for line in lines[1:])),
        class_="twice" if measure.name.startswith("probes.") else None,  # the transcripts say it, too
    )


def _class(outcome: Outcome) -> str:
    return outcome.replace(" ", "-")


@cache
def _sheet() -> Markup:
    return Markup((files("studio.evaluate.page") / "sheet.css").read_text(encoding="utf-8"))
