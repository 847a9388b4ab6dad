"""An identity as a whole: the card, and what the project keeps beside it. It knows files, not conversation.

An identity is a folder laid out as an unpacked CHARX: `card.json` (Character Card V3), `identity.json` (facts of this
project: language, looks), `assets/x_voice/other/voice.json` and further assets. A .charx file, a V1, V2 or V3 card as
.json, and a .png with a card in it load too. All of it is read as hostile input: IdentityError is all that escapes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

from engines.api import Consent, Reference, Voice
from engines.identity.card import Card, as_v2, read_card
from engines.identity.charx import MEMBER_BYTES, TOTAL_BYTES, check_name, read_members, unpack_archive, write_archive
from engines.identity.errors import IdentityError
from engines.identity.fields import JSON_BYTES, Fields, Json, dump, parse_object
from engines.identity.macros import expand
from engines.identity.png import SIGNATURE, card_in_png, embed_card

Trait: TypeAlias = str | int | float | bool

EXTENSION: Final = "companion_bridge"  # our namespace in the card's extensions
CARD: Final = "card.json"
FACTS: Final = "identity.json"
VOICE: Final = "assets/x_voice/other/voice.json"
ICON: Final = "assets/icon/images/main.png"
FILE_BYTES: Final = 64 * 1024 * 1024
FILES: Final = 4096
CLIP_BYTES: Final = 16 * 1024 * 1024
CLIPS: Final = 4

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
_VOICE_NAME: Final = re.compile(r"[A-Za-z0-9_+. -]{0,64}")
_SPEAKER: Final = re.compile(r"[^\x00-\x1f\x7f]{0,64}")  # models name their speakers as they like
_TRAIT: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Identity:
    """The companion's person.

    `id` is the SHA-256 of the card; `name` is what it is called; `description` is one sentence for people; `voice` is
    that of the embedded synthesizer, `names` are the voices of other engines; `looks` are typed attributes (skin, hair,
    eyes, glasses, clothes, age ...); `facts` is identity.json; `origin` is where it was loaded from.
    """

    id: str
    card: Card
    name: str
    description: str
    language: str
    voice: Voice
    looks: Mapping[str, Trait]
    facts: Mapping[str, Json]
    origin: Path
    names: Mapping[str, str] = field(default_factory=dict)

    def voice_of(self, engine: str) -> Voice:
        """How it speaks with the synthesizer called `engine` in the configuration."""
        return self.voice if engine == "espeak" else replace(self.voice, name=self.names.get(engine, ""))

    @property
    def extension(self) -> Mapping[str, Json]:
        """What this project keeps in the card: course, answers, reactions, phrases."""
        return Fields(self.card.extensions, "card.data.extensions", code="bad_card").object(EXTENSION)

    @property
    def scripted(self) -> bool:
        """Whether it may speak from the card alone: as identity.json's `fallback` says, or if it was written for it."""
        said = self.facts.get("fallback")
        return said if isinstance(said, bool) else bool(self.extension)

    @property
    def regrets(self) -> dict[str, str]:
        """Its own words for when its dialogue fails: identity.json's `sorry` and `away`."""
        fields = Fields(self.facts, FACTS, code="bad_facts")
        return {key: fields.text(key, longest=300).strip() for key in ("sorry", "away")}

    def asset(self, path: str) -> bytes:
        """The file at `path` inside the identity; IdentityError `not_found` when it has none."""
        check_name(path)
        if self.origin.suffix.lower() == ".png" and path == ICON:
            return _read_file(self.origin, FILE_BYTES)
        data = _files(self.origin, {path: MEMBER_BYTES}).get(path)
        if data is None:
            raise IdentityError("not_found", f"{self.name} has no file {path}")
        return data


def load_identity(path: Path) -> Identity:
    """The identity in a folder, a .charx, a .json or a .png; IdentityError says what is wrong with it."""
    try:
        return _load(path)
    except (OSError, ValueError) as error:
        raise IdentityError("unreadable", f"{path} cannot be read: {error}") from error


def _load(path: Path) -> Identity:
    if not path.exists():
        raise IdentityError("not_found", f"there is no identity at {path}")
    files = _files(path, {CARD: JSON_BYTES, FACTS: JSON_BYTES, VOICE: JSON_BYTES})
    if CARD not in files:
        raise IdentityError("not_an_identity", f"{path} has no {CARD} in its root")
    raw = parse_object(files[CARD], CARD)
    card = read_card(raw)
    facts = Fields(parse_object(files[FACTS], FACTS) if FACTS in files else {}, FACTS, code="bad_facts")
    spoken = Fields(parse_object(files[VOICE], "voice.json") if VOICE in files else {}, "voice.json", code="bad_voice")
    voice = replace(_voice(spoken), reference=_reference(spoken, path))
    language = facts.text("language", voice.language, longest=35)
    if not _LANGUAGE.fullmatch(language):
        raise IdentityError("bad_facts", f"{FACTS}.language must be a BCP-47 code such as en-gb")
    return Identity(
        id=hashlib.sha256(json.dumps(raw, sort_keys=True, separators=(",", ":")).encode()).hexdigest(),
        card=card,
        name=card.char,
        description=facts.text("description", longest=500) or _first_sentence(card),
        language=language.lower(),
        voice=voice,
        looks=_looks(facts.at("looks")),
        facts=facts.values,
        origin=path,
        names=_names(spoken.at("names")),
    )


