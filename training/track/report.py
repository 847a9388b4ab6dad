"""Writes one HTML page about a run, or about two: it needs no other file and no network."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #dde3ea;vertical-align:top}
th{font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}img{max-width:100%}
.said{background:#f5f7fa;border-radius:6px;padding:.6rem .8rem;margin:.4rem 0}small{color:#5a6675}
"""


def page(title: str, lead: str, parts: Sequence[tuple[str, str]]) -> str:
    """Return a page of a title, a sentence that says what came of it, and parts of (heading, HTML)."""
    body = "".join(f"<h2>{html.escape(heading)}</h2>{inside}" for heading, inside in parts if inside)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{html.escape(title)}</h1><p>{html.escape(lead)}</p>{body}</html>\n"
    )


def picture(png: bytes, words: str) -> str:
    """Return a picture within the page; `words` say what it shows."""
    data = base64.b64encode(png).decode()
    return f'<img alt="{html.escape(words)}" src="data:image/png;base64,{data}">'


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table; numbers stand to the right."""
    head = "".join(f"<th>{html.escape(each)}</th>" for each in columns)
    body = "".join(f"<tr>{''.join(_cell(each) for each in row)}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>" if rows else ""


def facts(told: Mapping[str, Any]) -> str:
    """Return names and values as a table of two columns."""
    return table(("", ""), [(name, _plain(value)) for name, value in told.items()])


def answers(rows: Sequence[tuple[str, str, str]]) -> str:
    """Return questions with the answers before and after."""
    return "".join(
        f'<div class="said"><b>{html.escape(question)}</b><br><small>before</small> {html.escape(before)}<br>'
        f"<small>after</small> {html.escape(after)}</div>"
        for question, before, after in rows
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return value


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f'<td class="n">{value:,.4g}</td>'
    if isinstance(value, int) and not isinstance(value, bool):
        return f'<td class="n">{value:,}</td>'
    return f"<td>{html.escape(str(value))}</td>"
