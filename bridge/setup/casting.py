"""Casts a companion: which engine plays which part, with what of the configuration and of the identity."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from bridge.errors import ConfigError
from bridge.session.companion import Companion, Served
from bridge.setup import load
from bridge.setup.config import Config
from bridge.setup.guarding import guarding
from bridge.setup.knowing import known
from bridge.setup.languages import Gap, check, gaps
from bridge.setup.marking import marking
from bridge.setup.models.cache import find, located
from bridge.setup.models.describe import describe
from bridge.setup.models.needs import Repository, needed
from bridge.setup.nearest import did_you_mean
from bridge.setup.people import identifier
from bridge.setup.regrets import regrets
from bridge.setup.standing import agreed, standing
from engines.api import Voice
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing
from engines.identity import Identity, IdentityError, load_identity, shipped
from engines.identity.bundle import primary
from engines.identity.pictures import head, portrait, puppet
from engines.identity.questions import questions
from engines.identity.temper import warmth
from engines.identity.topics import texts, topics
from engines.jobs import Dialogue, Engines
from engines.text.redaction import quoted

log = logging.getLogger("bridge.setup.casting")

Maker: TypeAlias = Callable[[Config, str, Identity], Any]  # the engine of a job for a person, None for "none"

PATH: Final = 1024  # characters of a path that are told: its end is what matters

NO_MODEL: Final = (
    "No language model is loaded: {name} speaks from a script and its own notes. "
    "For free conversation give it a language model: companion setup, or docs/ENDPOINTS.md."
)

AWAY: Final = (
    "The language model cannot be reached: until it answers, {name} speaks from a script and its own notes. "
    "The log says what is wrong."
)

# What a listing may take beside its section.
SUPPLIES: Final[dict[str, Callable[[Config, Identity, Listing], object]]] = {
    "identity": lambda config, person, listing: person,
    "voice": lambda config, person, listing: person.voice_of(listing.name),
    "person": lambda config, person, listing: person.name,
    "topics": lambda config, person, listing: topics(person),
    "texts": lambda config, person, listing: texts(person),
    "workers": lambda config, person, listing: config.engines.stt_workers or min(2, os.cpu_count() or 1),
}


def identity(name: str) -> Identity:
    """Load the shipped identity called `name`, or the one at that path; ConfigError when it cannot be used."""
    paths = shipped()
    path = paths.get(name) or Path(name).expanduser()
    if not path.exists():
        hint = did_you_mean(name, paths) or f"; shipped ones are: {', '.join(sorted(paths))}"
        raise ConfigError("no_identity", f"there is no identity at {quoted(name, PATH)} (identity.path){hint}")
    try:
        return load_identity(path)
    except IdentityError as error:
        raise ConfigError(
            error.code, f"the identity {quoted(name, PATH)} (identity.path) cannot be used: {error.message}"
        ) from error


def settings(config: Config, name: str) -> dict[str, Any]:
    """Read what the engine `name` takes from the section that carries its name; nothing where there is none."""
    section = getattr(config, name, None)
    fields = msgspec.structs.asdict(section) if isinstance(section, msgspec.Struct) else {}
    fields.pop("fallback", None)  # who stands in is not the engine's business
    return fields


def equipped(config: Config, listing: Listing, person: Identity) -> dict[str, Any]:
    """Gather all that an engine is made with, models as the files that they are on this disk.

    Engines are never left to fetch: for a model that is not here, ConfigError names it with the command that brings it.
    """
    own = settings(config, listing.settings)
    wanted = needed(config, listing.name, person.facts)
    if wanted is not None:
        paths = located(wanted)
        if not paths and isinstance(wanted.source, Repository):
            raise ConfigError("missing_model", f"{listing.name} cannot start: {describe(find(wanted))}")
        # Of a folder that is not whole the engine itself says what is wrong.
        own |= paths
    return own | {name: SUPPLIES[name](config, person, listing) for name in listing.takes}


def engine(config: Config, job: str, person: Identity) -> Any:
    """Make the engine that is chosen for `job`, not started; None for "none", ConfigError when it cannot be made."""
    choice = getattr(config.engines, job)
    if choice == "none":
        return None
    listing = catalogue.listing(job, choice)
    return load.engine(listing, **equipped(config, listing, person))


def companion(config: Config) -> Companion:
    """Cast the companion that `config` describes, its engines not started; ConfigError when it cannot be."""
    return cast(config, in_language(identity(config.identity.path), config), engine)


def cast(config: Config, person: Identity, make: Maker) -> Companion:
    """Cast `person`, whose engines `make` gives for each job, not started; ConfigError when it cannot be."""
    chosen = config.engines
    person = agreed(person)
    stands = standing(config, person)
    for warning in person.warnings:
        log.warning("a part of the card is not used", extra={"field": warning.field, "reason": warning.message})
    alone = chosen.duplex == "none"
    hears = chosen.stt != "none" and alone
    understudy = _understudy(config, person) if alone else None
    language = chosen_language(config, person)
    try:
        sorry, away, withheld = regrets(language, **person.regrets)
        asked = questions(person)
    except IdentityError as error:
        raise ConfigError(error.code, f"the identity {person.name!r} cannot be used: {error.message}") from error
    learned = known(config.knowledge, person)
    guard = guarding(config.guard, language)
    shown = [picture for picture in (portrait(person), head(person)) if picture is not None]
    moving = puppet(person)
    untold = "".join(f" {gap.told}" for gap in lacking(config, person))
    return Companion(
        engines=Engines(
            vad=make(config, "vad", person) if hears else None,
            stt=make(config, "stt", person) if hears else None,
            dialogue=make(config, "dialogue", person),
            tts=make(config, "tts", person),
            face=make(config, "face", person),
            voice=_voice(person.voice_of(chosen.tts), language, chosen.tts),
            ending=make(config, "ending", person) if hears else None,
            intonation=make(config, "intonation", person) if hears else None,
            diarizer=make(config, "diarizer", person) if hears else None,
            sight=make(config, "sight", person),
            understudy=understudy,
            gates=(*learned.gates, *guard.gates),
            duplex=make(config, "duplex", person),
        ),
        name=person.name,
        description=person.description,
        language=language,
        notice=f"{NO_MODEL.format(name=person.name) if chosen.dialogue == 'card' and alone else ''}{untold}".strip(),
        emotions=load.moods(chosen.face) if chosen.face != "none" else frozenset(),
        looks={**person.looks, **({"puppet": moving.path} if moving else {})},
        sorry=sorry,
        away=away if understudy else "",
        away_notice=f"{AWAY.format(name=person.name)}{untold}",
        id=identifier(person.origin),
        languages=person.languages,
        draft=stands.draft,
        ends=stands.ends,
        portrait=next((picture.path for picture in shown if picture.suffix != ".glb"), ""),
        head=next((picture.path for picture in shown if picture.suffix == ".glb"), ""),
        marking=marking(config, person),
        pictures={picture.path: Served(picture.kind, picture.data) for picture in (*shown, *filter(None, (moving,)))},
        withheld=withheld,
        review=guard.review,
        documents=learned.documents,
        questions=asked,
        warmth=warmth(person.attributes.temperament),
    )


def lacking(config: Config, person: Identity) -> tuple[Gap, ...]:
    """List what the chosen engines and the card do not know of the companion's language."""
    return gaps(config, chosen_language(config, person), person.languages)


