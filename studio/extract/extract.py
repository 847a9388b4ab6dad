"""Finds out from the texts of a card what the person is like, by the same rules that read wishes.

It sees the texts alone. Where a text says nothing the attribute stays unsaid; a word that somebody else is described by
("her aunt") may mislead it, so pronouns count for more than nouns, and what stands first for more than what follows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from engines.identity import Identity
from engines.identity.attributes import Attributes, FacialHair, Garment, Glasses, Hair
from studio.tongue.ages import Age
from studio.tongue.reading import reader
from studio.tongue.tables import supported
from studio.tongue.traits import Reading

LENGTHS: Final = ("short", "long", "shoulder-length", "cropped")
TEMPERAMENTS: Final = 3

_SENTENCE: Final = re.compile(r"[^.!?\u3002\uff01\uff1f\n]*[.!?\u3002\uff01\uff1f\n]?")


def attributes_in(identity: Identity) -> Attributes:
    """Return what an identity's own texts say of its person; nothing where the language is not one of the studio's."""
    if not supported(identity.language):
        return Attributes()
    return extracted(identity.card.description, identity.card.personality, identity.language)


def extracted(description: str, personality: str, language: str) -> Attributes:
    """Return what a description and a personality say, in a language that the studio writes."""
    reading = reader(language).read(description)
    nature = reader(language).read(_first_sentence(personality) or description)
    profession = reading.first("profession")
    return Attributes(
        age=_age(reading.ages),
        presentation=_presentation(reading),
        ancestry=reading.first("ancestry"),
        skin=reading.first("skin"),
        hair=Hair(reading.first("hair_colour"), _style(reading)),
        eyes=reading.first("eyes"),
        glasses=_glasses(reading),
        facial_hair=FacialHair(_beard(reading), reading.first("beard_colour")),
        outer=Garment(reading.first("outer.kind"), reading.first("outer.colour")),
        inner=Garment(reading.first("inner.kind"), reading.first("inner.colour")),
        headwear=reading.first("headwear"),
        build=reading.first("build"),
        features=tuple(dict.fromkeys(trait.value for trait in reading.of("features"))),
        profession=profession.replace("_", " "),
        temperament=tuple(dict.fromkeys(trait.value for trait in nature.of("temperament")))[:TEMPERAMENTS],
        languages=tuple(dict.fromkeys(trait.value for trait in reading.of("languages"))),
    )


def compared(told: Attributes, found: Attributes) -> dict[str, bool]:
    """Say of each attribute that a person has whether it was found the same in the texts.

    Glasses and beards that are not there count as found when none are found.
    """
    pairs: Mapping[str, tuple[object, object]] = {
        "age": (told.age, found.age),
        "presentation": (told.presentation, found.presentation),
        "hair.colour": (told.hair.colour, found.hair.colour),
        "hair.style": (told.hair.style, found.hair.style),
        "eyes": (told.eyes, found.eyes),
        "glasses": (_worn(told.glasses.shape), _worn(found.glasses.shape)),
        "frame": (told.glasses.frame, found.glasses.frame),
        "facial_hair": (_worn(told.facial_hair.style), _worn(found.facial_hair.style)),
        "outer.kind": (_worn(told.outer.kind), _worn(found.outer.kind)),
        "outer.colour": (told.outer.colour, found.outer.colour),
        "inner.kind": (told.inner.kind, found.inner.kind),
        "inner.colour": (told.inner.colour, found.inner.colour),
        "profession": (told.profession, found.profession),
        "temperament": (set(told.temperament), set(found.temperament)),
    }
    return {key: wanted == seen for key, (wanted, seen) in pairs.items() if wanted or seen}


# ------------------------------------------------------------------------------------------------ parts


def _worn(kind: str) -> str:
    return "" if kind == "none" else kind


def _first_sentence(text: str) -> str:
    found = _SENTENCE.match(text.strip())
    return found[0] if found else ""


def _age(ages: tuple[tuple[Age, str], ...]) -> int:
    exact = [age for age, _ in ages if age.sure and age.low == age.high]
    return exact[0].low if exact else 0


def _presentation(reading: Reading) -> str:
    pronouns = Counter(trait.value for trait in reading.of("pronoun"))
    singular = Counter({key: count for key, count in pronouns.items() if key != "androgynous"})
    counted = singular or pronouns
    return counted.most_common(1)[0][0] if counted else reading.first("presentation")


def _style(reading: Reading) -> str:
    said = [trait.value for trait in reading.of("hair_style")]
    return next((style for style in said if style not in LENGTHS), next(iter(said), ""))


def _glasses(reading: Reading) -> Glasses:
    if any(trait.key == "glasses" and trait.denied for trait in reading.traits):
        return Glasses("none")
    shape = next((trait.value for trait in reading.of("glasses") if trait.value != "some"), "")
    return Glasses(shape, reading.first("frame"))


def _beard(reading: Reading) -> str:
    """Return the style of the beard; a word beside "beard" tells more than the beard itself."""
    said = [trait.value for trait in reading.of("facial_hair")]
    return next((style for style in said if style in ("short", "long", "none")), next(iter(said), ""))
