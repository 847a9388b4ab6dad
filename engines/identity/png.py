"""Cards inside PNG pictures: text chunks `ccv3` and `chara`, plain or compressed.

It knows chunks and base64, neither pixels nor cards.

After "PNG/APNG" of the Character Card V3 specification and the chunk layout of ISO/IEC 15948. Checksums of chunks
are not checked: a damaged card shows as bad base64 or bad JSON.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from engines.identity.errors import IdentityError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
TEXTS: Final = (b"tEXt", b"zTXt", b"iTXt")
CARDS: Final = (b"ccv3", b"chara")
MANIFEST: Final = b"caBX"  # where C2PA keeps its manifest
CHUNKS: Final = 100_000
CARD_CHUNK: Final = 12 * 1024 * 1024  # bytes of base64, inflated


def card_in_png(data: bytes) -> bytes:
    """Return the card's JSON; `ccv3` wins over `chara`. IdentityError `bad_png` when there is none."""
    found: dict[bytes, bytes] = {}
    for kind, body in chunks(data):
        if kind in TEXTS:
            keyword, _, rest = body.partition(b"\0")
            if (name := keyword.strip().lower()) in CARDS and name not in found:
                found[name] = _text(kind, rest)
    text = b"".join(found.get(b"ccv3", found.get(b"chara", b"")).split())
    if not text:
        raise IdentityError("bad_png", "this picture carries no character card (no ccv3 or chara text)")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise IdentityError("bad_png", f"the card inside the picture is not valid base64: {error}") from error


def _text(kind: bytes, rest: bytes) -> bytes:
    """Return the text of a chunk after its keyword, inflated if it is compressed, within CARD_CHUNK bytes."""
    match kind:
        case b"zTXt":
            text = _inflated(rest[1:])
        case b"iTXt":
            compressed, (_, _, text) = rest[:1] == b"\1", _split(rest[2:])
            text = _inflated(text) if compressed else text
        case _:
            text = rest
    if len(text) > CARD_CHUNK:
        raise IdentityError("too_large", "the card inside the picture is too large")
    return text


def _split(rest: bytes) -> tuple[bytes, bytes, bytes]:
    """Part the language, the translated keyword and the text of an iTXt chunk."""
    language, _, rest = rest.partition(b"\0")
    translated, _, text = rest.partition(b"\0")
    return language, translated, text


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, CARD_CHUNK + 1)
    except zlib.error as error:
        raise IdentityError("bad_png", f"the card inside the picture is damaged: {error}") from error
    if not inflater.eof and len(text) <= CARD_CHUNK:
        raise IdentityError("bad_png", "the card inside the picture is cut off")
    return text


def embed_card(picture: bytes, *, ccv3: bytes, chara: bytes) -> bytes:
    """Return the picture with these two JSON documents as its card.

    Cards that were in it are taken out, and a C2PA manifest, which would not fit any more: sign it after this.
    """
    parts = [SIGNATURE]
    for kind, body in chunks(picture):
        if kind == b"IEND":
            parts += [chunk(b"tEXt", b"chara\0" + base64.b64encode(chara))]
            parts += [chunk(b"tEXt", b"ccv3\0" + base64.b64encode(ccv3))]
        if kind != MANIFEST and not _is_card(kind, body):
            parts.append(chunk(kind, body))
    return b"".join(parts)


def without_card(picture: bytes) -> bytes:
    """Return the picture without a card in it, and without the C2PA manifest that the change would break."""
    found = list(chunks(picture))
    kept = [(kind, body) for kind, body in found if not _is_card(kind, body)]
    if len(kept) == len(found):
        return picture
    return SIGNATURE + join((kind, body) for kind, body in kept if kind != MANIFEST)


def _is_card(kind: bytes, body: bytes) -> bool:
    return kind in TEXTS and body.partition(b"\0")[0].strip().lower() in CARDS


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, body) of every chunk up to IEND."""
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


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk as it stands in a file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def join(parts: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the chunks (kind, body) one after the other, as they stand in a file behind its signature."""
    return b"".join(chunk(kind, body) for kind, body in parts)
