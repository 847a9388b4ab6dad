"""The review queue: what the filter did not simply allow, kept for people to decide, in a log that shows changes.

`flagged.jsonl` in a folder, one line for each flag (engines/provenance/chain.py); when it is full it is put aside as
flagged-0001.jsonl and so on, of which the last few are kept, and the next one begins with the digest of its end. What
was said is kept only where `words` says so; otherwise a mark stands for it. `decisions.jsonl` says who decided what.
Several processes may write: each takes its turn by a lock.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from engines.guard.own import FILE, ListError, load, mark, save, secret_of
from engines.guard.verdicts import Flag
from engines.identity.fields import Json
from engines.provenance.chain import ChainError, Link, append, head, line, links

Decision: TypeAlias = Literal["right", "wrong", "deny", "off"]

log = logging.getLogger("engines.guard.desk")

CURRENT: Final = "flagged.jsonl"
DECISIONS: Final = "decisions.jsonl"
LOCK: Final = "lock"
LARGEST: Final = 1024 * 1024  # bytes of a file before the next is begun
KEPT: Final = 4  # files that are put aside
TEXT: Final = 600  # characters of what was said that are kept
NOTE: Final = 500  # characters of a note
_ASIDE: Final = re.compile(r"flagged-(\d{4,9})\.jsonl")


class DeskError(Exception):
    """A queue that cannot be used, or a decision that cannot be taken: a code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Item:
    """One flag in the queue: `id` is the beginning of its digest, `decided` the last decision about it, or ""."""

    id: str
    entry: Mapping[str, Json]
    decided: str = ""


