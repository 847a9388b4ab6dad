"""Lists who can be asked for: the identities in some folders, and when one of them has changed on disk.

Everything here reads files and may wait for a disk: it is called in a thread. What cannot be loaded is not listed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from bridge.session.companion import Known, Served
from bridge.setup.config import Config
from bridge.setup.standing import is_draft
from engines.identity import IdentityError, load_identity, shipped
from engines.identity.pictures import portrait
from engines.identity.storage import CARD, listing

log = logging.getLogger("bridge.setup.people")

ID: Final = 64  # characters of the name that clients ask for an identity by
HOME: Final = Path("~/.companion-bridge/identities")
HERE: Final = Path("identities")  # in the folder that the server was started in
MOST: Final = 64  # identities that are listed
LOOKED_AT: Final = 1000  # entries of a folder
ABOUT: Final = 160  # characters of a description in the list
JOURNAL: Final = ".studio/journal.json"  # there while several files are being put in place

Stamp: TypeAlias = tuple[tuple[str, int, int, int], ...]  # name, bytes, time of change and number of each file


def identifier(origin: Path) -> str:
    """Return the name by which clients ask for the identity at `origin`."""
    return origin.stem[:ID]


def places(config: Config) -> tuple[Path, ...]:
    """Return the folders whose identities are listed; the first is the one that new ones are made in."""
    wanted = config.identity.others
    if wanted == "no" or (wanted == "auto" and not config.loopback and not config.identity.folder):
        return ()
    return tuple(dict.fromkeys(place.resolve() for place in (home(config), HERE)))


def home(config: Config) -> Path:
    """Return the folder that new identities are made in."""
    return Path(config.identity.folder or HOME).expanduser()


class People:
    """The identities in `folders` and those that ship, but at most MOST; the first with an id is the one that has it.

    Without folders there is nobody. Who is sealed by another authority than `anchors` (PEM) is a draft. `look` reads
    the disk; the rest tells what it saw last.
    """

    def __init__(self, folders: Sequence[Path] = (), anchors: bytes = b"") -> None:
        self._folders = tuple(folders)
        self._anchors = anchors
        self._seen: dict[Path, tuple[Stamp, Known | None]] = {}
        self._known: dict[str, Known] = {}

    def look(self) -> None:
        """See who is there now; only those that have changed since are read again."""
        seen: dict[Path, tuple[Stamp, Known | None]] = {}
        known: dict[str, Known] = {}
        for origin in self._origins():
            stamp = head_stamp(origin)
            before = self._seen.get(origin)
            seen[origin] = (
                before if before is not None and before[0] == stamp else (stamp, _read(origin, self._anchors))
            )
            person = seen[origin][1]
            if person is not None and len(known) < MOST:
                known.setdefault(person.id, person)
        self._seen, self._known = seen, known

    def all(self) -> tuple[Known, ...]:
        """Return everybody, by name."""
        return tuple(sorted(self._known.values(), key=lambda each: (each.name.casefold(), each.id)))

    def find(self, wanted: str) -> Known | None:
        """Return the identity that is asked for by `wanted`."""
        return self._known.get(wanted)

    def _origins(self) -> Iterable[Path]:
        if not self._folders:
            return
        for folder in self._folders:
            try:
                entries = sorted(folder.iterdir())[:LOOKED_AT]
            except OSError:
                continue
            yield from (each for each in entries if each.suffix.lower() == ".charx" or (each / CARD).is_file())
        yield from shipped().values()


def stamp(origin: Path) -> Stamp | None:
    """Return what changes whenever a file of the identity does; None while it is being written, () when it is gone."""
    try:
        if not origin.is_dir():
            return (_mark(origin, origin.name),)
        if (origin / JOURNAL).exists():
            return None
        return tuple(_mark(origin / name, name) for name in listing(origin))
    except IdentityError:
        return None  # it holds too much, or a file with an unsafe name: what was loaded before stays
    except OSError:
        return ()


def head_stamp(origin: Path) -> Stamp:
    """Return what changes whenever what is listed of an identity does."""
    names = (CARD, "identity.json", "assets/icon/images/main.png") if origin.is_dir() else ("",)
    marks = []
    for name in names:
        try:
            marks.append(_mark(origin / name, name))
        except OSError:
            continue
    return tuple(marks)


def picture(known: Known) -> Served | None:
    """Read somebody's portrait; None when it is no longer the one that was listed."""
    try:
        found = portrait(load_identity(known.origin))
    except IdentityError:
        return None
    return Served(found.kind, found.data) if found is not None and found.path == known.portrait else None


def _mark(path: Path, name: str) -> tuple[str, int, int, int]:
    facts = path.stat()
    return (name, facts.st_size, facts.st_mtime_ns, facts.st_ino)


def _read(origin: Path, anchors: bytes) -> Known | None:
    try:
        person = load_identity(origin)
        picture = portrait(person)
    except IdentityError as error:
        log.warning("an identity is not listed", extra={"code": error.code, "reason": error.message})
        return None
    return Known(
        id=identifier(origin),
        name=person.name,
        origin=origin,
        description=person.description if len(person.description) <= ABOUT else f"{person.description[: ABOUT - 1]}…",
        languages=person.languages,
        draft=is_draft(person, anchors),
        portrait=picture.path if picture is not None else "",
        looks=person.looks,
    )
