"""Documents of text files, one at a time: JSON lines with a `text`, or texts whose documents blank lines part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from training.data.text import decoded
from training.errors import TrainingError

PIECE: Final = 16 * 2**20  # bytes of a line, at most


def documents(files: Sequence[Path], encoding: str = "") -> Iterator[str]:
    """Yield documents; TrainingError `no_data` for a file that is empty, `bad_encoding` for one that is no text."""
    for file in files:
        some = False
        for text in _read(file, encoding):
            some = True
            yield text
        if not some:
            raise TrainingError("no_data", f"{file} is empty.")


def parted(texts: Iterable[str], share: float, seed: int) -> Iterator[tuple[str, bool]]:
    """Yield documents with whether each is held out, which the hash of its text decides: copies go the same way."""
    for text in texts:
        made = hashlib.sha256(f"{seed}|{text}".encode("utf-8", "surrogatepass")).digest()
        yield text, int.from_bytes(made[:8]) < share * 2**64


def _read(file: Path, encoding: str) -> Iterator[str]:
    try:
        with file.open("rb") as lines:
            held: list[str] = []
            for number, line in enumerate(iter(lambda: lines.readline(PIECE), b""), start=1):
                where = f"{file.name}, line {number}"
                text = decoded(line, where, encoding).strip("\n") if line.strip() else ""
                if file.suffix in (".jsonl", ".ndjson"):
                    yield from _record(text, where)
                elif text:
                    held.append(text)
                elif held:
                    yield "\n".join(held)
                    held = []
            if held:
                yield "\n".join(held)
    except OSError as error:
        raise TrainingError("no_data", f"{file} cannot be read: {error.strerror or error}") from error


def _record(line: str, where: str) -> Iterator[str]:
    if not line:
        return
    try:
        record = json.loads(line)
    except ValueError as error:
        raise TrainingError("bad_layout", f"{where} is no JSON: {error}") from error
    text = record if isinstance(record, str) else record.get("text") if isinstance(record, dict) else None
    if not isinstance(text, str):
        raise TrainingError("bad_layout", f"{where} has no text.")
    if text.strip():
        yield text
