"""Bytes of a file as text, or a sentence that says where they are none."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from training.errors import TrainingError

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
LARGEST: Final = 256 * 2**20  # bytes of a file that is read whole; JSON lines may be longer
SHARE: Final = 0.5  # of lines that decode: above it a file is mixed, below it is in another encoding


def read(file: Path, encoding: str = "") -> str:
    """Return the text of a file: UTF-8, UTF-16 or UTF-32 by its mark, or in `encoding`.

    TrainingError `no_data` for an empty or missing file, `bad_encoding` for one that cannot be read so.
    """
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise TrainingError(
                "bad_layout", f"{file} is larger than {LARGEST // 2**20} MiB: give so much as JSON lines, a line each."
            )
        data = file.read_bytes()
    except OSError as error:
        raise TrainingError("no_data", f"{file} cannot be read: {error.strerror or error}") from error
    return decoded(data, str(file), encoding)


def decoded(data: bytes, name: str, encoding: str = "") -> str:
    """Return bytes as text; see `read`."""
    if not data.strip():
        raise TrainingError("no_data", f"{name} is empty.")
    used = encoding or next((kind for mark, kind in MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(used)
    except LookupError as error:
        raise TrainingError("bad_encoding", f"There is no encoding {encoding!r}.") from error
    except UnicodeError as error:
        raise TrainingError("bad_encoding", _told(data, name, used)) from error
    if "\0" in text:
        raise TrainingError("bad_encoding", f"{name} is no text: it holds zero bytes.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _told(data: bytes, name: str, encoding: str) -> str:
    lines = [line for line in data.split(b"\n") if line.strip()]
    wrong = [number for number, line in enumerate(data.split(b"\n"), start=1) if not _decodes(line, encoding)]
    if not wrong or len(wrong) > SHARE * len(lines):
        return f"{name} is not in {encoding.upper()}; say which encoding it is in: --encoding gb18030, for instance."
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return (
        f"{name} mixes encodings: it is {encoding.upper()} but for line {wrong[0]}{more}. Convert those lines, or say "
        "which encoding all of it is in with --encoding."
    )


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeError:
        return False
    return True
