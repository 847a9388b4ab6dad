"""Cards inside PNG pictures: tEXt chunks `ccv3` and `chara`. It knows chunks and base64, neither pixels nor cards.

After "PNG/APNG" of the Character Card V3 specification and the chunk layout of ISO/IEC 15948. Checksums of chunks
are not checked: a damaged card shows as bad base64 or bad JSON.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from engines.identity.errors import IdentityError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
CHUNKS: Final = 100_000
CARD_CHUNK: Final = 12 * 1024 * 1024  # bytes of base64


def card_in_png(data: bytes) -> bytes:
    """The card's JSON; `ccv3` wins over `chara`. IdentityError `bad_png` when there is none."""
    found: dict[bytes, bytes] = {}
    for kind, body in _chunks(data):
        if kind != b"tEXt":
            continue
        keyword, _, text = body.partition(b"\0")
        if (name := keyword.lower()) in (b"ccv3", b"chara"):
            found.setdefault(name, text)
    text = found.get(b"ccv3", found.get(b"chara", b""))
    if not text:
        raise IdentityError("bad_png", "this picture carries no character card (no ccv3 or chara text)")
    if len(text) > CARD_CHUNK:
        raise IdentityError("too_large", "the card inside the picture is too large")
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise IdentityError("bad_png", f"the card inside the picture is not valid base64: {error}") from error


def embed_card(picture: bytes, *, ccv3: bytes, chara: bytes) -> bytes:
    """The picture with these two JSON documents as its card; cards that were in it are taken out."""
    parts = [SIGNATURE]
    for kind, body in _chunks(picture):
        if kind == b"IEND":
            parts += [_chunk(b"tEXt", b"chara\0" + base64.b64encode(chara))]
            parts += [_chunk(b"tEXt", b"ccv3\0" + base64.b64encode(ccv3))]
        if kind != b"tEXt" or body.partition(b"\0")[0].lower() not in (b"ccv3", b"chara"):
            parts.append(_chunk(kind, body))
    return b"".join(parts)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, body) of every chunk up to IEND."""
    if not data.startswith(SIGNATURE):
        raise IdentityError("bad_png", "this is not a PNG picture")
    at = len(SIGNATURE)
    for _ in range(CHUNKS):
        if at + 12 > len(data):
            break
        (length,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 8 + length
        if end + 4 > len(data):
            break
        yield kind, data[at + 8 : end]
        if kind == b"IEND":
            return
        at = end + 4
    raise IdentityError("bad_png", "this picture is cut off or damaged")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
