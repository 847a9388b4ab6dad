"""Keeps what people have decided about the filter in one file, and reads it again when it has changed.

lists.json beside the review queue: {"allow": [texts], "marks": [marks of texts], "deny": [phrases], "off": [rules]}.
It may be edited by hand. A text that was kept by its mark alone can be allowed by that.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engines.guard.filter import NOTHING, Own, key
from engines.guard.rules import Rules, plain

log = logging.getLogger("engines.guard.own")

FILE: Final = "lists.json"
KEY: Final = "marks.key"
LISTS: Final = ("allow", "marks", "deny", "off")
MOST: Final = 5000  # entries of a list
LONGEST: Final = 400  # characters of one
BYTES: Final = 4 * 1024 * 1024
MARK: Final = 32  # hexadecimal digits of a mark


class ListError(Exception):
    """A file of lists that cannot be used, or an entry that cannot be taken: a code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def mark(secret: bytes, text: str) -> str:
    """Return what stands for a text that is not kept; without the secret nobody can try texts against it."""
    return hmac.new(secret, key(text).encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:MARK]


def secret_of(folder: Path) -> bytes:
    """Return the secret of a folder, which is made if need be; OSError when it cannot be."""
    path = folder / KEY
    try:
        return path.read_bytes()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        made = secrets.token_bytes(32)
        beside = path.with_suffix(f".{os.getpid()}")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(made)
        try:
            # Two that begin at once must end with the same.
            os.link(beside, path)
        except FileExistsError:
            return path.read_bytes()
        finally:
            beside.unlink()
        return made


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists as they stand in the file."""

    allow: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    def own(self, secret: bytes = b"") -> Own:
        """Return them as the filter takes them."""
        rules = [rule for phrase in self.deny if (rule := plain(phrase)) is not None]
        marks = frozenset(self.marks)
        return Own(
            frozenset(map(key, self.allow)),
            Rules(rules),
            frozenset(self.off),
            (lambda text: mark(secret, text) in marks) if marks and secret else None,
        )

    def with_entry(self, name: str, entry: str) -> Lists:
        """Return the lists with one entry more; ListError for one that cannot be taken."""
        if not entry.strip() or len(entry) > LONGEST or (name in ("allow", "deny") and not key(entry)):
            raise ListError("bad_entry", f"an entry has words, and {LONGEST} characters at most")
        old: tuple[str, ...] = getattr(self, name)
        if len(old) >= MOST:
            raise ListError("list_full", f"the list {name} has {MOST} entries, which is all that it may have")
        values = {each: getattr(self, each) for each in LISTS}
        return Lists(**{**values, name: tuple(dict.fromkeys((*old, entry)))})


def load(path: Path) -> Lists:
    """Read the lists; empty ones where there is no file, ListError for one that cannot be used."""
    try:
        if path.stat().st_size > BYTES:
            raise ListError("bad_lists", f"{path} has more than {BYTES >> 20} MiB")
        data: Any = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Lists()
    except (ValueError, RecursionError) as error:
        raise ListError("bad_lists", f"{path} is not JSON") from error
    if not isinstance(data, dict) or data.keys() - set(LISTS):
        raise ListError("bad_lists", f"{path} must be an object of the lists {', '.join(LISTS)}")
    return Lists(**{name: _entries(path, name, data.get(name, [])) for name in LISTS})


def _entries(path: Path, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST or not all(_fits(entry) for entry in value):
        raise ListError("bad_lists", f"{path}: {name} must be a list of at most {MOST} texts of {LONGEST} characters")
    return tuple(value)


def _fits(entry: object) -> bool:
    return isinstance(entry, str) and len(entry) <= LONGEST


def save(path: Path, lists: Lists) -> None:
    """Write the lists, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    text = json.dumps({name: list(getattr(lists, name)) for name in LISTS}, ensure_ascii=False, indent=1)
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


class OwnLists:
    """The lists of one folder as they are now; a file that is damaged leaves those before it in force."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._file = "" if folder is None else str(folder / FILE)  # asked for with every phrase
        self._seen: tuple[int, int] | None = None
        self._own = NOTHING

    def now(self) -> Own:
        """Return what people have decided; looks whether the file has changed."""
        if self._folder is None:
            return self._own
        try:
            stat = os.stat(self._file)  # noqa: PTH116
        except OSError:
            self._own, self._seen = NOTHING, None
            return self._own
        seen = (stat.st_mtime_ns, stat.st_size)
        if seen != self._seen:
            self._seen = seen
            try:
                lists = load(self._folder / FILE)
                self._own = lists.own(secret_of(self._folder) if lists.marks else b"")
            except (OSError, ListError) as error:
                log.warning("the lists of the filter cannot be used", extra={"reason": str(error)})
        return self._own
