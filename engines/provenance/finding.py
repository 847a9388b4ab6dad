"""Looks at any file and tells what it is: what it says of itself, what was signed, and what lies under its surface.

Nothing here is proof of the contrary: a file without label and mark may be of a machine all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from engines.provenance.audio.detect import SPEEDS, Found, detect
from engines.provenance.labels.files import kind_of, said
from engines.provenance.labels.label import Said
from engines.provenance.picture import mark
from engines.provenance.signing.c2pa import KINDS, Manifest, read
from engines.provenance.signing.trouble import SigningError
from engines.provenance.sounds import NoSound, decoded

PICTURES: Final = ("image/png", "image/jpeg", "image/webp", "image/gif")
SOUNDS: Final = ("audio/", "video/")
MADE: Final = (
    "algorithmicMedia",
    "trainedAlgorithmicMedia",
    "compositeSynthetic",
    "compositeWithTrainedAlgorithmicMedia",
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a file tells.

    `kind` is its content type ("" unknown), `said` its own words, `manifest` its C2PA manifest, `heard` and `seen` the
    marks in sound and picture (None where there is neither to look at), `notes` what could not be looked at.
    """

    kind: str
    said: Said = field(default_factory=Said)
    manifest: Manifest | None = None
    heard: Found | None = None
    seen: mark.Seen | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def machine(self) -> bool:
        """Say whether anything in it tells that a machine made it."""
        manifest = self.manifest
        told = self.said.source in MADE or bool(self.said.aigc)
        signed = manifest is not None and manifest.source in MADE
        return told or signed or bool(self.heard and self.heard.marked) or bool(self.seen and self.seen.marked)

    @property
    def payload(self) -> int:
        """Return the 16 bits of the mark that was found, -1 without one."""
        for each in (self.heard, self.seen):
            if each is not None and each.marked:
                return each.payload
        return -1


def look(data: bytes, *, anchors: bytes = b"", sound_key: bytes = b"", picture_key: bytes = b"") -> Findings:
    """Look at a file's bytes; never fails, but says in `notes` what it could not do. Empty keys are the public ones."""
    kind = kind_of(data)
    notes: list[str] = []
    manifest = None
    if kind in KINDS:
        try:
            manifest = read(data, kind, anchors)
        except SigningError as error:
            notes.append(f"C2PA was not looked at: {error.message}")
    heard = _heard(data, sound_key, notes) if kind.startswith(SOUNDS) else None
    seen = _seen(data, picture_key, notes) if kind in PICTURES else None
    if not kind:
        notes.append("this is no kind of file that is known here")
    return Findings(kind, said(data), manifest, heard, seen, tuple(notes))


def _heard(data: bytes, key: bytes, notes: list[str]) -> Found | None:
    try:
        sound, rate = decoded(data)
    except NoSound as error:
        notes.append(f"the sound was not looked at: {error}")
        return None
    return detect(sound, rate, key=key, speeds=SPEEDS) if key else detect(sound, rate, speeds=SPEEDS)


def _seen(data: bytes, key: bytes, notes: list[str]) -> mark.Seen | None:
    try:
        from PIL import Image
    except ImportError:
        notes.append("the picture was not looked at: pip install 'companion-bridge[provenance]'")
        return None
    import numpy as np

    try:
        with Image.open(BytesIO(data)) as opened:
            pixels = np.asarray(opened.convert("RGB"))
        return mark.detect(pixels, key=key or mark.PUBLIC)
    except (mark.NoRoom, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        notes.append(f"the picture was not looked at: {error}")
        return None
