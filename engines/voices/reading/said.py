"""What a language calls its money, its measures and its signs: the tables of `spoken.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_TABLES: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("spoken.toml").read_text(encoding="utf-8"))
_SAME: Final = {"cmn": "zh", "yue": "zh"}


@dataclass(frozen=True, slots=True)
class Said:
    """The words of one language; those that it has no word for are ""."""

    language: str
    region: str
    words: Mapping[str, str]
    currencies: Mapping[str, Sequence[str]]
    units: Mapping[str, Sequence[str]]
    halves: Mapping[str, Sequence[str]]
    millions: Mapping[str, str]
    months: tuple[str, ...]

    def __getitem__(self, word: str) -> str:
        return self.words.get(word, "")

    @property
    def spaced(self) -> bool:
        """Whether words stand apart."""
        return self.language not in ("zh", "ja")

    def unit(self, name: str, number: str) -> str:
        """Return what a unit is called behind a number."""
        one, more = self.units[name][:2]
        return one if number in ("1", "-1") else more

    def month(self, number: str) -> str:
        """Return the name of a month by its number; "" if there is none."""
        return self.months[int(number) - 1] if self.months and 1 <= int(number) <= 12 else ""


@lru_cache(maxsize=64)
def said(tag: str) -> Said | None:
    """Return the words of a BCP-47 tag's language; None for one that has no table."""
    base, _, region = tag.lower().replace("_", "-").partition("-")
    base = _SAME.get(base, base)
    table = _TABLES.get(base)
    if table is None:
        return None
    words = {name: value for name, value in table.items() if isinstance(value, str)}
    halves, millions = table.get("halves", {}), table["millions"]
    months = tuple(words["months"].split())
    return Said(base, region, words, table["currencies"], table["units"], halves, millions, months)
