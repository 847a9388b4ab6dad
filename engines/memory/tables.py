"""Reads what a language says of remembering: patterns of what users tell and ask, and sentences to answer with.

A language ships as `languages/CODE.toml`. A pattern is a regular expression with `{name}`, `{value}`, `{list}`,
`{family}`, `{pet}` and `{when}` in it; the groups `value` and `about` are what is kept.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, cast

from engines.memory.facts import KINDS, Kind

LANGUAGES: Final = ("en", "zh", "de", "fr", "es", "it", "pt", "ja", "ko", "ar", "hi")


@dataclass(frozen=True, slots=True)
class Table:
    """The patterns and sentences of one language."""

    code: str
    skip: re.Pattern[str]  # a clause that tells nothing: a question, a condition, somebody else's words
    parts: re.Pattern[str]  # where a sentence falls into clauses
    items: re.Pattern[str]  # where a list falls into items
    no_item: re.Pattern[str]  # what is no item or value
    facts: Mapping[Kind, tuple[re.Pattern[str], ...]]
    asks: Mapping[str, tuple[re.Pattern[str], ...]]
    orders: Mapping[str, tuple[re.Pattern[str], ...]]
    says: Mapping[str, str]
    turned: Mapping[str, str]  # "my" is "your" when the companion says it
    joined: bool  # written without spaces


def table(code: str) -> Table:
    """Return the table of a language by its BCP-47 code; English for one without."""
    name = re.split(r"[-_]", code.lower())[0]
    return _read(name if name in LANGUAGES else "en")


@cache
def _read(name: str) -> Table:
    data = tomllib.loads((files("engines.memory") / "languages" / f"{name}.toml").read_text(encoding="utf-8"))
    shapes = cast("dict[str, str]", data["shapes"])

    def compiled(text: str) -> re.Pattern[str]:
        for key, shape in shapes.items():
            text = text.replace(f"{{{key}}}", shape)
        return re.compile(text, re.IGNORECASE)

    def many(section: str) -> dict[str, tuple[re.Pattern[str], ...]]:
        return {key: tuple(map(compiled, texts)) for key, texts in data.get(section, {}).items()}

    facts = many("facts")
    return Table(
        code=name,
        skip=compiled(data["skip"]),
        parts=compiled(data["parts"]),
        items=compiled(data["items"]),
        no_item=compiled(data["no_item"]),
        facts={kind: facts[kind] for kind in KINDS if kind in facts},
        asks=many("asks"),
        orders=many("orders"),
        says=cast("dict[str, str]", data["say"]),
        turned=cast("dict[str, str]", data.get("turned", {})),
        joined=bool(data.get("joined", False)),
    )
