"""Writes several files of a folder as one: all of them or none, however the program ends.

New bytes are first written beside, in `.studio/new`, and made to last; then a journal that says where they go; then
they are renamed, in order. Whoever comes next finds no journal and throws the new bytes away, or finds one and renames
what is left. The journal's appearance, one rename, is the instant at which the change has happened.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from engines.identity.charx import MEMBER_BYTES, check_name
from engines.identity.errors import IdentityError
from engines.identity.fields import Fields, Json, parse_object
from studio.errors import StudioError
from studio.folder import WORK

NEW: Final = "new"
JOURNAL: Final = "journal.json"
LOCK: Final = "lock"
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write(root: Path, files: Mapping[str, bytes], removed: Sequence[str] = ()) -> None:
    """Write `files` in their order and delete `removed`, as one change.

    StudioError `disk_full` or `unwritable` when it cannot be done; then nothing has changed.
    """
    for path in (*files, *removed):
        _check(root, path)
    if big := next((path for path, data in files.items() if len(data) > MEMBER_BYTES), ""):
        raise StudioError("unwritable", f"{big} is larger than {MEMBER_BYTES // 2**20} MiB")
    work = root / WORK
    try:
        _stage(root, work, files, removed)
    except OSError as error:
        _forget(work)
        raise failure(error, root) from error
    settle(root)


def settle(root: Path) -> None:
    """Finish or undo what an earlier write left; StudioError `damaged` when the journal's files are not there."""
    work = root / WORK
    try:
        if (work / JOURNAL).is_file():
            _finish(root, work)
        _forget(work)
    except OSError as error:
        raise failure(error, root) from error


@contextlib.contextmanager
def held(root: Path) -> Iterator[None]:
    """Hold the folder for one program at a time, making it if need be; StudioError `busy` when another has it.

    A folder that was made here and in which nothing was written is taken away again.
    """
    work = root / WORK
    new = not root.exists()
    try:
        work.mkdir(parents=True, exist_ok=True)
        with (work / LOCK).open("wb") as file:
            _lock(file.fileno(), root)
            yield
    except OSError as error:
        raise failure(error, root) from error
    finally:
        _leave(root, new=new)


def failure(error: OSError, where: Path) -> StudioError:
    """Say what an OSError means to somebody who makes a person."""
    if error.errno in FULL:
        return StudioError("disk_full", f"there is no room left to write {where}; nothing was changed")
    return StudioError("unwritable", f"{error.filename or where}: {error.strerror or error}")


# ------------------------------------------------------------------------------------------------ parts


def _check(root: Path, path: str) -> None:
    """Refuse names that are unsafe or hidden, and places that a link leads out of the folder to."""
    check_name(path)
    if any(part.startswith((".", "__")) for part in path.split("/")):
        raise IdentityError("unsafe_path", f"the identity may not hold a hidden file: {path[:80]!a}")
    if not (root / path).parent.resolve().is_relative_to(root.resolve()):
        raise IdentityError("unsafe_path", f"{path} leads out of the identity's folder")


def _stage(root: Path, work: Path, files: Mapping[str, bytes], removed: Sequence[str]) -> None:
    """Write the new bytes and the journal beside."""
    new = work / NEW
    _forget(work)
    new.mkdir(parents=True)
    moves: list[Json] = []
    for number, (path, data) in enumerate(files.items()):
        _write_lasting(new / str(number), data)
        moves.append({"from": str(number), "to": path, "sha256": hashlib.sha256(data).hexdigest()})
    for path in files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
    journal = json.dumps({"moves": moves, "removed": list(removed)}).encode()
    _write_lasting(new / JOURNAL, journal)
    _last(new)
    (new / JOURNAL).replace(work / JOURNAL)
    _last(work)


def _finish(root: Path, work: Path) -> None:
    fields = Fields(parse_object((work / JOURNAL).read_bytes(), JOURNAL), JOURNAL, code="bad_json")
    for move in fields.each("moves", most=100_000):
        path, digest = move.text("to", longest=240), move.text("sha256", longest=64)
        source, target = work / NEW / move.text("from", longest=20), root / path
        _check(root, path)
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
        elif not target.is_file() or hashlib.sha256(target.read_bytes()).hexdigest() != digest:
            raise StudioError("damaged", f"{root}: an interrupted change cannot be finished, {path} is lost")
    for path in fields.texts("removed", most=100_000):
        _check(root, path)
        (root / path).unlink(missing_ok=True)
    _last(root)
    (work / JOURNAL).unlink()


def _forget(work: Path) -> None:
    shutil.rmtree(work / NEW, ignore_errors=True)


def _write_lasting(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _last(folder: Path) -> None:
    """Make the names in a folder last; Windows has no such thing."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _lock(handle: int, root: Path) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StudioError("busy", f"{root} is being worked on by another program") from error


def _leave(root: Path, *, new: bool) -> None:
    """Take the work folder away when nothing is left in it, and the folder itself when it was made in vain."""
    work = root / WORK
    with contextlib.suppress(OSError):
        if not (work / JOURNAL).exists():
            (work / LOCK).unlink(missing_ok=True)
            work.rmdir()
    if new:
        _prune(root)


def _prune(root: Path) -> None:
    """Delete a folder that holds nothing but empty folders."""
    for folder in sorted((path for path in root.rglob("*") if path.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            folder.rmdir()
    with contextlib.suppress(OSError):
        root.rmdir()
