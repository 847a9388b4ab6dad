"""Writes the page of one person's report: what was missed first, then every section, all transcripts at the end."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from engines.identity.fields import Json
from engines.identity.pictures import Picture
from studio.evaluate.measures import Section, tally
from studio.evaluate.numbers.spread import quantile
from studio.evaluate.page.charts import curves, histogram
from studio.evaluate.page.markup import Child, Markup, tag
from studio.evaluate.page.parts import badge, chart, figure, first, frame, measured, table, tiles
from studio.evaluate.page.words import attribute, caption, inside, plain

PORTRAIT: Final = 2 * 1024 * 1024  # bytes of a picture that the page holds
ROWS: Final = 200  # of one table


def report_page(
    sections: Sequence[Section], *, name: str, description: str, facts: Mapping[str, str], portrait: Picture | None
) -> bytes:
    """Return the page; `facts` are `language`, `dialogue` and `seed` for the line under the name."""
    picture: Child = None
    if portrait is not None and len(portrait.data) <= PORTRAIT and portrait.kind.startswith("image/"):
        data = base64.b64encode(portrait.data).decode()
        picture = tag("img", src=f"data:{portrait.kind};base64,{data}", alt=name)
    head = tag(
        "header",
        picture,
        tag(
            "div",
            tag("h1", caption("of", name=name)),
            tag("p", description),
            tag("p", caption("who", **facts), class_="soft"),
        ),
    )
    body: list[Child] = [head, tiles(tally(sections)), tag("p", caption("no_score"), class_="soft"), first(sections)]
    body += [part for section in sections for part in _section(section)]
    body += [_transcripts(section) for section in sections if section.name == "probes"]
    return frame(f"{plain('title')}: {name}", body, language=facts.get("language", "en"))


def _section(section: Section) -> list[Child]:
    drawn = _DRAWN.get(section.name)
    return [
        tag("h2", caption(f"section_{section.name}")),
        tag("p", caption(f"about_{section.name}"), class_="soft"),
        measured(section),
        *(drawn(section) if drawn and section.detail else ()),
    ]


# ------------------------------------------------------------------------------------------------ what sections show


def _attributes(section: Section) -> list[Child]:
    head = [caption(key) for key in ("attribute", "given", "read", "same")]
    rows: list[list[Child]] = [
        [
            attribute(_text(row, "attribute")),
            _text(row, "given"),
            _text(row, "read"),
            badge("passed" if row.get("same") is True else "missed"),
        ]
        for row in _objects(section.detail.get("rows"))
    ]
    return [table(head, rows)] if rows else []


def _course(section: Section) -> list[Child]:
    head = [caption(key) for key in ("heading", "entry", "lesson", "question")]
    rows: list[list[Child]] = [
        [_text(row, "heading"), *("✓" if row.get(key) is True else "–" for key in ("entry", "lesson", "question"))]
        for row in _objects(section.detail.get("headings"))[:ROWS]
    ]
    return [table(head, rows)] if rows else []


def _bars(section: Section) -> list[Child]:
    return [chart(section, f"section_{section.name}")]


def _probes(section: Section) -> list[Child]:
    return [chart(section, "kinds")]


def _noise(section: Section) -> list[Child]:
    levels = _numbers(section.detail.get("levels"))
    series = {f"curve_{key}": _numbers(value) for key, value in _object(section.detail.get("curves")).items()}
    series |= {f"curve_pupil_{key}": _numbers(value) for key, value in _object(section.detail.get("pupil")).items()}
    floor = section.detail.get("floor")
    drawn = curves(
        levels,
        series,
        {key: inside(key) for key in series},
        title=plain("curve"),
        across=inside("across_errors"),
        floor=floor if isinstance(floor, float) else None,
    )
    head = [caption(key) for key in ("arrived", "answered")]
    rows: list[list[Child]] = [
        [
            tag("span", _text(row, "said"), tag("br"), tag("span", _text(row, "asked"), class_="soft")),
            _text(row, "reply"),
        ]
        for row in _objects(section.detail.get("wrong"))
    ]
    return [
        figure("curve", drawn),
        tag("h3", caption("examples")) if rows else None,
        table(head, rows) if rows else None,
    ]


def _bias(section: Section) -> list[Child]:
    head: list[Child] = [caption("asked"), "A", "B"]
    rows: list[list[Child]] = [
        [_text(row, "asked"), _text(row, "a"), _text(row, "b")] for row in _objects(section.detail.get("differing"))
    ]
    return [tag("h3", caption("differing")), table(head, rows)] if rows else []


def _latency(section: Section) -> list[Child]:
    values = _numbers(section.detail.get("first_ms"))
    most = quantile(values, 0.99)  # a few that were held up would press all others into one column
    values = [min(value, most) for value in values]
    return [figure("first_word", histogram(values, title=plain("first_word"), across="ms"))] if values else []


_DRAWN: Final[Mapping[str, Callable[[Section], list[Child]]]] = {
    "attributes": _attributes,
    "course": _course,
    "richness": _bars,
    "probes": _probes,
    "noise": _noise,
    "bias": _bias,
    "latency": _latency,
}


def _transcripts(section: Section) -> Markup:
    talks = [_talk(each) for each in _objects(section.detail.get("transcripts"))]
    if not talks:
        return tag("div")
    return tag("section", tag("h2", caption("transcripts")), tag("div", *talks, class_="talks"))


def _talk(talk: Mapping[str, Json]) -> Markup:
    passed = talk.get("passed") is True
    lines: list[Child] = []
    for turn in _objects(talk.get("turns")):
        lines.append(tag("p", _text(turn, "said"), class_="said"))
        lines.append(tag("p", _text(turn, "reply") or _text(turn, "error"), class_="said reply"))
        if _text(turn, "gate"):
            lines.append(tag("p", caption("stepped_in", category=_text(turn, "gate")), class_="note"))
    broken = [each for each in _objects(talk.get("findings")) if each.get("passed") is not True]
    why = "; ".join(f"{_text(each, 'rule')}: {_text(each, 'why')}" for each in broken)
    if broken:
        lines.append(tag("p", caption("rules_broken"), f": {why}", class_="broken"))
    if _text(talk, "judged"):
        lines.append(tag("p", _text(talk, "judged"), class_="note"))
    return tag(
        "div",
        tag("div", caption(f"kind_{_text(talk, 'kind')}"), f" · {_text(talk, 'id')} ",
            badge("passed" if passed else "missed"), class_="id"),
        *lines,
        class_="talk" if passed else "talk missed",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ reading details


def _objects(value: Json) -> list[dict[str, Json]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _numbers(value: Json) -> list[float]:
    if not isinstance(value, list):
        return []
    return [float(each) for each in value if isinstance(each, int | float) and not isinstance(each, bool)]


def _text(values: Mapping[str, Json], key: str) -> str:
    value = values.get(key, "")
    return value if isinstance(value, str) else str(value)
