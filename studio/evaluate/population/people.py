"""Has a writer make many people, each with a seed of its own, and reads their attributes back out of the texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.identity.attributes import Attributes, read_attributes
from engines.identity.bundle import primary
from engines.identity.card import read_card
from engines.identity.fields import Fields, Json, parse_object
from engines.identity.storage import CARD
from studio.errors import StudioError
from studio.extract import compared, extracted
from studio.folder import Folder
from studio.stage import Progress, Stage, Wish

MOST: Final = 20_000  # people of one study
TEXT: Final = 60_000  # characters of one person that are compared
FAILED: Final = ("bad_model", "model_failed")  # codes of a model that did not manage this one person
PATIENCE: Final = 3  # people in a row that a model may fail at


@dataclass(frozen=True, slots=True)
class Someone:
    """One person of a study: attributes, everything that the card says, and what was read back out of it.

    `tool` says who wrote it.
    """

    seed: int
    name: str
    language: str
    attributes: Attributes
    text: str
    found: Attributes
    same: Mapping[str, bool]
    tool: str = ""


def people(writer: Stage, wish: Wish, count: int, progress: Progress) -> Iterator[Someone]:
    """Yield up to `count` people of the same wish with the seeds that follow its own.

    Somebody whom a model does not manage is left out; whatever else the writer raises, or PATIENCE failures in a row,
    ends the study.
    """
    nowhere = Folder(Path("/nonexistent/person"))
    count, failed = min(count, MOST), 0
    for number in range(count):
        progress(number / count, f"person {number + 1} of {count}")
        one = Wish(wish.sentence, wish.language, wish.seed + number, wish.options)
        try:
            made = writer.run(nowhere, one, _quiet)
        except StudioError as error:
            failed += 1
            if error.code not in FAILED or failed >= PATIENCE:
                raise
            continue
        failed = 0
        yield someone(one.seed, made.files[CARD], made.facts, made.tool)


def someone(seed: int, card: bytes, facts: Mapping[str, Json], tool: str = "") -> Someone:
    """Read one person from a card's file and the fields of identity.json."""
    told = read_card(parse_object(card, CARD))
    fields = Fields(facts, "identity.json", code="bad_facts")
    attributes = read_attributes(fields.at("attributes"))
    language = primary(fields.text("language", "en"))
    found = extracted(told.description, told.personality, language)
    said = [told.description, told.personality, told.scenario, told.first_mes, *told.alternate_greetings]
    said += [told.mes_example, *(entry.content for entry in told.book.entries)]
    return Someone(
        seed=seed,
        name=told.name,
        language=language,
        attributes=attributes,
        text="\n".join(said)[:TEXT],
        found=found,
        same=compared(attributes, found),
        tool=tool,
    )


def flat(attributes: Attributes) -> dict[str, str]:
    """Return attributes as texts under their names, those that are unsaid left out."""
    said = {
        "age": str(attributes.age or ""),
        "presentation": attributes.presentation,
        "ancestry": attributes.ancestry,
        "skin": attributes.skin,
        "hair.colour": attributes.hair.colour,
        "hair.style": attributes.hair.style,
        "eyes": attributes.eyes,
        "glasses": attributes.glasses.shape,
        "frame": attributes.glasses.frame,
        "facial_hair": attributes.facial_hair.style,
        "outer.kind": attributes.outer.kind,
        "outer.colour": attributes.outer.colour,
        "inner.kind": attributes.inner.kind,
        "inner.colour": attributes.inner.colour,
        "headwear": attributes.headwear,
        "build": attributes.build,
        "features": ", ".join(attributes.features),
        "profession": attributes.profession,
        "temperament": ", ".join(attributes.temperament),
        "interests": ", ".join(attributes.interests),
        "audience": attributes.audience,
        "accent": attributes.accent,
        "voice.pitch": attributes.voice.pitch,
        "voice.rate": attributes.voice.rate,
        "voice.range": attributes.voice.range,
        "voice.energy": attributes.voice.energy,
        "voice.style": attributes.voice.style,
    }
    return {key: value for key, value in said.items() if value}


def _quiet(done: float, doing: str) -> None:
    """Leave the progress of one person untold."""
