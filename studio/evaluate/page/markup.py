"""Builds HTML and SVG in which every text is escaped, unless it was built here. It knows no report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias

VOID: Final = frozenset({"meta", "input", "img", "br", "link", "line", "rect", "circle", "path", "polyline"})


@dataclass(frozen=True, slots=True)
class Markup:
    """Text that is markup already."""

    text: str

    def __str__(self) -> str:
        return self.text


Child: TypeAlias = "Markup | str | float | None"


def tag(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """Return an element; attributes are written with "-" for "_", `class_` is `class`, None leaves one out."""
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_said(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID and not children:
        return Markup(f"<{name}{named}>" if name in ("meta", "input", "img", "br", "link") else f"<{name}{named}/>")
    return Markup(f"<{name}{named}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Markup:
    """Return children one after another."""
    return Markup(
        "".join(
            child.text if isinstance(child, Markup) else escape(_said(child), quote=False)
            for child in children
            if child is not None
        )
    )


def _said(value: str | float) -> str:
    """Write a value without what no document may hold: control characters."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
