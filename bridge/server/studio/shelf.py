"""The folder of the people that the studio makes: names become folders here, and nothing outside is ever named."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from bridge.server.studio.requests import Told
from bridge.setup.standing import is_draft
from engines.identity import Identity, IdentityError, load_identity
from engines.identity.charx import is_safe
from engines.identity.macros import expand
from engines.identity.storage import CARD, listing, read_file

SHOWN: Final = 64 * 1024 * 1024  # bytes of a file that is shown
REPORT: Final = 1024 * 1024  # bytes of a report
TEXT: Final = 4000  # characters of a text of the card
KINDS: Final[Mapping[str, str]] = {
    ".wav": "audio/wav", ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".mp4": "video/mp4",
    ".webm": "video/webm", ".glb": "model/gltf-binary", ".json": "application/json", ".jsonl": "text/plain",
    ".html": "text/html",
}  # fmt: skip
PLAIN: Final = re.compile(r"[a-z0-9]+")


class Shelf:
    """The people in one folder, `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, person: str) -> Path:
        """Return somebody's folder; Told `nobody` where there is none, a link leading elsewhere included."""
        folder = self.root / person
        if not is_safe(person) or "/" in person or folder.is_symlink() or not (folder / CARD).is_file():
            raise Told("nobody", f"there is nobody called {person} here")
        return folder

    def new(self, sentence: str) -> Path:
        """Return a folder that is not there yet, named by the sentence."""
        words = [word for word in PLAIN.findall(sentence.lower()) if word not in ("a", "an", "the", "of", "in", "who")]
        stem = "-".join(words[:4])[:40] or "person"
        while True:
            folder = self.root / f"{stem}-{secrets.token_hex(2)}"
            if not folder.exists():
                return folder

    def file(self, person: str, path: str) -> tuple[str, bytes]:
        """Return the content type and the bytes of one of somebody's files; Told `no_file` for any other."""
        folder = self.folder(person)
        kind = KINDS.get(Path(path).suffix.lower(), "")
        if not kind or path not in listing(folder):
            raise Told("no_file", f"there is no file {path} to be shown")
        return kind, read_file(folder / path, SHOWN, inside=folder)

    def described(self, person: str) -> dict[str, Any]:
        """Return what the page shows of somebody: who they are, what they look like, their files and reports."""
        folder = self.folder(person)
        try:
            identity = load_identity(folder)
            files = listing(folder)
        except IdentityError as error:
            raise Told(error.code, f"{person} cannot be read: {error.message}") from error
        return {
            "id": person,
            "name": identity.name,
            "description": identity.description,
            "language": identity.language,
            "languages": identity.languages,
            "draft": is_draft(identity),
            "greeting": _filled(identity, identity.card.first_mes),
            "about": _filled(identity, identity.card.description),
            "attributes": _attributes(identity),
            "looks": dict(identity.looks),
            "voice": {"name": identity.voice.name, "language": identity.voice.language},
            "files": [{"path": path, "bytes": (folder / path).stat().st_size} for path in files][:500],
            "reports": _reports(folder, files),
        }


def _filled(identity: Identity, text: str) -> str:
    """Return a text of the card as it would be said."""
    return expand(text[:TEXT], char=identity.name, user="", seed=identity.name)


def _attributes(identity: Identity) -> Any:
    found = identity.facts.get("attributes")
    return found if isinstance(found, dict) else {}


def _reports(folder: Path, files: list[str]) -> dict[str, Any]:
    """Read the reports that are small enough to be shown, by the name of their stage."""
    found: dict[str, Any] = {}
    for path in files:
        if re.fullmatch(r"reports/[a-z_]{1,40}\.json", path) and (folder / path).stat().st_size <= REPORT:
            try:
                found[path.removeprefix("reports/").removesuffix(".json")] = msgspec.json.decode(
                    read_file(folder / path, REPORT, inside=folder)
                )
            except (msgspec.DecodeError, IdentityError, OSError, RecursionError):
                continue
    return found
