"""Writes the page of a population study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engines.identity.fields import Json
from studio.evaluate.measures import Section, tally
from studio.evaluate.page.charts import Bar, Dot, bars, columns, dots, histogram
from studio.evaluate.page.markup import Child, tag
from studio.evaluate.page.parts import chart, figure, first, frame, measured, table, tiles
from studio.evaluate.page.words import attribute, caption, plain

TICKS = ("0", ".25", ".5", ".75", "1")


def population_page(sections: Sequence[Section], *, about: Mapping[str, str], language: str) -> bytes:
    """Return the page; `about` are `count`, `first` and `last` (seeds), and `wish`."""
    head = tag(
        "header",
        tag(
            "div",
            tag("h1", caption("study_title")),
            tag("p", caption("population", **about)),
            tag("p", about.get("wish", ""), class_="soft"),
        ),
    )
    body: list[Child] = [head, tiles(tally(sections)), first(sections)]
    for section in sections:
        body += [tag("h2", caption(_TITLES[section.name])), *_shown(section)]
    return frame(plain("study_title"), body, language=language)


_TITLES = {
    "readback": "readback",
    "information": "information",
    "spread": "spread",
    "complexity": "complexity",
    "alike": "alike",
    "leaning": "leaning",
}


def _shown(section: Section) -> list[Child]:
    rows = section.detail.get("table")
    listed = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    match section.name:
        case "readback":
            return [chart(section, "readback"), measured(section)]
        case "information":
            return [tag("p", caption("about_information"), class_="soft"), *_information(listed)]
        case "spread":
            return [tag("p", caption("about_spread"), class_="soft"), *_spread(listed)]
        case "complexity":
            words = section.detail.get("words")
            lengths = [float(each) for each in words if isinstance(each, int)] if isinstance(words, list) else []
            drawn = histogram(lengths, title=plain("complexity"), across="n", written="{:.0f}")
            return [figure("complexity", drawn), measured(section)]
        case "alike":
            bins = section.detail.get("histogram")
            counts = [each for each in bins if isinstance(each, int)] if isinstance(bins, list) else []
            drawn = columns(counts, TICKS, title=plain("alike"), across=plain("similarity"))
            about = tag("p", caption("about_alike"), class_="soft")
            return [about, figure("alike", drawn) if counts else None, measured(section)]
        case _:
            words_ = [[_text(row, "word"), _text(row, "towards"), _text(row, "z")] for row in listed]
            return [
                tag("p", caption("about_leaning"), class_="soft"),
                table([caption("attribute"), "", "z"], words_) if words_ else tag("p", "–"),
            ]


def _information(rows: Sequence[Mapping[str, Json]]) -> list[Child]:
    marks = [
        Dot(
            attribute(_text(row, "pair"), drawn=True),
            _number(row, "bits"),
            _number(row, "floor"),
            _number(row, "high"),
            row["told"] is True,
        )
        for row in rows
    ]
    return [figure("information", dots(marks, title=plain("information"), across="bit"))] if marks else []


def _spread(rows: Sequence[Mapping[str, Json]]) -> list[Child]:
    drawn = [
        Bar(attribute(_text(row, "attribute"), drawn=True), _number(row, "evenness"), f"{_number(row, 'evenness'):.2f}")
        for row in rows
    ]
    head = [caption(key) for key in ("attribute", "values", "coverage", "entropy", "chi_square", "most_frequent")]
    body: list[list[Child]] = [
        [
            attribute(_text(row, "attribute")),
            f"{_text(row, 'values')} / {_text(row, 'possible')}" if row["possible"] else _text(row, "values"),
            f"{_number(row, 'coverage'):.0%}" if row["possible"] else "–",
            f"{_number(row, 'entropy'):.2f}",
            f"{_number(row, 'chi_square'):,.0f} ({_text(row, 'freedom')})",
            f"{_text(row, 'top')} ({_number(row, 'top_share'):.0%})",
        ]
        for row in rows
    ]
    return [figure("evenness", bars(drawn, plain("evenness"))), table(head, body, numbers=(1, 2, 3, 4))]


def _text(row: Mapping[str, Json], key: str) -> str:
    value = row.get(key, "")
    return value if isinstance(value, str) else f"{value}"


def _number(row: Mapping[str, Json], key: str) -> float:
    value = row.get(key)
    return float(value) if isinstance(value, int | float) else 0.0