class Desk:
    """The queue in `folder`; with `words` it keeps what was said."""

    def __init__(self, folder: Path, *, words: bool = False) -> None:
        self.folder = folder
        self._words = words
        self._seen: tuple[int, Link | None] | None = None  # the size of the file and its last line

    # -------------------------------------------------------------------------------------------------- writing

    def add(self, flag: Flag, *, session: str, turn: int, at: str, language: str = "") -> None:
        """Append a flag; OSError or ChainError when it cannot be."""
        with self._turn():
            entry: dict[str, Json] = {
                "at": at,
                "session": session,
                "turn": turn,
                "gate": flag.gate,
                "side": flag.side,
                "ruling": flag.verdict.ruling,
                "category": flag.verdict.category,
                "why": flag.verdict.why,
                "language": language,
                "length": len(flag.text),
                "mark": mark(secret_of(self.folder), flag.text),
            }
            if self._words:
                entry |= {"text": flag.text[:TEXT], "instead": flag.instead[:TEXT], "span": list(flag.verdict.span)}
            self._append(entry)

    def _append(self, entry: dict[str, Json]) -> None:
        path = self.folder / CURRENT
        last = self._last(path)
        if last is not None and path.stat().st_size > LARGEST:
            entry = {"after": last.digest, **entry}
            self._put_aside(path)
            last = None
        new = line(entry, last)
        size = path.stat().st_size if path.exists() else 0
        _write(path, new, at=size)
        self._seen = (size + len(new), Link(last.n + 1 if last else 0, entry, json.loads(new)["digest"]))

    def _last(self, path: Path) -> Link | None:
        """Return the last line of the log; what a crash cut off is taken away."""
        size = path.stat().st_size if path.exists() else 0
        if self._seen is not None and self._seen[0] == size:
            return self._seen[1]
        if not size:
            return None
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            os.truncate(path, len(whole))
        try:
            return head(whole)
        except ChainError as error:
            # It is put aside as it is, for `check` to name, and the queue goes on in a new file.
            log.warning("the review queue was changed by somebody else", extra={"reason": error.message})
            self._put_aside(path)
            return None

    def _put_aside(self, path: Path) -> None:
        aside = self._aside()
        number = int(_number(aside[-1])) + 1 if aside else 1
        path.replace(self.folder / f"flagged-{number:04}.jsonl")
        for old in [*aside, path][: max(0, len(aside) + 1 - KEPT)]:
            old.unlink(missing_ok=True)
        self._seen = None

    def _aside(self) -> list[Path]:
        found = [path for path in self.folder.glob("flagged-*.jsonl") if _ASIDE.fullmatch(path.name)]
        return sorted(found, key=lambda path: int(_number(path)))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one process at a time write."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    # -------------------------------------------------------------------------------------------------- reading

    def items(self, *, most: int = 200, undecided: bool = False) -> list[Item]:
        """Return the last flags, newest first; DeskError `tampered` when a file is not as it was written."""
        decided = {str(link.entry.get("item")): str(link.entry.get("decision")) for link in self._decisions()}
        found: list[Item] = []
        for path in reversed([*self._aside(), self.folder / CURRENT]):
            for link in reversed(self._read(path)):
                item = Item(link.digest[:12], link.entry, decided.get(link.digest[:12], ""))
                if not (undecided and item.decided):
                    found.append(item)
                if len(found) >= most:
                    return found
        return found

    def item(self, id_: str) -> Item:
        """Return the flag whose id begins so; DeskError when there is none, or more than one."""
        found = [item for item in self.items(most=10**9) if item.id.startswith(id_)] if id_ else []
        if len(found) != 1:
            raise DeskError("no_item", f"there is {'no' if not found else 'more than one'} flag {id_!r} in the queue")
        return found[0]

    def check(self) -> int:
        """Look at every line of every file and count the flags; DeskError `tampered` says what was changed."""
        self._decisions()
        count = 0
        before: Link | None = None
        for number, path in enumerate([*self._aside(), self.folder / CURRENT]):
            found = self._read(path)
            if number and before is not None and found and found[0].entry.get("after") != before.digest:
                raise DeskError("tampered", f"{path.name} does not follow the file before it")
            before = found[-1] if found else before
            count += len(found)
        return count

    def _read(self, path: Path) -> list[Link]:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return []
        try:
            # A line that is being written, or was cut off by a crash, is not read.
            return list(links(data[: data.rfind(b"\n") + 1]))
        except ChainError as error:
            raise DeskError("tampered", f"{path.name}: {error.message}") from error

    def _decisions(self) -> list[Link]:
        return self._read(self.folder / DECISIONS)

    # ------------------------------------------------------------------------------------------------- deciding

    def decide(self, id_: str, decision: str, *, by: str, at: str, phrase: str = "", note: str = "") -> Item:
        """Decide about a flag, note it, and change the filter's lists; DeskError when that cannot be.

        right: nothing changes. wrong: just this text is allowed from now on, or `phrase`. deny: `phrase` is not allowed
        from now on. off: the rule that found it is off from now on.
        """
        item = self.item(id_)
        if decision not in get_args(Decision):
            raise DeskError("bad_decision", f"a decision is one of {', '.join(get_args(Decision))}")
        self._settle(decision, item.entry, phrase, {"item": item.id, "by": by, "at": at, "note": note[:NOTE]})
        return Item(item.id, item.entry, decision)

    def put(self, decision: str, phrase: str, *, by: str, at: str) -> None:
        """Allow ("wrong") or deny ("deny") a phrase of which there is no flag."""
        if decision not in ("wrong", "deny") or not phrase.strip():
            raise DeskError("bad_decision", "a phrase can be allowed or denied")
        self._settle(decision, {}, phrase, {"item": "", "by": by, "at": at, "note": ""})

    def _settle(self, decision: str, flag: Mapping[str, Json], phrase: str, noted: dict[str, Json]) -> None:
        change = _change(decision, flag, phrase)
        with self._turn():
            try:
                lists = load(self.folder / FILE)
                changed = lists.with_entry(*change) if change else lists
            except ListError as error:
                raise DeskError(error.code, error.message) from error
            entry: dict[str, Json] = {**noted, "decision": decision}
            if change:
                entry |= {"list": change[0], "entry": change[1]}
            try:
                # The log first: what is in force without a line in it could be explained by nobody.
                append(self.folder / DECISIONS, entry)
            except ChainError as error:
                raise DeskError(
                    "tampered" if error.code == "broken_chain" else "bad_decision", error.message
                ) from error
            if changed != lists:
                save(self.folder / FILE, changed)


def _change(decision: str, flag: Mapping[str, Json], phrase: str) -> tuple[str, str] | None:
    """Return the list that a decision changes and the entry, None for none; DeskError when there is nothing to take."""
    match decision:
        case "right":
            return None
        case "wrong" if phrase:
            return "allow", phrase
        case "wrong":
            text = flag.get("text")
            return (
                ("allow", text[:400])
                if isinstance(text, str) and len(text) <= 400
                else ("marks", str(flag.get("mark", "")))
            )
        case "deny" if phrase:
            return "deny", phrase
        case "deny":
            raise DeskError("bad_decision", "say which phrase is not to be allowed")
        case _:
            why = str(flag.get("why", ""))
            if not why or why.startswith(("own.", "model.")):
                raise DeskError("bad_decision", "no rule of the filter found this, so none can be switched off")
            return "off", why


def _number(path: Path) -> str:
    found = _ASIDE.fullmatch(path.name)
    return found[1] if found else "0"


def _write(path: Path, data: bytes, *, at: int) -> None:
    """Write behind `at` bytes, or take back what was written of it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.lseek(descriptor, at, os.SEEK_SET)
        try:
            written = 0
            while written < len(data):
                written += os.write(descriptor, data[written:])
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, at)
            raise
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows: one process writes
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX)
