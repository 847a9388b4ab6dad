"""Says the page's captions in both languages at once; the reader chooses which one shows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from studio.evaluate.page.markup import Child, Markup, joined, tag

LANGUAGES: Final = ("en", "zh")


def caption(key: str, **filled: str | float) -> Markup:
    """Return a caption as two spans, of which the sheet shows one; a key that has none is its own caption."""
    return joined(tag("span", text, class_=code, lang=code) for code, text in _texts(key, filled))


def inside(key: str, **filled: str | float) -> Markup:
    """Return the same for a text of SVG."""
    return joined(tag("tspan", text, class_=code) for code, text in _texts(key, filled))


def named(name: str, *, drawn: bool = False) -> Child:
    """Return what a measure is called by its full name, "probes.jailbreak"; `drawn`: in a picture.

    One without a caption is called by the last part of its name.
    """
    section, _, last = name.partition(".")
    for key in (f"measure_{section}_{last}", f"kind_{last}", f"attribute_{last.replace('.', '_')}"):
        if key in _table():
            return inside(key) if drawn else caption(key)
    return last.replace("_", " ") or name


def attribute(name: str, *, drawn: bool = False) -> Child:
    """Return what an attribute is called, or two of them, "profession × age"."""
    say = inside if drawn else caption
    parts: list[Child] = []
    for part in name.split(" × "):
        key = f"attribute_{part.replace('.', '_')}"
        parts += [" × " if parts else None, say(key) if key in _table() else part]
    return joined(parts)


def plain(key: str) -> str:
    """Return a caption in all languages, for where there is no markup."""
    return " · ".join(dict.fromkeys(text for _, text in _texts(key, {})))


def _texts(key: str, filled: Mapping[str, str | float]) -> list[tuple[str, str]]:
    row = _table().get(key) or dict.fromkeys(LANGUAGES, key)
    return [(code, row[code].format_map(dict(filled)) if filled else row[code]) for code in LANGUAGES]


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    source = files("studio.evaluate.page") / "words.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))
