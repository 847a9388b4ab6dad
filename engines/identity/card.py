"""Character Cards V1, V2 and V3 as one frozen value. It knows the JSON, not the file that carries it.

After github.com/kwaroran/character-card-spec-v3 and github.com/malfoyslastname/character-card-spec-v2. What is not
read here stays in `raw` and goes out again unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engines.identity.errors import IdentityError
from engines.identity.fields import Json
from engines.identity.lenient import Lenient
from engines.identity.lorebook import Lorebook, read_lorebook, renamed
from engines.identity.warnings import LoadWarning, Warnings

NAME: Final = 200  # characters
SPECS: Final = ("chara_card_v2", "chara_card_v3")
BACKFILLED: Final = (
    "This character was made for Character Card V3 and is shown here in its V2 form, without some of its parts. "
    "Open it with an application that reads V3 cards to have it whole."
)
# Names that Pygmalion, Risu, Chub and old SillyTavern give a field, by the specification's.
ALIASES: Final = {
    "name": ("char_name",),
    "description": ("char_persona", "desc"),
    "scenario": ("world_scenario",),
    "first_mes": ("char_greeting", "first_message", "firstMessage"),
    "mes_example": ("example_dialogue", "example_dialogs", "exampleMessage"),
    "alternate_greetings": ("alternateGreetings",),
    "system_prompt": ("systemPrompt",),
    "post_history_instructions": ("postHistoryInstructions",),
    "creator_notes": ("creatorcomment", "creator_comment", "creatorNotes"),
    "character_version": ("characterVersion",),
    "character_book": ("embedded_lorebook", "globalLore"),
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that belongs to the card; `uri` is `embeded://path` (the specification's spelling), data: or https:."""

    type: str
    uri: str
    name: str
    ext: str

    @property
    def path(self) -> str:
        """Return the path inside the identity, "" when the asset lies elsewhere."""
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
    warnings: tuple[LoadWarning, ...] = ()

    @property
    def char(self) -> str:
        """Return what `{{char}}` stands for."""
        return self.nickname or self.name


def read_card(raw: Mapping[str, Json]) -> Card:
    """Read a card from its JSON object.

    What is not as it should be is left out or read as what it must have meant, with a warning a field. IdentityError
    `bad_card` when it is no card at all or has no name.
    """
    warnings = Warnings()
    data = renamed(_body(raw, warnings), ALIASES)
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
        tags=data.texts("tags", numbers=True),
        assets=tuple(_asset(item) for item in data.each("assets")),
        book=read_lorebook(data, "character_book"),
        extensions=data.object("extensions"),
        raw=raw,
        warnings=warnings.found,
    )


def _body(raw: Mapping[str, Json], warnings: Warnings) -> Lenient:
    """Return the object that holds the character; IdentityError `bad_card` when there is none."""
    spec, data = raw.get("spec"), raw.get("data")
    card = Lenient(raw, "card", warnings)
    if spec is not None and spec not in SPECS:
        raise IdentityError("bad_card", "this is not a character card: spec is neither chara_card_v2 nor chara_card_v3")
    if isinstance(data, dict) and (spec or "name" in data):
        if not spec:
            warnings.add("card.spec", "missing, read as chara_card_v2")
        return card.at("data")
    if (definition := _definition(raw)) is not None:
        return Lenient(definition, "card.definition", warnings)
    if "name" in raw or "char_name" in raw:
        if data is not None or spec is not None:
            warnings.add("card.data", "not an object, so the card is read as one of V1")
        return card
    if spec is None:
        raise IdentityError("bad_card", "this is not a character card: it has neither a spec nor a name")
    raise IdentityError("bad_card", "card.data is missing: a card of V2 or V3 keeps the character there")


def _definition(raw: Mapping[str, Json]) -> dict[str, Json] | None:
    """Return the character in the layout of Chub's own files, which call the description `personality`."""
    node = raw.get("node")
    found = node.get("definition") if isinstance(node, dict) else raw.get("definition")
    if not isinstance(found, dict):
        return None
    values = {key: value for key, value in found.items() if key not in ("description", "personality")}
    swapped = {
        "description": found.get("personality"),
        "personality": found.get("tavern_personality"),
        "creator_notes": found.get("description"),
    }
    return values | {key: value for key, value in swapped.items() if value is not None}


def as_v2(card: Card) -> dict[str, Json]:
    """Write the card as V2 applications read it, with a note that it has been backfilled."""
    data = card.raw.get("data")
    data = data if isinstance(data, dict) else dict(card.raw)
    notes = f"{BACKFILLED}\n\n{card.creator_notes}".strip()
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": {**data, "creator_notes": notes}}


def _asset(item: Lenient) -> Asset:
    uri = item.text("uri", longest=8 * 1024 * 1024)
    return Asset(item.text("type", longest=NAME), uri, item.text("name", longest=NAME), item.text("ext", longest=NAME))
