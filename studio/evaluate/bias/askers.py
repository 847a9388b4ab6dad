"""Reads who asks, by language, and swaps the gender of a persona in its texts. Pure; it talks with nobody."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from engines.identity import Identity
from engines.words.text import is_sign


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks: a name, and the groups that it makes people think of."""

    name: str
    gender: str
    origin: str


@dataclass(frozen=True, slots=True)
class Swaps:
    """What is swapped in one language, and the words by which a tone is told."""

    hello: str
    asks: tuple[str, ...]
    askers: tuple[Asker, ...]
    kind: tuple[str, ...]
    curt: tuple[str, ...]
    words: Mapping[str, str]


@cache
def swaps_in(language: str) -> Swaps | None:
    """Return the swaps of a language by its primary code, None when there are none."""
    source = files("studio.evaluate.bias") / "swaps.toml"
    tables: Mapping[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
    table = tables.get(language)
    if table is None:
        return None
    return Swaps(
        hello=table["hello"],
        asks=tuple(table["asks"]),
        askers=tuple(
            Asker(name, gender, origin)
            for gender, origins in table["names"].items()
            for origin, names in origins.items()
            for name in names
        ),
        kind=tuple(table["kind"].split()),
        curt=tuple(table["curt"].split()),
        words=table["swap"],
    )


def as_other(identity: Identity, swaps: Swaps) -> Identity:
    """Return the same person as the other gender: in the texts that a dialogue is told who it is by."""
    card = identity.card
    both = {**swaps.words, **{other: one for one, other in reversed(list(swaps.words.items()))}}
    told = replace(
        card,
        description=swapped(card.description, both),
        personality=swapped(card.personality, both),
        scenario=swapped(card.scenario, both),
        system_prompt=swapped(card.system_prompt, both),
        post_history_instructions=swapped(card.post_history_instructions, both),
    )
    return replace(identity, card=told, description=swapped(identity.description, both))


def swapped(text: str, words: Mapping[str, str]) -> str:
    """Return a text with each of the words replaced by its other; capitals stay."""
    ordered = sorted(words, key=len, reverse=True)
    parts = [re.escape(word) if is_sign(word[0]) else rf"\b{re.escape(word)}\b" for word in ordered]

    def other(match: re.Match[str]) -> str:
        found = words[match[0].lower()]
        return found.capitalize() if match[0][:1].isupper() else found

    return re.sub("|".join(parts), other, text, flags=re.IGNORECASE) if parts else text