def pack(folder: Path, file: Path) -> None:
    """Writes the identity in `folder` as one `file`: .charx with everything, or .png with the card in its icon."""
    identity = load_identity(folder)
    match file.suffix.lower():
        case ".charx":
            write_archive({name: _read_file(folder / name, MEMBER_BYTES) for name in _listing(folder)}, file)
        case ".png":
            v2, v3 = dump(as_v2(identity.card)), dump(dict(identity.card.raw))
            file.write_bytes(embed_card(identity.asset(ICON), ccv3=v3, chara=v2))
        case other:
            raise IdentityError(
                "not_an_identity", f"an identity is packed as .charx or .png, not {other or 'a folder'}"
            )


def unpack(file: Path, folder: Path) -> None:
    """Writes the identity in `file` as a folder, which must not exist or be empty."""
    load_identity(file)
    if folder.exists() and any(folder.iterdir()):
        raise IdentityError("unreadable", f"{folder} is not empty")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if _is_archive(file):
            unpack_archive(file, folder)
            return
        card = _files(file, {CARD: JSON_BYTES})[CARD]
        (folder / CARD).write_bytes(card)
        if file.suffix.lower() == ".png":
            (folder / ICON).parent.mkdir(parents=True)
            (folder / ICON).write_bytes(_read_file(file, FILE_BYTES))
    except OSError as error:
        raise IdentityError("unreadable", f"{folder} cannot be written: {error}") from error


# ------------------------------------------------------------------------------------------------ parts


def _voice(fields: Fields) -> Voice:
    language, name = fields.text("language", "en-us", longest=35), fields.text("name", longest=64)
    if not _LANGUAGE.fullmatch(language) or not _VOICE_NAME.fullmatch(name):
        raise IdentityError("bad_voice", "voice.json: language must be a BCP-47 code and name a plain name")
    return Voice(
        language=language.lower(),
        name=name,
        rate=fields.number("rate", 1.0, low=0.25, high=4.0),
        pitch=fields.number("pitch", 1.0, low=0.25, high=4.0),
    )


def _names(fields: Fields) -> dict[str, str]:
    names: dict[str, str] = {}
    for engine in fields.values:
        name = fields.text(engine, longest=64)
        if not _TRAIT.fullmatch(engine) or not _SPEAKER.fullmatch(name):
            raise IdentityError(
                "bad_voice", f"{fields.where}: {engine[:60]!a} must be an engine's name, its value a plain name"
            )
        names[engine] = name
    return names


def _reference(fields: Fields, path: Path) -> Reference | None:
    """The recordings to clone and the consent to it; IdentityError for a clip that is not there, or half a consent."""
    given = fields.at("reference")
    names = given.texts("clips", most=CLIPS)
    if not names:
        return None
    found = _files(path, {check_name(name): CLIP_BYTES for name in names})
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


def _looks(fields: Fields) -> dict[str, Trait]:
    looks: dict[str, Trait] = {}
    for key, value in fields.values.items():
        if not _TRAIT.fullmatch(key) or len(looks) >= 64:
            raise IdentityError("bad_facts", f"{fields.where}: {key[:60]!a} is not the name of an attribute")
        if not isinstance(value, str | int | float) or (isinstance(value, str) and len(value) > 200):
            fields.fail(key, "a short text, a number, true or false")
        looks[key] = value
    return looks


def _first_sentence(card: Card) -> str:
    text = expand(card.description, char=card.char, user="you", seed=card.name)
    found = re.match(r"[^.!?\n]{3,290}[.!?]", text.strip())
    return found[0].strip() if found else ""


# ------------------------------------------------------------------------------------------------ files


def _files(path: Path, names: Mapping[str, int]) -> dict[str, bytes]:
    """Those of the named files that the identity has; a bare card has only `card.json`."""
    if path.is_dir():
        return {
            name: _read_file(path / name, most, inside=path) for name, most in names.items() if (path / name).is_file()
        }
    if _is_archive(path):
        return read_members(path, names)
    if CARD not in names:
        return {}
    data = _read_file(path, FILE_BYTES)
    return {CARD: card_in_png(data) if data.startswith(SIGNATURE) else data}


def _is_archive(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return path.suffix.lower() == ".charx" or file.read(4) == b"PK\x03\x04"


def _read_file(path: Path, most: int, *, inside: Path | None = None) -> bytes:
    if inside is not None and not path.resolve().is_relative_to(inside.resolve()):
        raise IdentityError("unsafe_path", f"{path} leads out of the identity's folder")
    if path.stat().st_size > most:
        raise IdentityError("too_large", f"{path} is larger than {most // 2**20} MiB")
    with path.open("rb") as file:
        return file.read(most)


def _listing(folder: Path) -> list[str]:
    """Every plain file of the folder by its name in the archive; hidden ones, links and Python are left out."""
    names: list[str] = []
    total = 0
    for path in sorted(folder.rglob("*")):
        name = PurePosixPath(path.relative_to(folder).as_posix())
        if path.is_symlink() or not path.is_file() or any(part.startswith((".", "__")) for part in name.parts):
            continue
        names.append(check_name(str(name)))
        total += path.stat().st_size
        if len(names) > FILES or total > TOTAL_BYTES:
            raise IdentityError("too_large", f"{folder} holds too much for one file")
    return names
