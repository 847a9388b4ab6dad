"""Labels in WAV: the XMP packet in a `_PMX` chunk, a comment in LIST/INFO, China's JSON in an `AIGC` chunk."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Final

from engines.provenance.labels.label import Label, Said, read_aigc, read_packet
from engines.provenance.labels.trouble import LabelError

OURS: Final = (b"_PMX", b"AIGC", b"C2PA")
CHUNKS: Final = 10_000


def write(sound: bytes, label: Label) -> bytes:
    """Return the sound with the label in the place of one that was there, behind the samples."""
    kept = [(kind, body) for kind, body in _chunks(sound) if kind not in OURS and not _is_info(kind, body)]
    info = b"INFO" + _chunk(b"ICMT", label.sentence().encode() + b"\0") + _chunk(b"ISFT", label.tool.encode() + b"\0")
    added = [(b"LIST", info), (b"_PMX", label.xmp())]
    if label.china:
        added.append((b"AIGC", json.dumps(label.aigc(), ensure_ascii=False).encode()))
    body = b"WAVE" + b"".join(_chunk(kind, each) for kind, each in [*kept, *added])
    if len(body) > 0xFFFFFFF0:
        raise LabelError("too_large", "a WAV file holds at most 4 GiB")
    return b"RIFF" + struct.pack("<I", len(body)) + body


def read(sound: bytes) -> Said:
    """Return what the sound says of itself; LabelError for what is no WAV."""
    said = Said()
    for kind, body in _chunks(sound):
        if kind == b"_PMX":
            said = read_packet(body) or said
        elif kind == b"AIGC":
            said = Said(said.source, said.tool, read_aigc(body.decode("utf-8", "replace")) or said.aigc)
    return said


def _is_info(kind: bytes, body: bytes) -> bool:
    return kind == b"LIST" and body.startswith(b"INFO")


def _chunks(sound: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, body) of every chunk; sizes that were never filled in reach to the end."""
    if sound[:4] not in (b"RIFF", b"RF64") or sound[8:12] != b"WAVE":
        raise LabelError("bad_wav", "this is not a WAV file")
    if sound[:4] == b"RF64":
        raise LabelError("bad_wav", "RF64 files are not labelled")
    at = 12
    for _ in range(CHUNKS):
        if at + 8 > len(sound):
            return
        kind, size = sound[at : at + 4], struct.unpack_from("<I", sound, at + 4)[0]
        yield kind, sound[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    raise LabelError("bad_wav", "this WAV file is in too many pieces")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
