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
from pathlib import Path
from typing import Final, TypeAlias

from engines.api import Voice
from engines.identity.attributes import Attributes, read_attributes
from engines.identity.card import Card, as_v2, read_card
from engines.identity.charx import MEMBER_BYTES, check_name, skipped_members, unpack_archive, write_archive
from engines.identity.described import described
from engines.identity.errors import IdentityError
from engines.identity.fields import JSON_BYTES, Fields, Json, dump, parse_object
from engines.identity.macros import expand
from engines.identity.png import embed_card
from engines.identity.storage import CARD, FILE_BYTES, is_archive, listing, read_file, read_files
from engines.identity.tongue import tongue_of
from engines.identity.translation import Translation, read_translations
from engines.identity.voice import LANGUAGE, VOICE, read_names, read_reference, read_voice
from engines.identity.warnings import LoadWarning

Trait: TypeAlias = str | int | float | bool

EXTENSION: Final = "companion_bridge"  # our namespace in the card's extensions
FACTS: Final = "identity.json"
ICON: Final = "assets/icon/images/main.png"

_TRAIT: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Identity:
    """The companion's person.

    `id` is the SHA-256 of the card; `name` is what it is called; `description` is one sentence for people; `voice` is
    that of the embedded synthesizer, `names` are the voices of other engines; `attributes` is what kind of person it
    is, `looks` what its drawn face is dressed by (skin, hair, clothes ...); `facts` is identity.json; `origin` is where
    it was loaded from; `warnings` tell which fields of the card could not be understood; `translations` are the same
    person in other languages, and `original` the one that this is a translation of.
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
    warnings: tuple[LoadWarning, ...] = ()
    translations: Mapping[str, Translation] = field(default_factory=dict)
    original: Identity | None = None
    attributes: Attributes = field(default_factory=Attributes)

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the primary codes of the languages that it speaks, its own first."""
        own = primary(self.language)
        others = (primary((self.original or self).language), *self.translations)
        return tuple(dict.fromkeys((own, *others)))

    def speaking(self, language: str) -> Identity:
        """Return the same person in another of its languages; IdentityError `no_language` for one it lacks."""
        code, original = primary(language), self.original or self
        if code == primary(self.language):
            return self
        if code == primary(original.language):
            return original
        if code not in self.translations:
            raise IdentityError(
                "no_language", f"{self.name} does not speak {language}, only: {', '.join(self.languages)}"
            )
        return _translated(original, code)

    def voice_of(self, engine: str) -> Voice:
        """Say how it speaks with the synthesizer called `engine` in the configuration."""
        return self.voice if engine == "espeak" else replace(self.voice, name=self.names.get(engine, ""))

    @property
    def extension(self) -> Mapping[str, Json]:
        """Say what this project keeps in the card: course, answers, reactions, phrases."""
        return Fields(self.card.extensions, "card.data.extensions", code="bad_card").object(EXTENSION)

    @property
    def scripted(self) -> bool:
        """Say whether it may speak from the card alone: as identity.json's `fallback` has it, or if written for it."""
        said = self.facts.get("fallback")
        return said if isinstance(said, bool) else bool(self.extension)

    @property
    def regrets(self) -> dict[str, str]:
        """Return its own words for a dialogue that fails or is stopped: identity.json's `sorry`, `away`, `withheld`."""
        fields = Fields(self.facts, FACTS, code="bad_facts")
        return {key: fields.text(key, longest=300).strip() for key in ("sorry", "away", "withheld")}

    def asset(self, path: str) -> bytes:
        """Return the file at `path` inside the identity; IdentityError `not_found` when it has none."""
        check_name(path)
        if self.origin.suffix.lower() == ".png" and path == ICON:
            return read_file(self.origin, FILE_BYTES)
        data = read_files(self.origin, {path: MEMBER_BYTES}).get(path)
        if data is None:
            raise IdentityError("not_found", f"{self.name} has no file {path}")
        return data


def load_identity(path: Path) -> Identity:
    """Return the identity in a folder, a .charx, a .json or a .png; IdentityError says what is wrong with it."""
    try:
        return _load(path)
    except (OSError, ValueError) as error:
        raise IdentityError("unreadable", f"{path} cannot be read: {error}") from error


