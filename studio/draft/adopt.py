"""Takes over a card that was made elsewhere: everything in it stays, attributes are read out of its texts by rules.

What the texts do not say stays unsaid; nothing is invented for it.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from engines.identity import load_identity
from engines.identity.bundle import FACTS, ICON
from engines.identity.charx import MEMBER_BYTES, member_names
from engines.identity.fields import JSON_BYTES, Json, dump
from engines.identity.storage import CARD, FILE_BYTES, is_archive, listing, read_file, read_files
from engines.provenance.consent import CONSENT
from studio.draft.figures import figure_in
from studio.draft.stage import consented
from studio.draft.wanted import over
from studio.errors import StudioError
from studio.extract import attributes_in
from studio.folder import Folder
from studio.stage import Made, Progress, Wish

TOOL: Final = "card reader 1"
RECORDS: Final = ("lineage", "files", "seal")  # another's records; the reader's own entry begins anew


class Adopt:
    """Reads a card's file or folder as a draft: .png, .json, .charx, or an identity's folder."""

    name = "draft"
    version = 1

    def __init__(self, source: Path) -> None:
        self._source = source

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return all files of the source, and the attributes that its texts tell."""
        progress(0.1, "reading the card")
        identity = load_identity(self._source)
        known = figure_in(identity.card.name)
        consent = wish.options.get("consent")
        if known and not (isinstance(consent, dict) and consented(consent)):
            raise StudioError(
                "public_figure", f"{known} is a person known to the public: give their consent with --consent FILE"
            )
        files = _files(self._source)
        files |= {CONSENT: dump(consent)} if isinstance(consent, dict) else {}
        progress(0.6, "reading what the person is like")
        read = attributes_in(identity)
        attributes = over(read, identity.attributes)
        facts: dict[str, Json] = {
            "language": identity.language,
            "description": identity.description,
            **{key: value for key, value in identity.facts.items() if key not in RECORDS},
            "attributes": attributes.as_json(),
        }
        section: dict[str, Json] = {
            "from": self._source.name,
            "attributes": read.as_json(),
            "warnings": [warning.message for warning in identity.warnings],
        }
        return Made(files, section, tool=TOOL, facts=facts)


def _files(source: Path) -> dict[str, bytes]:
    """Return every file of a card's source by its path in the folder, identity.json left out."""
    if source.is_dir():
        return {
            name: read_file(source / name, MEMBER_BYTES, inside=source) for name in listing(source) if name != FACTS
        }
    if is_archive(source):
        names = [name for name in member_names(source) if name != FACTS and not _hidden(name)]
        return read_files(source, dict.fromkeys(names, MEMBER_BYTES))
    files = read_files(source, {CARD: JSON_BYTES})
    if source.suffix.lower() == ".png":
        files[ICON] = read_file(source, FILE_BYTES)
    return files


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__")) for part in PurePosixPath(name).parts)
