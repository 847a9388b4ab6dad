"""CHARX archives, opened with distrust: zip files with `card.json` in their root. It knows files, not cards.

After "CHARX" of the Character Card V3 specification. Files whose names leave the folder, or that some system cannot
keep, are neither read nor unpacked; nothing else is lost by them. Refused before anything is unpacked: links, two files
of one name, encryption, rare compressions, zip64, and anything over the bounds below. What a file really holds is
checked against its declared size while it is read.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from engines.identity.errors import IdentityError

ENTRIES: Final = 4096
DIRECTORY_BYTES: Final = 2 * 1024 * 1024
MEMBER_BYTES: Final = 256 * 1024 * 1024
TOTAL_BYTES: Final = 512 * 1024 * 1024
RATIO: Final = 250  # of unpacked to packed, above a mebibyte

_RESERVED: Final = frozenset({"con", "prn", "aux", "nul", *(f"{d}{i}" for d in ("com", "lpt") for i in range(10))})
_FAULTS: Final = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, NotImplementedError)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the oldest date of a zip: packing twice gives the same bytes


def is_safe(name: str) -> bool:
    """Say whether every system can keep a file of this name below a folder."""
    parts = name.split("/")
    return not (
        not 0 < len(name) <= 240
        or any(ord(c) < 32 or c in '\\:*?"<>|\x7f' or "\ud800" <= c <= "\udfff" for c in name)
        or any(part in ("", ".", "..") or part[-1] in ". " for part in parts)
        or any(part.split(".")[0].lower() in _RESERVED for part in parts)
    )


def check_name(name: str) -> str:
    """Return the name of a file inside an identity; IdentityError `unsafe_path` when it is not safe."""
    if not is_safe(name):
        raise IdentityError("unsafe_path", f"the identity may not hold a file of this name: {name[:80]!a}")
    return name


def skipped_members(path: Path) -> list[str]:
    """List the files of an archive that are left out for their names."""
    with _opened(path) as (archive, members):
        kept = {info.filename for info in members.values()}
        return [info.filename for info in archive.infolist() if info.filename not in kept and not info.is_dir()]


def read_members(path: Path, names: Mapping[str, int]) -> dict[str, bytes]:
    """Read those of the named files that the archive has, each at most as long as the mapping says."""
    with _opened(path) as (archive, members):
        return {name: _read(archive, members[name], most) for name, most in names.items() if name in members}


def member_names(path: Path) -> list[str]:
    """List the files of an archive that are read, sorted."""
    with _opened(path) as (_, members):
        return sorted(members)


def unpack_archive(path: Path, folder: Path) -> None:
    """Write every file of the archive below `folder`, which must not exist or be empty."""
    with _opened(path) as (archive, members):
        for name, info in members.items():
            target = folder.joinpath(*PurePosixPath(name).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_read(archive, info, MEMBER_BYTES))


def write_archive(files: Mapping[str, bytes], path: Path) -> None:
    """Write a CHARX with these files, `card.json` first; the same files give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files, key=lambda name: (name != "card.json", name)):
            info = zipfile.ZipInfo(check_name(name), _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, files[name])


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _members(archive)
    except (*_FAULTS, RuntimeError, ValueError, OverflowError) as error:
        raise IdentityError("bad_archive", f"the archive is damaged: {str(error)[:200]}") from error


def _check_directory(path: Path) -> None:
    """Check the directory by the archive's last record, before the directory is read into memory."""
    if path.stat().st_size > TOTAL_BYTES:
        raise IdentityError("too_large", f"the archive is larger than {TOTAL_BYTES // 2**20} MiB")
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        raise IdentityError("bad_archive", "this is not a zip archive")
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise IdentityError("bad_archive", "zip64 archives are not accepted")
    count, size = struct.unpack_from("<HI", tail, at + 10)
    if count > ENTRIES or size > DIRECTORY_BYTES:
        raise IdentityError("too_large", f"the archive holds more than {ENTRIES} files")


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > ENTRIES:
        raise IdentityError("too_large", f"the archive holds more than {ENTRIES} files")
    members: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    total = 0
    for info in infos:
        name = info.filename.replace("\\", "/").removesuffix("/")  # Windows programs write backslashes
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise IdentityError("unsafe_path", f"the archive holds a link or a device: {name[:80]!a}")
        if name.casefold() in seen and is_safe(name):
            raise IdentityError("bad_archive", f"the archive holds two files named {name[:80]!a}")
        seen.add(name.casefold())
        if info.flag_bits & 0x1:
            raise IdentityError("bad_archive", "the archive is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise IdentityError("bad_archive", f"{name[:80]!a} is compressed in a way that is not accepted")
        total += info.file_size
        if info.file_size > MEMBER_BYTES or total > TOTAL_BYTES or _is_bomb(info):
            raise IdentityError("too_large", f"{name[:80]!a} would unpack to too much")
        if is_safe(name) and not info.is_dir() and not info.filename.endswith("\\"):
            members[name] = info
    for name in members:
        if any(str(parent) in members for parent in PurePosixPath(name).parents):
            raise IdentityError("bad_archive", f"{name[:80]!a} lies in a folder that is also a file")
    return members


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    return info.file_size > 2**20 and info.file_size > RATIO * max(1, info.compress_size)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    if info.file_size > most:
        raise IdentityError("too_large", f"{info.filename[:80]!a} is larger than {most} bytes")
    with archive.open(info) as file:
        data = file.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise IdentityError("bad_archive", f"{info.filename[:80]!a} is not as long as it says")
    return data
