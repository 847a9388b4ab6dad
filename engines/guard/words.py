"""What the filter has a companion say, in the companion's language, with help lines of the user's region."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from engines.guard.rules import Kind

FALLBACK: Final = "en"
# Where most who speak a language live, for a tag without a region; "" where nobody can tell.
HOME: Final[Mapping[str, str]] = {
    "cmn": "CN", "de": "DE", "fr": "FR", "it": "IT", "ja": "JP", "ko": "KR", "nl": "NL", "zh": "CN",
}  # fmt: skip


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Return the sentences in a language (BCP-47), English where it is not known."""
    known: dict[str, dict[str, str]] = tomllib.loads((files("engines.guard") / "sentences.toml").read_text("utf-8"))
    code = language.replace("_", "-").partition("-")[0].lower()
    return known.get({"cmn": "zh", "yue": "zh"}.get(code, code), known[FALLBACK])


@cache
def _lines() -> dict[str, Any]:
    return tomllib.loads((files("engines.guard") / "help_lines.toml").read_text("utf-8"))


def region_of(language: str, region: str = "") -> str:
    """Return the region whose help lines are told: the one that is set, else that of the language tag, else "world"."""
    parts = language.replace("_", "-").split("-")
    named = region or next((part for part in parts[1:] if len(part) == 2), "") or HOME.get(parts[0].lower(), "")
    code = named.upper()
    if isinstance(_lines().get(code), dict):
        return code
    return "EU" if code in _lines()["union"] else "world"


def known_region(region: str) -> bool:
    """Say whether `region` may be a country's code."""
    return len(region) == 2 and region.isascii() and region.isalpha()


def crisis(kind: Kind, language: str, region: str = "", *, again: bool = False, young: bool = False) -> str:
    """Word the answer to somebody in need; `young` adds lines for children, `again` is for later ones.

    Where no `region` is set it is guessed from the language, and a place that knows the lines of all countries is told
    too.
    """
    told = sentences(language)
    where, world = _lines()[region_of(language, region)], _lines()["world"]
    numbers = [*where["crisis"]]
    if kind == "abuse":
        numbers = [*where.get("abuse", where.get("child", ())), *numbers]
    elif young:
        numbers += where.get("child", ())
    if not region:
        numbers = [*numbers[:2], *world["crisis"]]
    unspaced = told["or"] in ("或", "または")
    gap = "" if unspaced else " "
    lines = f"{gap}{told['or']}{gap}".join(dict.fromkeys(numbers[:3]))
    emergency = where["emergency"] if region else ""

    def worded(name: str) -> str:
        sentence = told[name if emergency else f"{name}_unknown"] if name in ("urgent", "emergency") else told[name]
        return sentence.replace("{emergency}", emergency).replace("{lines}", lines)

    if kind == "emergency":
        return worded("emergency")
    if again:
        return worded("again")
    return f"{worded('abuse' if kind == 'abuse' else 'crisis')}{gap}{worded('urgent')}"


def was_given(text: str, language: str) -> bool:
    """Say whether a text of the companion's holds an answer to somebody in need."""
    told = sentences(language)
    return any(told[name].split("{")[0][:24] in text for name in ("crisis", "again", "abuse", "emergency"))
