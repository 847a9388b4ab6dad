"""A log that nobody can rewrite unseen: each line holds the digest of the line before it.

One JSON object a line: {"n": 0, 1, 2 ..., "prev": digest of the line before (64 zeros for the first), ...the entry...,
"digest": SHA-256 of all of that in canonical JSON}. What is decided about an identity (review.jsonl) and about what a
companion said (the review queue) is kept so. It knows no clock: when something was, the entry says.

A chain shows that lines were changed, taken out or put in between; whoever rewrites the whole file, or cuts off its
end, is only shown by a digest that is kept elsewhere (a seal keeps the head of review.jsonl).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.identity.fields import Json

FIRST: Final = "0" * 64
ENTRY_BYTES: Final = 64 * 1024
LOG_BYTES: Final = 256 * 1024 * 1024
OWN: Final = ("n", "prev", "digest")  # fields of a line that an entry may not have


class ChainError(Exception):
    """A log that is not as it was written, or an entry that cannot be: `line` counts from 1, 0 for none."""

    def __init__(self, code: str, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.code, self.message, self.line = code, message, line


@dataclass(frozen=True, slots=True)
class Link:
    """One line: its number from 0, its entry without the fields of the chain, and its digest."""

    n: int
    entry: Mapping[str, Json]
    digest: str


def canonical(value: Mapping[str, Json]) -> bytes:
    """Return the one form of JSON that is digested: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def line(entry: Mapping[str, Json], after: Link | None) -> bytes:
    """Return the line that holds `entry` behind `after`; ChainError `bad_entry` for one that cannot be held."""
    if taken := [key for key in OWN if key in entry]:
        raise ChainError("bad_entry", f"an entry may have no field {taken[0]}")
    whole = {**entry, "n": after.n + 1 if after else 0, "prev": after.digest if after else FIRST}
    try:
        body = canonical(whole)
    except (ValueError, TypeError) as error:
        raise ChainError("bad_entry", f"an entry must be plain JSON: {error}") from error
    if len(body) > ENTRY_BYTES:
        raise ChainError("bad_entry", f"an entry may have {ENTRY_BYTES} bytes, this one has {len(body)}")
    return canonical({**whole, "digest": hashlib.sha256(body).hexdigest()}) + b"\n"


def links(data: bytes) -> Iterator[Link]:
    """Yield the lines of a log in order; ChainError `broken_chain` at the first that is not as it was written."""
    before: Link | None = None
    for number, raw in enumerate(data.split(b"\n"), 1):
        if not raw:
            if number != data.count(b"\n") + 1:
                raise ChainError("broken_chain", f"line {number} is empty", number)
            return
        before = _read(raw, before, number)
        yield before
    # Every line that was written whole ends with a line feed.
    raise ChainError("broken_chain", "the last line is cut off", data.count(b"\n") + 1)


def head(data: bytes) -> Link | None:
    """Return the last line of a log, None of an empty one; ChainError as `links`."""
    last: Link | None = None
    for each in links(data):
        last = each
    return last


def append(path: Path, entry: Mapping[str, Json]) -> Link:
    """Write `entry` behind the last line of the log at `path`, which is made if need be, and return its link.

    The whole log is checked first. A line that a crash cut off is taken away; any other damage is ChainError. Writers
    of one log must take turns: the caller sees to that.
    """
    data = path.read_bytes() if path.exists() else b""
    if len(data) > LOG_BYTES:
        raise ChainError("log_full", f"{path} is full; move it away and begin a new one")
    whole = data[: data.rfind(b"\n") + 1]
    last = head(whole)
    new = line(entry, last)
    _write(path, new, at=len(whole))
    return _read(new[:-1], last, (last.n + 2) if last else 1)


def _write(path: Path, new: bytes, *, at: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, for the rights of the new file
        try:
            file.seek(at)
            file.truncate()
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            # Half a line is worse than none.
            with contextlib.suppress(OSError):
                file.truncate(at)
            raise


def _read(raw: bytes, before: Link | None, number: int) -> Link:
    try:
        whole = json.loads(raw)
    except (ValueError, RecursionError):
        whole = None
    if not isinstance(whole, dict) or not isinstance(whole.get("digest"), str):
        raise ChainError("broken_chain", f"line {number} is not a line of a log", number)
    digest = whole.pop("digest")
    try:
        # Another spelling of the same JSON would hide a byte that was changed.
        spelt = canonical({**whole, "digest": digest})
        right = hashlib.sha256(canonical(whole)).hexdigest()
    except (ValueError, RecursionError):
        spelt, right = b"", ""
    if spelt != raw or right != digest:
        raise ChainError("broken_chain", f"line {number} was changed", number)
    expected = (before.n + 1, before.digest) if before else (0, FIRST)
    if (whole.pop("n", None), whole.pop("prev", None)) != expected:
        raise ChainError("broken_chain", f"something before line {number} was taken out, or put in", number)
    return Link(expected[0], whole, digest)
