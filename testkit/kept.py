"""Keeps what tests build (tiny models, compiled programs) once for each recipe and machine, outside the repository.

The place is `COMPANION_TEST_CACHE`, or `companion-bridge/tests` in the user's cache. A folder's name carries the hash
of its recipe, so a change of the recipe builds anew; a lock lets parallel workers build it once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from filelock import FileLock

VARIABLE: Final = "COMPANION_TEST_CACHE"
OLD_S: Final = 14 * 86400.0  # what nobody has used for so long is deleted


def place() -> Path:
    """Return the folder of everything that is kept, which need not exist."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "companion-bridge" / "tests"


def kept(
    name: str, make: Callable[[Path], None], *, files: Iterable[Path] = (), packages: Iterable[str] = (), more: str = ""
) -> Path:
    """Return the folder that `make` fills, made now unless this machine has it of the same recipe.

    The recipe is the content of `files`, the versions of `packages` and the text `more`. The folder is made whole or
    not at all; nobody may change it.
    """
    home = place()
    home.mkdir(parents=True, exist_ok=True)
    folder = home / f"{name}-{_recipe(files, packages, more)}"
    if not folder.is_dir():
        _sweep(home, name)
    once(folder, make)
    os.utime(folder)
    return folder


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return the folder, filled by `make` unless it is there; whole or not at all, however many ask at once."""
    home = folder.parent
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / f"{folder.name}.lock"):
        if not folder.is_dir():
            draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".draft", dir=home))
            try:
                make(draft)
                draft.rename(folder)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    return folder


def _recipe(files: Iterable[Path], packages: Iterable[str], more: str) -> str:
    recipe = hashlib.sha256(more.encode())
    for path in files:
        recipe.update(hashlib.sha256(path.read_bytes()).digest())
    for package in packages:
        recipe.update(f"{package} {_version(package)}\n".encode())
    return recipe.hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _sweep(home: Path, name: str) -> None:
    """Delete what was made by other recipes of the name and is old."""
    for path in home.glob(f"{name}[-.]*"):
        try:
            if time.time() - path.stat().st_mtime > OLD_S:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
        except OSError:
            continue  # another run deletes it, too
