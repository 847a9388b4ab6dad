"""Bytes into text: encodings, line ends, and signs that would deceive a reader. It knows no markup."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Final

from engines.identity.errors import IdentityError

BYTES: Final = 16 * 1024 * 1024
CHARACTERS: Final = 6_000_000

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Invisible signs that change what is seen: directions, zero width, tags; and control codes. ZWJ and ZWNJ are letters'.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff0-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_HAN: Final = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")


def decode(data: bytes, where: str) -> str:
    """Return the text of a file; IdentityError `too_large`, or `bad_source` for one that is no text.

    UTF-8, -16 and -32 with a mark, UTF-8 without, GB 18030 where that gives Chinese, else Windows-1252.
    """
    if len(data) > BYTES:
        raise IdentityError("too_large", f"{where} is larger than {BYTES // 2**20} MiB")
    text = clean(_decoded(data, where))
    if len(text) > CHARACTERS:
        raise IdentityError("too_large", f"{where} holds more than {CHARACTERS} characters")
    return text


def clean(text: str) -> str:
    """Return a text in composed letters, with plain line ends, without signs that nobody sees."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\x0c", "\n"))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _decoded(data: bytes, where: str) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    if b"\x00" in data[:4096]:
        raise IdentityError("bad_source", f"{where} is no text file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        chinese = ""
    foreign = [c for c in chinese[:20_000] if not c.isascii()]
    if foreign and sum(1 for c in foreign if _HAN.match(c)) > len(foreign) * 0.7:
        return chinese
    return data.decode("cp1252", "replace")
