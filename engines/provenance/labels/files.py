"""Labels any file that leaves, twice where its kind allows it: a mark in what is seen or heard, and words in the file.

The order is fixed, as each step would break the next one's work: mark, words (XMP, AIGC), C2PA manifest last.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Final

from engines.identity.png import SIGNATURE
from engines.provenance.labels import glb, mp4, png, wav
from engines.provenance.labels.label import Label, Said
from engines.provenance.labels.trouble import LabelError
from engines.provenance.signing.keys import Keys

if TYPE_CHECKING:
    from engines.provenance.picture.mark import Pixels

PNG, JPEG, WEBP, WAV, MP4, GLB = "image/png", "image/jpeg", "image/webp", "audio/wav", "video/mp4", "model/gltf-binary"
LABELLED: Final = (PNG, WAV, MP4, GLB)  # kinds whose words we write
FILE_BYTES: Final = 1 << 30


def kind_of(data: bytes) -> str:
    """Return the content type by the first bytes, "" for what is not known here."""
    head = data[:16]
    if head.startswith(SIGNATURE):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head[:4] in (b"RIFF", b"RF64"):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "audio/mp4" if head[8:11] in (b"M4A", b"M4B") else MP4
    for begins, kind in (
        (b"glTF", GLB),
        (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (b"ID3", "audio/mpeg"),
        (b"GIF8", "image/gif"),
        (b"%PDF", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
    ):
        if head.startswith(begins):
            return kind
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    return "audio/mpeg" if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 else ""


def labelled(data: bytes, label: Label, *, payload: int = -1, keys: Keys | None = None) -> bytes:
    """Return the file with its label; `payload` puts the mark of a picture, `keys` sign.

    Sound is marked where it is made (`provenance.audio`). LabelError `unlabelled` for a kind that has no place for one;
    SigningError from the signing.
    """
    kind = kind_of(data)
    if kind == PNG and payload >= 0:
        data = marked_picture(data, payload)
    match kind:
        case "image/png":
            data = png.write(data, label)
        case "audio/wav":
            data = wav.write(data, label)
        case "video/mp4" | "audio/mp4":
            data = mp4.write(data, label)
        case "model/gltf-binary":
            return glb.write(data, label)
        case "image/jpeg" | "image/webp" | "audio/mpeg" | "audio/flac" if keys is not None:
            pass
        case _:
            raise LabelError("unlabelled", f"a file of type {kind or 'unknown'} has no place for a label")
    if keys is None:
        return data
    from engines.provenance.signing import c2pa

    return c2pa.sign(data, kind, label, keys)


def said(data: bytes) -> Said:
    """Return what a file says of itself; nothing for a kind that is not known, or one that is damaged."""
    from engines.identity.errors import IdentityError

    readers = {PNG: png.read, WAV: wav.read, MP4: mp4.read, "audio/mp4": mp4.read, GLB: glb.read}
    reader = readers.get(kind_of(data))
    try:
        return reader(data) if reader else Said()
    except (LabelError, IdentityError):
        return Said()


def marked_picture(data: bytes, payload: int) -> bytes:
    """Return a PNG with the mark under its pixels, once; as it was where it is too small or Pillow is not here."""

    def mark(pixels: Pixels) -> Pixels:
        from engines.provenance.picture.mark import detect, embed

        return pixels if detect(pixels).payload == payload else embed(pixels, payload)

    return _redrawn(data, mark)


def stamped_picture(data: bytes) -> bytes:
    """Return a PNG with a label that people see; as it was where Pillow is not here."""

    def stamp(pixels: Pixels) -> Pixels:
        from engines.provenance.explicit import stamped

        return stamped(pixels)

    return _redrawn(data, stamp)


def _redrawn(data: bytes, change: Callable[[Pixels], Pixels]) -> bytes:
    """Return a PNG with its pixels changed; its text chunks stay, the card above all, a signature does not.

    A picture that moves, or that `change` or Pillow cannot take, comes back as it was.
    """
    try:
        from PIL import Image
    except ImportError:
        return data
    import numpy as np

    from engines.identity.png import TEXTS, chunks, join

    try:
        with Image.open(BytesIO(data)) as opened:
            if getattr(opened, "n_frames", 1) > 1:
                return data
            clear = "A" in opened.mode or "transparency" in opened.info
            pixels = np.asarray(opened.convert("RGBA" if clear else "RGB"))
        changed = change(pixels)
        if changed is pixels:
            return data
        out = BytesIO()
        Image.fromarray(changed).save(out, "PNG", optimize=True)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return data
    texts = [(kind, body) for kind, body in chunks(data) if kind in TEXTS]
    parts = list(chunks(out.getvalue()))
    return SIGNATURE + join([parts[0], *texts, *parts[1:]])
