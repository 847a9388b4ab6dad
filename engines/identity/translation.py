"""The same person in another language: what a translation file holds, and how it is laid over the card.

A card's asset of type `x_card` is a translation; its `name` is the language's primary code, its file a card whose
`data` has the texts of that language. Beside `data` it may have `identity` and `voice` with the fields of identity.json
and voice.json that differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.identity.card import Asset, Card
from engines.identity.charx import is_safe
from engines.identity.errors import IdentityError
from engines.identity.fields import JSON_BYTES, Fields, Json, parse_object
from engines.identity.storage import read_files

KIND: Final = "x_card"
MOST: Final = 16  # translations of one identity
# Fields of the card that are the same in every language, unless the translation has them too.
SHARED: Final = ("name", "nickname", "tags", "creator", "character_version", "assets", "source")

_CODE: Final = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Translation:
    """One translation; `where` names its file in errors."""

    where: str
    data: Mapping[str, Json]
    facts: Mapping[str, Json]
    voice: Mapping[str, Json]

    def card(self, original: Card) -> dict[str, Json]:
        """Return the card's data in this language; texts that are not translated are left out, not kept."""
        raw = original.raw.get("data")
        base = raw if isinstance(raw, dict) else dict(original.raw)
        return {**{key: base[key] for key in SHARED if key in base}, **self.data}


def read_translations(assets: Sequence[Asset], path: Path) -> dict[str, Translation]:
    """Read the translations among a card's assets, by code; IdentityError `bad_translation` when one cannot be used."""
    named = {asset.name.lower(): asset.path for asset in assets if asset.type == KIND and asset.path}
    if not named:
        return {}
    if len(named) > MOST or not all(_CODE.fullmatch(code) and is_safe(file) for code, file in named.items()):
        raise IdentityError("bad_translation", f"translations are named by a language's code, and at most {MOST}")
    found = read_files(path, dict.fromkeys(named.values(), JSON_BYTES))
    return {code: _translation(found[file], file) for code, file in named.items() if file in found}


def _translation(data: bytes, where: str) -> Translation:
    fields = Fields(parse_object(data, where), where, code="bad_translation")
    return Translation(where, fields.object("data"), fields.object("identity"), fields.object("voice"))
