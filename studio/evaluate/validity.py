"""Checks that every file of the folder is what it should be, as far as its kind tells. It changes nothing."""

from __future__ import annotations

import json
import struct
import tomllib
from collections.abc import Callable, Mapping
from typing import Final

from engines.identity import IdentityError
from engines.identity.charx import MEMBER_BYTES
from engines.identity.fields import JSON_BYTES, Json, parse_object
from engines.identity.pictures import sniffed
from engines.identity.storage import CARD
from engines.provenance.chain import ChainError, links
from studio.checking import changes
from studio.evaluate.measures import Measure, Section, Wanted, share, short
from studio.evaluate.subject import Subject
from studio.folder import Folder

NAME: Final = "validity"
OWN: Final = ("reports/evaluat",)  # what a run before this one wrote
WHOLE: Final = Wanted(at_least=1.0)
TEXT_BYTES: Final = 64 * 1024 * 1024
HEADER: Final = 8 * 1024 * 1024  # bytes of a safetensors header

# What Character Card V3 asks of `data`, and of an entry of the lorebook.
CARD_FIELDS: Final[Mapping[str, type]] = {
    "name": str, "description": str, "tags": list, "creator": str, "character_version": str, "mes_example": str,
    "extensions": dict, "system_prompt": str, "post_history_instructions": str, "first_mes": str,
    "alternate_greetings": list, "personality": str, "scenario": str, "creator_notes": str,
    "group_only_greetings": list,
}  # fmt: skip
ENTRY_FIELDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "keys": list, "content": str, "extensions": dict, "enabled": bool, "insertion_order": (int, float),
    "use_regex": bool,
}  # fmt: skip
PICTURES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}


def validity(subject: Subject) -> Section:
    """Check the card by its specification, every file by its kind, the course, and what the lineage says of them."""
    folder = subject.folder
    names = [name for name in folder.listing() if not name.startswith(OWN)] if folder.root.is_dir() else []
    bad = [line for name in names if (line := problem(folder, name))]
    asked, faults = card_faults((subject.identity.original or subject.identity).card.raw)
    lost = [
        f"{CARD} names {asset.path}, which is not there"
        for asset in subject.identity.card.assets
        if asset.path and names and asset.path not in names
    ]
    warned = [f"{warning.field}: {warning.message}" for warning in subject.identity.warnings]
    measures = [
        share(f"{NAME}.files", len(names) - len(bad), len(names), wanted=WHOLE, evidence=bad),
        share(f"{NAME}.card", asked - len(faults), asked, wanted=WHOLE, evidence=[*faults, *warned]),
        Measure(f"{NAME}.lost_files", len(lost), wanted=Wanted(at_most=0), evidence=tuple(lost), unit="count"),
        _script(subject),
        _lineage(folder),
    ]
    problems = list[Json](short(line) for line in (*bad, *faults, *lost)[:200])
    return Section(NAME, tuple(measures), {"files": len(names), "problems": problems})


def problem(folder: Folder, name: str) -> str:
    """Say what is wrong with a file, "" for nothing that its kind tells."""
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    check = _CHECKS.get(suffix)
    if check is None:
        return ""
    try:
        found = check(folder.read(name, TEXT_BYTES if suffix in _TEXTS else MEMBER_BYTES), name)
    except (IdentityError, ChainError) as error:
        found = error.message
    except (ValueError, struct.error, RecursionError) as error:
        found = str(error)[:200] or "it cannot be read"
    return f"{name}: {found}" if found else ""


