"""Labels in MP4: the XMP packet in a `uuid` box at the end, China's JSON as the key `AIGC` of moov/udta/meta.

A box that grows before the samples moves them: the tables that say where they are (stco, co64) are set right. Files in
fragments (moof) keep their samples' places by themselves and are given the XMP packet alone.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Final

from engines.provenance.labels.label import Label, Said, read_aigc, read_packet
from engines.provenance.labels.trouble import LabelError

XMP: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
KEY: Final = b"AIGC"
BOXES: Final = 100_000
INTO: Final = (b"trak", b"mdia", b"minf", b"stbl")  # the way from moov to the tables


def write(film: bytes, label: Label) -> bytes:
    """Return the film with the label in the place of one that was there, which must stand at the end."""
    boxes = [(kind, box) for kind, box in _boxes(film) if not _is(box, XMP) and not _is(box, C2PA)]
    if not any(kind == b"moov" for kind, _ in boxes):
        raise LabelError("bad_mp4", "this MP4 file has no moov box")
    gone = _moved(film, boxes)
    if label.china and not any(kind == b"moof" for kind, _ in boxes):
        boxes = _with_key(boxes, json.dumps(label.aigc(), ensure_ascii=False).encode(), gone)
    elif gone:
        raise LabelError("bad_mp4", "this MP4 file has a label before its samples, which cannot be taken out")
    return b"".join(box for _, box in boxes) + _box(b"uuid", XMP + label.xmp())


def read(film: bytes) -> Said:
    """Return what the film says of itself; LabelError for what is no MP4."""
    said = Said()
    for kind, box in _boxes(film):
        if _is(box, XMP):
            said = read_packet(box[24:]) or said
        elif kind == b"moov":
            said = Said(said.source, said.tool, _key(box) or said.aigc)
    return said


# ------------------------------------------------------------------------------------------------ parts


def _moved(film: bytes, kept: list[tuple[bytes, bytes]]) -> int:
    """Return how many bytes of taken-out boxes stood before the last box that is kept."""
    last, before, gone = kept[-1][1] if kept else b"", 0, 0
    for _, box in _boxes(film):
        if box is last or box == last:
            before = gone
        if _is(box, XMP) or _is(box, C2PA):
            gone += len(box)
    return before


def _with_key(boxes: list[tuple[bytes, bytes]], text: bytes, gone: int) -> list[tuple[bytes, bytes]]:
    """Return the boxes with the key in moov, samples behind it found again."""
    place = next(number for number, (kind, _) in enumerate(boxes) if kind == b"moov")
    old = boxes[place][1]
    inside = [(kind, box) for kind, box in _inner(old) if not (kind == b"udta" and _holds_key(box))]
    added = _box(b"udta", _meta(text))
    new = _box(b"moov", b"".join(box for _, box in inside) + added)
    samples_behind = any(kind == b"mdat" for kind, _ in boxes[place:])
    shift = (len(new) - len(old) if samples_behind else 0) - gone
    if shift:
        new = _box(b"moov", b"".join(_shifted(kind, box, shift) for kind, box in _inner(new)))
    return [*boxes[:place], (b"moov", new), *boxes[place + 1 :]]


def _meta(text: bytes) -> bytes:
    """Return the box that holds one named text, as QuickTime and ffmpeg write it."""
    handler = _box(b"hdlr", bytes(8) + b"mdta" + bytes(12) + b"\0")
    keys = _box(b"keys", struct.pack(">II", 0, 1) + struct.pack(">I", 8 + len(KEY)) + b"mdta" + KEY)
    data = _box(b"data", struct.pack(">II", 1, 0) + text)
    values = _box(b"ilst", struct.pack(">I", 8 + len(data)) + struct.pack(">I", 1) + data)
    return _box(b"meta", bytes(4) + handler + keys + values)


def _holds_key(box: bytes) -> bool:
    return b"keys" in box and b"mdta" + KEY in box


def _key(moov: bytes) -> tuple[tuple[str, str], ...]:
    """Return China's label from a moov box, whoever wrote it."""
    at = moov.find(b"mdta" + KEY)
    begin, end = moov.find(b'{"', max(at, 0)), moov.find(b"}", max(at, 0))
    return read_aigc(moov[begin : end + 1].decode("utf-8", "replace")) if at >= 0 and 0 <= begin < end else ()


def _shifted(kind: bytes, box: bytes, shift: int) -> bytes:
    """Return a box of moov with all places of samples moved by `shift` bytes."""
    if kind in INTO:
        return _box(kind, b"".join(_shifted(each, inner, shift) for each, inner in _inner(box)))
    if kind not in (b"stco", b"co64") or len(box) < 16:
        return box
    form = ">I" if kind == b"stco" else ">Q"
    size = struct.calcsize(form)
    (count,) = struct.unpack_from(">I", box, 12)
    if 16 + count * size > len(box):
        raise LabelError("bad_mp4", "this MP4 file has a damaged table of samples")
    places = [place + shift for (place,) in struct.iter_unpack(form, box[16 : 16 + count * size])]
    if any(not 0 <= place < 256**size for place in places):
        raise LabelError("bad_mp4", "this MP4 file is too large for its table of samples")
    return box[:16] + b"".join(struct.pack(form, place) for place in places) + box[16 + count * size :]


def _inner(box: bytes) -> Iterator[tuple[bytes, bytes]]:
    return _boxes(box[8:])


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, whole box) in order; LabelError where sizes do not fit."""
    at = 0
    for _ in range(BOXES):
        if at == len(data):
            return
        if at + 8 > len(data):
            break
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and at + 16 <= len(data):
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        elif size == 0:
            size = len(data) - at
        if size < head or at + size > len(data):
            break
        yield kind, data[at : at + size]
        at += size
    raise LabelError("bad_mp4", "this is not an MP4 file, or it is cut off")


def _box(kind: bytes, body: bytes) -> bytes:
    if len(body) + 8 > 0xFFFFFFFF:
        return struct.pack(">I4sQ", 1, kind, len(body) + 16) + body
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _is(box: bytes, user: bytes) -> bool:
    return box[4:8] == b"uuid" and box[8:24] == user