def in_language(person: Identity, config: Config) -> Identity:
    """Return the person in the language of the setting, where the identity has a translation into it."""
    wanted = config.identity.language
    return person.speaking(wanted) if wanted and primary(wanted) in person.languages else person


def chosen_language(config: Config, person: Identity) -> str:
    """Return the language of a companion, the setting before the identity's own; ConfigError for one that is none."""
    if config.identity.language:
        check(config.identity.language)
        return config.identity.language.replace("_", "-")
    language = person.voice.language or person.language
    check(language, setting=f"the language of {person.name}")
    return language


def _voice(voice: Voice, language: str, engine: str) -> Voice:
    """Give the voice the language; in another than its own the synthesizer takes a voice for that language.

    Another tag of the same language keeps the voice, and espeak-ng's voices speak every language.
    """
    kept = engine == "espeak" or primary(voice.language) == primary(language)
    return replace(voice, language=language, name=voice.name if kept else "")


def _understudy(config: Config, person: Identity) -> Dialogue | None:
    """Make the script that speaks while the dialogue is away, if its section and the identity want one."""
    section = getattr(config, config.engines.dialogue, None)
    if not getattr(section, "fallback", False) or not person.scripted:
        return None
    made: Dialogue = load.engine(catalogue.listing("dialogue", "card"), identity=person)
    return made