def card_faults(raw: Mapping[str, Json]) -> tuple[int, list[str]]:
    """Return how many fields the specification asks for, and which are missing or of another type."""
    asked, faults = 2, [f"card.{key} is not {value!r}" for key, value in _HEAD.items() if raw.get(key) != value]
    data = raw.get("data")
    data = data if isinstance(data, dict) else {}
    asked += len(CARD_FIELDS)
    faults += _wrong(data, CARD_FIELDS, "card.data")
    book = data.get("character_book")
    entries = book.get("entries") if isinstance(book, dict) else None
    for i, entry in enumerate(entries[:4096] if isinstance(entries, list) else []):
        asked += len(ENTRY_FIELDS)
        faults += _wrong(entry if isinstance(entry, dict) else {}, ENTRY_FIELDS, f"card.data.character_book[{i}]")
    return asked, faults


# ------------------------------------------------------------------------------------------------ parts


_HEAD: Final = {"spec": "chara_card_v3", "spec_version": "3.0"}


def _wrong(values: Mapping[str, Json], wanted: Mapping[str, type | tuple[type, ...]], where: str) -> list[str]:
    return [
        f"{where}.{key} is missing" if key not in values else f"{where}.{key} is of another type"
        for key, kind in wanted.items()
        if not isinstance(values.get(key), kind)
    ]


def _script(subject: Subject) -> Measure:
    """Say whether the card engine can read what was written for it."""
    try:
        subject.book  # noqa: B018 (that it can be read is what is measured)
    except IdentityError as error:
        return Measure(f"{NAME}.script", 0.0, wanted=WHOLE, evidence=(error.message,))
    return Measure(f"{NAME}.script", 1.0, wanted=WHOLE)


def _lineage(folder: Folder) -> Measure:
    """Count the files that are not as identity.json says."""
    name = f"{NAME}.changed_files"
    if "lineage" not in folder.facts:
        return Measure(name, why="identity.json has no lineage", unit="count", wanted=Wanted(at_most=0))
    found = changes(folder)
    kinds = (("changed", found.changed), ("missing", found.missing), ("not made here", found.unknown))
    lines = [f"{path} is {what}" for what, paths in kinds for path in paths]
    return Measure(name, len(lines), wanted=Wanted(at_most=0), evidence=tuple(lines), unit="count")


def _json(data: bytes, name: str) -> str:
    if len(data) > JSON_BYTES:
        json.loads(data)  # compiled knowledge and weights may be larger than a card
    else:
        parse_object(data, name)
    return ""


def _lines(data: bytes, name: str) -> str:
    if name.rpartition("/")[2] == "review.jsonl":
        for _ in links(data):
            pass
        return ""
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip() and not isinstance(json.loads(line), dict):
            return f"line {number} is no object"
    return ""


def _toml(data: bytes, name: str) -> str:
    tomllib.loads(data.decode())
    return ""


def _text(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "it is not UTF-8"
    return "it holds control characters" if "\0" in text else ""


def _picture(data: bytes, name: str) -> str:
    kind, _ = sniffed(data)
    wanted = PICTURES.get(name[name.rfind(".") :].lower(), "model/gltf-binary")
    return "" if kind == wanted else f"its bytes are {kind or 'no picture'}, its name says {wanted}"


def _sound(data: bytes, name: str) -> str:
    whole = data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE" and len(data) > 44
    return "" if whole else "it is no WAV file"


def _tensors(data: bytes, name: str) -> str:
    size = int(struct.unpack("<Q", data[:8])[0])
    if not 2 <= size <= min(HEADER, len(data) - 8):
        return "its header is longer than the file"
    return "" if isinstance(json.loads(data[8 : 8 + size]), dict) else "its header is no object"


_TEXTS: Final = (".json", ".jsonl", ".toml", ".md", ".markdown", ".txt", ".text", ".csv", ".tsv")
_CHECKS: Final[Mapping[str, Callable[[bytes, str], str]]] = {
    ".json": _json,
    ".jsonl": _lines,
    ".toml": _toml,
    **dict.fromkeys((".md", ".markdown", ".txt", ".text", ".csv", ".tsv"), _text),
    **dict.fromkeys((*PICTURES, ".glb"), _picture),
    ".wav": _sound,
    ".safetensors": _tensors,
}
