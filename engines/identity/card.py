"""Character Cards V1, V2 and V3 as one frozen value. It knows the JSON, not the file that carries it.

After github.com/kwaroran/character-card-spec-v3 and github.com/malfoyslastname/character-card-spec-v2. What is not
read here stays in `raw` and goes out again unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engines.identity.errors import IdentityError
from engines.identity.fields import Fields, Json
from engines.identity.lorebook import Lorebook, read_lorebook

NAME: Final = 200  # characters
BACKFILLED: Final = (
    "This character was made for Character Card V3 and is shown here in its V2 form, without some of its parts. "
    "Open it with an application that reads V3 cards to have it whole."
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that belongs to the card; `uri` is `embeded://path` (the specification's spelling), data: or https:."""

    type: str
    uri: str
    name: str
    ext: str

    @property
    def path(self) -> str:
        """The path inside the identity, "" when the asset lies elsewhere."""
        for scheme in ("embeded://", "embedded://"):
            if self.uri.startswith(scheme):
                return self.uri[len(scheme) :]
        return ""


@dataclass(frozen=True, slots=True)
class Card:
    """A person as a card describes them; `raw` is the whole document."""

    name: str
    nickname: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    first_mes: str = ""
    alternate_greetings: tuple[str, ...] = ()
    mes_example: str = ""
    system_prompt: str = ""
    post_history_instructions: str = ""
    creator: str = ""
    creator_notes: str = ""
    version: str = ""
    tags: tuple[str, ...] = ()
    assets: tuple[Asset, ...] = ()
    book: Lorebook = field(default_factory=Lorebook)
    extensions: Mapping[str, Json] = field(default_factory=dict)
    raw: Mapping[str, Json] = field(default_factory=dict, repr=False)

    @property
    def char(self) -> str:
        """What `{{char}}` stands for."""
        return self.nickname or self.name


def read_card(raw: Mapping[str, Json]) -> Card:
    """A card from its JSON object; IdentityError `bad_card` says which field is wrong."""
    spec = raw.get("spec")
    if spec not in ("chara_card_v2", "chara_card_v3") and not ("name" in raw and "data" not in raw):
        raise IdentityError("bad_card", "this is not a character card: spec is neither chara_card_v2 nor chara_card_v3")
    data = Fields(raw, "card", code="bad_card")
    if "data" in raw:
        data = data.at("data")
    name = data.text("name", longest=NAME).strip()
    if not name:
        raise IdentityError("bad_card", f"{data.where}.name is missing: a character needs a name")
    return Card(
        name=name,
        nickname=data.text("nickname", longest=NAME).strip(),
        description=data.text("description"),
        personality=data.text("personality"),
        scenario=data.text("scenario"),
        first_mes=data.text("first_mes"),
        alternate_greetings=data.texts("alternate_greetings"),
        mes_example=data.text("mes_example"),
        system_prompt=data.text("system_prompt"),
        post_history_instructions=data.text("post_history_instructions"),
        creator=data.text("creator"),
        creator_notes=data.text("creator_notes"),
        version=data.text("character_version"),
        tags=data.texts("tags"),
        assets=tuple(_asset(item) for item in data.each("assets")),
        book=read_lorebook(data.at("character_book")),
        extensions=data.object("extensions"),
        raw=raw,
    )


def as_v2(card: Card) -> dict[str, Json]:
    """The card as V2 applications read it, with a note that it has been backfilled."""
    data = Fields(card.raw, "card", code="bad_card").object("data") or dict(card.raw)
    notes = f"{BACKFILLED}\n\n{card.creator_notes}".strip()
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": {**data, "creator_notes": notes}}


def _asset(item: Fields) -> Asset:
    uri = item.text("uri", longest=8 * 1024 * 1024)
    return Asset(item.text("type", longest=NAME), uri, item.text("name", longest=NAME), item.text("ext", longest=NAME))
