"""Writes small PDFs for tests: text with Helvetica, or any script through a map of its signs, locked or damaged."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from typing import Final

Line = tuple[float, float, str]  # size in points, distance from the top in points, text

PAD: Final = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def paper(pages: Sequence[Sequence[Line]], *, toc: Sequence[tuple[str, int]] = (), password: str = "") -> bytes:
    """Return a PDF with these lines on its pages; `toc` are titles with page numbers from 0."""
    objects: list[bytes] = [b"", b"", b"", b""]
    kids: list[int] = []
    signs = "".join(dict.fromkeys(text for page in pages for _, _, line in page for text in line if ord(text) > 126))
    objects[2] = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    objects[3] = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Signs /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>"
        % (5, 6)
    )
    objects += [
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Signs /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 /FontDescriptor << /Type /FontDescriptor /FontName /Signs /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >> >>",
        _stream(_unicode_map(signs)),
    ]
    for page in pages:
        content = len(objects) + 1
        objects.append(_stream(_drawn(page, signs)))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F 3 0 R /G 4 0 R >> >> >>"
            % content
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % kid for kid in kids), len(kids))
    if toc:
        root = len(objects) + 1
        objects.append(
            b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>" % (root + 1, root + len(toc), len(toc))
        )
        for i, (title, at) in enumerate(toc):
            after = b"/Next %d 0 R" % (root + i + 2) if i + 1 < len(toc) else b""
            name = b"FEFF" + title.encode("utf-16-be").hex().upper().encode()
            objects.append(b"<< /Title <%s> /Parent %d 0 R %s /Dest [%d 0 R /Fit] >>" % (name, root, after, kids[at]))
        objects[0] = b"<< /Type /Catalog /Pages 2 0 R /Outlines %d 0 R >>" % root
    return _file(objects, password)


def _drawn(page: Sequence[Line], signs: str) -> bytes:
    parts: list[bytes] = []
    for size, top, text in page:
        if all(ord(c) <= 126 for c in text):
            shown = b"/F %g Tf 1 0 0 1 60 %g Tm (%s) Tj" % (
                size,
                842 - top,
                text.replace("\\", "").replace("(", "\\(").replace(")", "\\)").encode(),
            )
        else:
            codes = "".join(f"{signs.index(c) + 1:04X}" if c in signs else f"{ord(c) + 5000:04X}" for c in text)
            shown = b"/G %g Tf 1 0 0 1 60 %g Tm <%s> Tj" % (size, 842 - top, codes.encode())
        parts.append(b"BT " + shown + b" ET")
    return b"\n".join(parts)


def _unicode_map(signs: str) -> bytes:
    pairs = [(i + 1, sign) for i, sign in enumerate(signs)] + [(code + 5000, chr(code)) for code in range(32, 127)]
    rows = [f"<{code:04X}> <{sign.encode('utf-16-be').hex().upper()}>" for code, sign in pairs]
    blocks = [rows[i : i + 90] for i in range(0, len(rows), 90)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /S def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{body}\nendcmap end end"
    ).encode()


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)


def _file(objects: Sequence[bytes], password: str) -> bytes:
    trailer = b""
    listed = list(objects)
    if password:
        identifier = b"0123456789abcdef"
        owner = _rc4(hashlib.md5(_padded("owner")).digest()[:5], _padded(password))
        rights = (-44).to_bytes(4, "little", signed=True)
        key = hashlib.md5(_padded(password) + owner + rights + identifier).digest()[:5]
        listed.append(
            b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -44 >>"
            % (owner.hex().encode(), _rc4(key, PAD).hex().encode())
        )
        trailer = b"/Encrypt %d 0 R /ID [<%s> <%s>]" % (
            len(listed),
            identifier.hex().encode(),
            identifier.hex().encode(),
        )
    out = bytearray(b"%PDF-1.5\n")
    places: list[int] = []
    for number, body in enumerate(listed, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(listed) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (len(listed) + 1, trailer, start)
    return bytes(out)


def _padded(password: str) -> bytes:
    return (password.encode("latin-1") + PAD)[:32]


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
