"""How an identity speaks: its voice.json. It knows that file, neither the card nor a synthesizer."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Final

from engines.api import Consent, Reference, Voice
from engines.identity.charx import check_name
from engines.identity.errors import IdentityError
from engines.identity.fields import Fields
from engines.identity.storage import read_files

VOICE: Final = "assets/x_voice/other/voice.json"
CLIP_BYTES: Final = 16 * 1024 * 1024
CLIPS: Final = 4
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")

_VOICE_NAME: Final = re.compile(r"[A-Za-z0-9_+. -]{0,64}")
_SPEAKER: Final = re.compile(r"[^\x00-\x1f\x7f]{0,64}")  # models name their speakers as they like
_ENGINE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


def read_voice(fields: Fields) -> Voice:
    language, name = fields.text("language", "en-us", longest=35), fields.text("name", longest=64)
    if not LANGUAGE.fullmatch(language) or not _VOICE_NAME.fullmatch(name):
        raise IdentityError("bad_voice", "voice.json: language must be a BCP-47 code and name a plain name")
    return Voice(
        language=language.lower(),
        name=name,
        rate=fields.number("rate", 1.0, low=0.25, high=4.0),
        pitch=fields.number("pitch", 1.0, low=0.25, high=4.0),
        range=fields.number("range", 1.0, low=0.0, high=4.0),
        energy=fields.number("energy", 1.0, low=0.25, high=2.0),
    )


def read_names(fields: Fields) -> dict[str, str]:
    names: dict[str, str] = {}
    for engine in fields.values:
        name = fields.text(engine, longest=64)
        if not _ENGINE.fullmatch(engine) or not _SPEAKER.fullmatch(name):
            raise IdentityError(
                "bad_voice", f"{fields.where}: {engine[:60]!a} must be an engine's name, its value a plain name"
            )
        names[engine] = name
    return names


def read_reference(fields: Fields, path: Path) -> Reference | None:
    """Read the recordings to clone and the consent to it; IdentityError for a missing clip or half a consent."""
    given = fields.at("reference")
    names = given.texts("clips", most=CLIPS)
    if not names:
        return None
    found = read_files(path, {check_name(name): CLIP_BYTES for name in names})
    for name in names:
        if name not in found:
            raise IdentityError("bad_voice", f"{given.where}.clips names {name}, which the identity does not have")
    return Reference(tuple(found[name] for name in names), _consent(given) if given.object("consent") else None)


def _consent(fields: Fields) -> Consent:
    record = fields.at("consent")
    by, on, statement = (record.text(key, longest=2000).strip() for key in ("by", "on", "statement"))
    try:
        date.fromisoformat(on)
    except ValueError:
        on = ""
    if not (by and on and statement):
        raise IdentityError(
            "bad_voice",
            f"{record.where} must say by whom it was given, on which day (YYYY-MM-DD), and in which statement",
        )
    return Consent(by, on, statement)