def _load(path: Path) -> Identity:
    if not path.exists():
        raise IdentityError("not_found", f"there is no identity at {path}")
    files = read_files(path, {CARD: JSON_BYTES, FACTS: JSON_BYTES, VOICE: JSON_BYTES})
    if CARD not in files:
        raise IdentityError("not_an_identity", f"{path} has no {CARD} in its root")
    raw = parse_object(files[CARD], CARD)
    card = read_card(raw)
    facts = Fields(parse_object(files[FACTS], FACTS) if FACTS in files else {}, FACTS, code="bad_facts")
    spoken = Fields(parse_object(files[VOICE], "voice.json") if VOICE in files else {}, "voice.json", code="bad_voice")
    voice = replace(read_voice(spoken), reference=read_reference(spoken, path))
    attributes = read_attributes(facts.at("attributes"))
    language = facts.text("language", longest=35) or spoken.text("language", longest=35) or _guessed(card, voice)
    if not LANGUAGE.fullmatch(language):
        raise IdentityError("bad_facts", f"{FACTS}.language must be a BCP-47 code such as en-gb")
    looks = {**_looks(facts.at("looks")), **attributes.looks()}
    return Identity(
        id=hashlib.sha256(json.dumps(raw, sort_keys=True, separators=(",", ":")).encode()).hexdigest(),
        card=card,
        name=card.char,
        description=facts.text("description", longest=500) or _first_sentence(card),
        language=language.lower(),
        voice=voice if spoken.values.get("language") else replace(voice, language=language.lower()),
        looks=looks or described(f"{card.description}\n{card.personality}"),
        facts=facts.values,
        origin=path,
        names=read_names(spoken.at("names")),
        warnings=(*card.warnings, *_left_out(path)),
        translations=read_translations(card.assets, path),
        attributes=attributes,
    )


def primary(language: str) -> str:
    """Return the first part of a BCP-47 code: "zh" of "zh-CN"; Mandarin by its own code is Chinese."""
    first = language.replace("_", "-").partition("-")[0].lower()
    return {"cmn": "zh", "yue": "zh"}.get(first, first)


def _guessed(card: Card, voice: Voice) -> str:
    """Tell a card's language by what it says; the default voice's where that does not tell."""
    own = "\n".join((card.first_mes, *card.alternate_greetings[:2], card.mes_example))
    book = "\n".join(entry.content for entry in card.book.entries[:20])
    found = tongue_of(own) or tongue_of(card.description) or tongue_of(book)
    return voice.language if found in ("", primary(voice.language)) else found


def _translated(original: Identity, code: str) -> Identity:
    """Return the person as a translation has it: its texts and facts, the rest from the original."""
    told = original.translations[code]
    facts = Fields({**original.facts, **told.facts}, FACTS, code="bad_facts")
    card = read_card({"spec": "chara_card_v3", "data": told.card(original.card)})
    spoken = Fields({"language": code, **told.voice}, f"{told.where}.voice", code="bad_voice")
    voice = replace(read_voice(spoken), reference=original.voice.reference)
    return replace(
        original,
        card=card,
        name=card.char,
        description=facts.text("description", longest=500),
        language=voice.language,
        voice=voice,
        facts=facts.values,
        names=read_names(spoken.at("names")) or original.names,
        warnings=card.warnings,
        original=original,
    )


def _left_out(path: Path) -> tuple[LoadWarning, ...]:
    """Warn of an archive's files that are not read for their names."""
    skipped = skipped_members(path) if is_archive(path) else []
    if not skipped:
        return ()
    count = f"{len(skipped)} files are" if len(skipped) > 1 else "a file is"
    return (LoadWarning("archive", f"{count} left out for an unsafe name: {skipped[0][:80]!a}"),)


def pack(folder: Path, file: Path) -> None:
    """Write the identity in `folder` as one `file`: .charx with everything, or .png with the card in its icon."""
    identity = load_identity(folder)
    match file.suffix.lower():
        case ".charx":
            write_archive({name: read_file(folder / name, MEMBER_BYTES) for name in listing(folder)}, file)
        case ".png":
            v2, v3 = dump(as_v2(identity.card)), dump(dict(identity.card.raw))
            file.write_bytes(embed_card(identity.asset(ICON), ccv3=v3, chara=v2))
        case other:
            raise IdentityError(
                "not_an_identity", f"an identity is packed as .charx or .png, not {other or 'a folder'}"
            )


def unpack(file: Path, folder: Path) -> None:
    """Write the identity in `file` as a folder, which must not exist or be empty."""
    load_identity(file)
    if folder.exists() and any(folder.iterdir()):
        raise IdentityError("unreadable", f"{folder} is not empty")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if is_archive(file):
            unpack_archive(file, folder)
            return
        card = read_files(file, {CARD: JSON_BYTES})[CARD]
        (folder / CARD).write_bytes(card)
        if file.suffix.lower() == ".png":
            (folder / ICON).parent.mkdir(parents=True)
            (folder / ICON).write_bytes(read_file(file, FILE_BYTES))
    except OSError as error:
        raise IdentityError("unreadable", f"{folder} cannot be written: {error}") from error


# ------------------------------------------------------------------------------------------------ parts


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
