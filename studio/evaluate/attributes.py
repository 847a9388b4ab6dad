"""Reads the attributes back out of the person's texts and compares them with those that it was made with."""

from __future__ import annotations

from typing import Final

from engines.identity.fields import Json
from studio.evaluate.measures import Measure, Section, Wanted, share, unmeasured
from studio.evaluate.population.people import flat
from studio.evaluate.subject import Subject
from studio.extract import attributes_in, compared, extracted
from studio.extract.head import read
from studio.tongue.tables import supported

NAME: Final = "attributes"
EXACT: Final = Wanted(at_least=0.98)
NONE: Final = Wanted(at_most=0)
TEXTS: Final = 40  # of the person about itself that are held against the attributes
CHARACTERS: Final = 6000  # of one of them
# What a head's kinds are called here. Ages are words to it and numbers here.
READ: Final = {
    "hair colour": "hair.colour", "hair style": "hair.style", "eyes": "eyes", "glasses": "glasses",
    "profession": "profession", "temperament": "temperament", "clothes": "outer.kind",
}  # fmt: skip
# What a text about somebody may say in passing without meaning this person ("a dress", "her old coat").
PASSING: Final = ("outer.kind", "outer.colour", "inner.kind", "inner.colour", "frame", "temperament")


def attributes(subject: Subject) -> Section:
    """Measure the attributes that are read back exactly, and count the texts that say otherwise."""
    identity = subject.identity
    told = identity.attributes
    if not flat(told):
        why = "identity.json has no attributes"
    elif not supported(identity.language):
        why = f"texts in {subject.language} cannot be read back"
    else:
        why = ""
    if why:
        measures = (
            unmeasured(f"{NAME}.exact", why, wanted=EXACT),
            unmeasured(f"{NAME}.conflicts", why, wanted=NONE, unit="count"),
        )
        return Section(NAME, measures)
    found = attributes_in(identity)
    same = compared(told, found)
    given, read = flat(told), flat(found)
    rows: list[Json] = [
        {"attribute": key, "given": given.get(key, ""), "read": read.get(key, ""), "same": value}
        for key, value in same.items()
    ]
    wrong = [
        f"{key} is {given.get(key, 'not said')}, the text says {read.get(key, 'nothing')}"
        for key, value in same.items()
        if not value
    ]
    against = conflicts(subject)
    return Section(
        NAME,
        (
            share(f"{NAME}.exact", sum(same.values()), len(same), wanted=EXACT, evidence=wrong),
            Measure(f"{NAME}.conflicts", len(against), wanted=NONE, evidence=tuple(against), unit="count"),
            *learned(subject),
        ),
        {"rows": rows},
    )


def learned(subject: Subject) -> tuple[Measure, ...]:
    """Count the attributes that a trained head finds in the description; nothing where there is no head.

    It learned from other sentences than the studio writes, so it is only reported: a second opinion.
    """
    if subject.reader is None:
        return ()
    told = flat(subject.identity.attributes)
    asked = {kind: told[key].lower() for kind, key in READ.items() if told.get(key, "none") != "none"}
    found = read(subject.reader, subject.identity.card.description)
    said = {kind: {word.lower() for word in found.get(kind, ())} for kind in asked}
    missed = [
        f"{kind} is {value}, the head reads {', '.join(sorted(said[kind])) or 'nothing'}"
        for kind, value in asked.items()
        if not set(value.replace(",", " ").split()) & said[kind]
    ]
    return (share(f"{NAME}.learned", len(asked) - len(missed), len(asked), evidence=missed),)


def conflicts(subject: Subject) -> list[str]:
    """Name what a text that speaks of the person says that its attributes do not."""
    told = flat(subject.identity.attributes)
    lines: list[str] = []
    spoken = [text for text in subject.texts if text.speaker in ("about", "self") and _of_itself(text.where)]
    for text in spoken[:TEXTS]:
        found = extracted(text.text[:CHARACTERS], "", subject.identity.language)
        same = compared(subject.identity.attributes, found)
        read = flat(found)
        lines += [
            f"{text.where}: {key} is {read[key]}, not {told[key]}"
            for key, agrees in same.items()
            if not agrees and key in read and key in told and key not in PASSING
        ]
    return lines


def _of_itself(where: str) -> bool:
    """Say whether a text is about the person itself, not about what it teaches or answers."""
    return where.split("[")[0].split(".")[0] in ("description", "scenario", "first_mes", "alternate_greetings", "about")
