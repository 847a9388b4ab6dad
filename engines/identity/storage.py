"""The files of an identity, wherever they lie: a folder, an archive, a bare card. It knows no card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from engines.identity.charx import TOTAL_BYTES, check_name, member_names, read_members
from engines.identity.errors import IdentityError
from engines.identity.png import SIGNATURE, card_in_png

CARD: Final = "card.json"
FILE_BYTES: Final = 64 * 1024 * 1024
FILES: Final = 4096


def read_files(path: Path, names: Mapping[str, int]) -> dict[str, bytes]:
    """Read those of the named files that the identity has; a bare card has only `card.json`."""
    if path.is_dir():
        return {
            name: read_file(path / name, most, inside=path) for name, most in names.items() if (path / name).is_file()
        }
    if is_archive(path):
        return read_members(path, names)
    if CARD not in names:
        return {}
    data = read_file(path, FILE_BYTES)
    return {CARD: card_in_png(data) if data.startswith(SIGNATURE) else data}


def names_below(path: Path, folder: str) -> list[str]:
    """Return the names of the identity's files in one of its folders ("knowledge/"), sorted; a bare card has none."""
    if path.is_dir():
        below = path / folder
        inside = below.is_dir() and not below.is_symlink()
        return [f"{folder}{name}" for name in listing(below)] if inside else []
    return sorted(name for name in member_names(path) if name.startswith(folder)) if is_archive(path) else []


def is_archive(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return path.suffix.lower() == ".charx" or file.read(4) == b"PK\x03\x04"


def read_file(path: Path, most: int, *, inside: Path | None = None) -> bytes:
    if inside is not None and not path.resolve().is_relative_to(inside.resolve()):
        raise IdentityError("unsafe_path", f"{path} leads out of the identity's folder")
    if path.stat().st_size > most:
        raise IdentityError("too_large", f"{path} is larger than {most // 2**20} MiB")
    with path.open("rb") as file:
        return file.read(most)


def listing(folder: Path) -> list[str]:
    """Return every plain file of the folder by its name in the archive; hidden ones, links and Python are left out."""
    names: list[str] = []
    total = 0
    for path in sorted(folder.rglob("*")):
        name = PurePosixPath(path.relative_to(folder).as_posix())
        if path.is_symlink() or not path.is_file() or any(part.startswith((".", "__")) for part in name.parts):
            continue
        names.append(check_name(str(name)))
        total += path.stat().st_size
        if len(names) > FILES or total > TOTAL_BYTES:
            raise IdentityError("too_large", f"{folder} holds too much for one file")
    return names
