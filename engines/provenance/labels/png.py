"""Labels in PNG: the XMP packet as an uncompressed iTXt chunk, before the pixels."""

from __future__ import annotations

import zlib
from typing import Final

from engines.identity.png import MANIFEST, SIGNATURE, chunks, join
from engines.provenance.labels.label import PACKET_BYTES, Label, Said, read_aigc, read_packet

XMP: Final = b"XML:com.adobe.xmp"


def write(picture: bytes, label: Label) -> bytes:
    """Return the picture with the label in the place of one that was there; a C2PA manifest goes, which would break."""
    kept = [(kind, body) for kind, body in chunks(picture) if kind != MANIFEST and not _is_xmp(kind, body)]
    chunk = (b"iTXt", XMP + b"\0\0\0\0\0" + label.xmp())
    # After IHDR, which must be first.
    return SIGNATURE + join([*kept[:1], chunk, *kept[1:]])


def read(picture: bytes) -> Said:
    """Return what the picture says of itself; IdentityError for what is no PNG."""
    said = Said()
    for kind, body in chunks(picture):
        if _is_xmp(kind, body):
            said = read_packet(_text(body)) or said
        elif kind in (b"tEXt", b"iTXt") and body.startswith(b"AIGC\0"):
            text = body[5:] if kind == b"tEXt" else _text(body)
            said = Said(said.source, said.tool, read_aigc(text.decode("utf-8", "replace")) or said.aigc)
    return said


def _is_xmp(kind: bytes, body: bytes) -> bool:
    return kind == b"iTXt" and body.startswith(XMP + b"\0")


def _text(body: bytes) -> bytes:
    """Return the text of an iTXt chunk, inflated within bounds; b"" when it is damaged."""
    _, _, rest = body.partition(b"\0")
    compressed, rest = rest[:1] == b"\1", rest[2:]
    _, _, rest = rest.partition(b"\0")
    _, _, rest = rest.partition(b"\0")
    if not compressed:
        return rest
    try:
        return zlib.decompressobj().decompress(rest, PACKET_BYTES)
    except zlib.error:
        return b""
