"""Writes a study as tables that people read, and as one object for programs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engines.identity.fields import Json
from studio.evaluate.measures import Section, tally


def as_json(sections: Sequence[Section], about: Mapping[str, Json]) -> dict[str, Json]:
    """Return the study for programs; `about` says of whom it is."""
    return {
        "schema": 1,
        **about,
        "tally": {**tally(sections)},
        "measures": [measure.as_json() for section in sections for measure in section.measures],
        "sections": {section.name: dict(section.detail) for section in sections},
    }


def tables(sections: Sequence[Section]) -> str:
    """Return the study as tables in Markdown."""
    return "\n\n".join(part for section in sections if (part := _section(section)))


def _section(section: Section) -> str:
    rows = section.detail.get("table")
    listed = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    head: Sequence[str]
    body: Sequence[Sequence[object]]
    match section.name:
        case "information":
            head = ("what tells of what", "bits", "by chance", "95 % of shuffles", "p", "told")
            body = [
                (row["pair"], row["bits"], row["floor"], row["high"], row["p"], _yes(row["told"])) for row in listed
            ]
        case "spread":
            head = ("attribute", "values", "coverage", "bits", "evenness", "chi-square", "most frequent")
            body = [
                (
                    row["attribute"],
                    f"{row['values']} of {row['possible'] or '–'}",
                    row["coverage"] if row["possible"] else "–",
                    row["entropy"],
                    row["evenness"],
                    f"{_cell(row['chi_square'])} / {row['freedom']}",
                    f"{row['top']} ({_percent(row['top_share'])})",
                )
                for row in listed
            ]
        case "leaning":
            if not listed:
                return "No word leans to a gender."
            head = ("word", "leans to", "z")
            body = [(row["word"], row["towards"], row["z"]) for row in listed]
        case _:
            head = ("measure", "value", "wanted", "outcome", "")
            body = [
                (each.name, each.value, str(each.wanted or ""), each.outcome, next(iter(each.evidence), ""))
                for each in section.measures
            ]
    return f"### {section.name}\n\n{_table(head, body)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    cells = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _cell(value: object) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return _yes(value)
        case float():
            return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"
        case _:
            return str(value).replace("|", "/").replace("\n", " ")


def _percent(value: object) -> str:
    return f"{value:.0%}" if isinstance(value, float | int) else ""


def _yes(value: object) -> str:
    return "yes" if value is True else "no"
