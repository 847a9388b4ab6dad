"""Says in a language what a person looks like and wears, by the language's own tables. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engines.identity.attributes import Attributes, Garment
from studio.draft.grammar import listed, mended
from studio.tongue.tables import Table, Tongue

GENDERS: Final = "mfnp"  # of nouns: masculine, feminine, neuter, plural


def looks(person: Attributes, spoken: Tongue) -> str:
    """Return hair, eyes, glasses and beard as one listing, such as "short grey hair, blue eyes and a moustache"."""
    table = spoken.traits["look"]
    parts = [_hair(person, table, spoken), _eyes(person, table, spoken), _glasses(person, table, spoken)]
    parts += [_beard(person, table, spoken)]
    said_ = [mended(part, spoken) for part in parts if part]
    if "listing" in table:
        return str(table["listing"][0]).join(said_)
    return mended(listed(said_, spoken), spoken)


def clothes(person: Attributes, spoken: Tongue) -> str:
    """Return what is worn, such as "a navy cardigan over a white shirt"."""
    table = spoken.traits["look"]
    outer = _garment(person.outer, "outer", table, spoken)
    inner = _garment(person.inner, "inner" if outer else "outer", table, spoken, group="inner")
    hat = _headwear(person, table, spoken)
    worn = _fill(table["clothes"], outer=outer, inner=inner) if outer and inner else outer or inner
    return mended(listed([worn, hat], spoken) if hat and worn else worn or hat, spoken)


def said(spoken: Tongue, group: str, value: str) -> str:
    """Return how the writer says a value of a group: its own form, else the first word for it."""
    own: Mapping[str, Any] = spoken.traits["said"].get(group, {})
    if value in own:
        return str(own[value])
    words: Sequence[str] = spoken.traits.get(group, {}).get(value, ())
    return words[0] if words else value


# ------------------------------------------------------------------------------------------------ parts


def _fill(template: str, **slots: str) -> str:
    for name, value in slots.items():
        template = template.replace(f"{{{name}}}", value)
    return template


def _hair(person: Attributes, table: Table, spoken: Tongue) -> str:
    style, colour = person.hair.style, person.hair.colour
    if not style and not colour:
        return ""
    template = table.get(f"hair_{style}", table["hair"]) if colour or style in ("bald", "shaved") else table["hair"]
    return _fill(
        template,
        style=said(spoken, "hair_style", style) if style else "",
        colour=said(spoken, "hair_colour", colour) if colour else "",
    )


def _eyes(person: Attributes, table: Table, spoken: Tongue) -> str:
    return _fill(table["eyes"], colour=said(spoken, "eyes", person.eyes)) if person.eyes else ""


def _glasses(person: Attributes, table: Table, spoken: Tongue) -> str:
    shape, frame = person.glasses.shape, person.glasses.frame
    if shape == "none" or not (shape or frame):
        return ""
    return _fill(
        table.get(f"glasses_{shape}", table["glasses"]),
        shape=said(spoken, "glasses", shape) if shape else "",
        frame=said(spoken, "frame", frame) if frame else "",
    )


def _beard(person: Attributes, table: Table, spoken: Tongue) -> str:
    style = person.facial_hair.style
    if style in ("", "none"):
        return ""
    other = person.facial_hair.colour not in ("", person.hair.colour)
    colour = said(spoken, "beard_colour", person.facial_hair.colour) if other else ""
    return _fill(table.get(f"beard_{style}", table["beard"]), beard=said(spoken, "facial_hair", style), colour=colour)


def _headwear(person: Attributes, table: Table, spoken: Tongue) -> str:
    if person.headwear in ("", "none"):
        return ""
    return _fill(table["headwear"], headwear=said(spoken, "headwear", person.headwear))


def _garment(worn: Garment, place: str, table: Table, spoken: Tongue, group: str = "") -> str:
    """Return a piece of clothing; `place` is "outer" for what is named first, "inner" for what comes under it.

    In `said.outer` a garment is its noun and gender ("gilet|m"), in `said.colour` a colour its forms by gender.
    """
    if worn.kind in ("", "none"):
        return ""
    noun, _, gender = said(spoken, group or place, worn.kind).partition("|")
    forms = said(spoken, "colour", worn.colour).split("|") if worn.colour else [""]
    colour = forms[min(len(forms) - 1, GENDERS.find(gender or "m"))]
    if place != "outer" and table.get("under_alike"):  # one form of the adjective for all genders
        colour = forms[0]
    templates: Mapping[str, str] = table["garment" if place == "outer" else "garment_under"]
    return _fill(templates[gender or "m"], colour=colour, kind=noun)
