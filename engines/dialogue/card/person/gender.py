"""Chooses words that agree with the companion: "je suis {content|contente}", "मैं {जानता|जानती} हूँ".

Whether it is spoken of as a woman or as a man stands in its attributes or looks, else in the pronouns of its card.
Where nothing tells, phrases that need to know are passed over as long as others say the same.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final, Literal, TypeAlias

from engines.identity import Identity
from engines.identity.bundle import primary
from engines.identity.card import Card
from engines.identity.fields import Fields

Gender: TypeAlias = Literal["female", "male", ""]

READ: Final = 8000  # characters of a card's text that are looked at
AHEAD: Final = 2  # times as many words of one as of the other

_FORMS: Final = re.compile(r"(?<!\{)\{([^{}|]*)\|([^{}|]*)\}(?!\})")
_WORD: Final = re.compile(r"[^\W\d_\u0900-\u097f]+|[\u0900-\u097f]+")


def gender_of(identity: Identity) -> Gender:
    """Return how the companion is spoken of, "" when nothing tells."""
    attributes = Fields(identity.facts, "identity.json", code="bad_facts").object("attributes")
    match attributes.get("presentation") or identity.looks.get("presentation"):
        case "female":
            return "female"
        case "male":
            return "male"
        case _:
            return _told(identity.card, identity.language) or (
                _told(identity.original.card, identity.original.language) if identity.original else ""
            )


def agreeing(forms: Sequence[str], gender: Gender) -> tuple[str, ...]:
    """Return variants of a phrase as they agree with the companion; the masculine ones when nothing else is left."""
    if not gender:
        plain = tuple(form for form in forms if not _FORMS.search(form))
        if plain:
            return plain
    return tuple(_FORMS.sub(r"\2" if gender == "female" else r"\1", form) for form in forms)


def _told(card: Card, language: str) -> Gender:
    """Count the words of a card's description that tell."""
    listed = _words().get(primary(language))
    if not listed:
        return ""
    text = "\n".join((card.description, card.personality, card.scenario))[:READ].lower()
    said = _WORD.findall(text)
    female, male = (sum(word in listed[name] for word in said) for name in ("female", "male"))
    if female >= max(1, AHEAD * male):
        return "female"
    return "male" if male >= max(1, AHEAD * female) else ""


@cache
def _words() -> dict[str, dict[str, frozenset[str]]]:
    source = files("engines.dialogue.card.person") / "gender.toml"
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    return {code: {name: frozenset(words.split()) for name, words in lists.items()} for code, lists in tables.items()}
