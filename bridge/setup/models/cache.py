"""Finds models on this disk: where they are, whether they are whole, and their size. It never uses the network.

The hub's cache has a documented layout (huggingface.co/docs/huggingface_hub, "Understand caching"): `refs/<revision>`
holds a commit, `snapshots/<commit>/` its files, each a link to a blob that is named by the file's hash. So all of this
is known without the hub's library, and whether a file is what the hub sent can be computed.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bridge.setup.models.needs import Elsewhere, Local, Need, Repository
from engines.catalogue.models import WEIGHTS

State = Literal["here", "incomplete", "missing"]
BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """What is on this disk of a need: `folder` if there is one, its `commit` if it came from the hub.

    `missing` are the files that should be there, `size` is in bytes.
    """

    need: Need
    state: State
    folder: Path | None = None
    commit: str = ""
    missing: tuple[str, ...] = ()
    size: int = 0


def cache_folder() -> Path:
    """Locate the hub's cache, by the variables that its library reads."""
    if path := os.environ.get("HF_HUB_CACHE"):
        return Path(path).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or str(Path(base) / "huggingface")
    return Path(home).expanduser() / "hub"


def find(need: Need) -> Found:
    """Find what is here of `need`."""
    match need.source:
        case Repository() as repository:
            folder, commit = snapshot(repository)
        case Local(path):
            folder, commit = (path if path.is_dir() else path.parent if path.is_file() else None), ""
        case Elsewhere(name):
            path = _coqui_folder() / name.replace("/", "--")
            folder, commit = (path if path.is_dir() else None), ""
    if folder is None:
        return Found(need, "missing")
    missing = tuple(lacking(need, folder))
    files = list(files_of(need, folder))
    return Found(
        need, "incomplete" if missing else "here", folder, commit, missing, sum(f.stat().st_size for f in files)
    )


def snapshot(repository: Repository) -> tuple[Path | None, str]:
    """Return the folder and name of the commit that the revision was last resolved to; (None, "") without one."""
    store = storage(repository)
    reference = store / "refs" / repository.revision
    commit = reference.read_text(encoding="utf-8").strip() if reference.is_file() else repository.revision
    folder = store / "snapshots" / commit
    return (folder, commit) if folder.is_dir() else (None, "")


def storage(repository: Repository) -> Path:
    """Locate the folder of all snapshots of a repository."""
    return cache_folder() / f"models--{repository.name.replace('/', '--')}"


def located(need: Need) -> dict[str, str]:
    """Map the keys of the engine's section to the paths that they become; empty unless the model is here."""
    found = find(need)
    if found.state != "here" or found.folder is None:
        return {}
    if isinstance(need.source, Local) and need.source.path.is_file():
        return {"model": str(need.source.path)}
    paths = {}
    for key, pattern in need.fills.items():
        match = next(_matching(found.folder, pattern), None) if pattern else found.folder
        if match is not None:
            paths[key] = str(match)
    return paths


def files_of(need: Need, folder: Path) -> Iterator[Path]:
    """Yield the files of `folder` that belong to the need."""
    seen: set[Path] = set()
    for pattern in need.files:
        for path in _matching(folder, pattern if "/" in pattern else f"**/{pattern}"):
            if path not in seen:
                seen.add(path)
                yield path


def lacking(need: Need, folder: Path) -> Iterator[str]:
    """Yield what is missing in `folder`, empty, or named by an index and not there."""
    if isinstance(need.source, Local) and need.source.path.is_file():
        # One file was named; what belongs to it lies beside it.
        path = need.source.path
        beside = [Path(f"{path}{need.beside}")] if need.beside else []
        yield from (file.name for file in (path, *beside) if not _whole(file))
        return
    for alternatives in need.complete:
        if not any(_whole(path) for pattern in alternatives for path in _matching(folder, pattern)):
            yield " or ".join(pattern.removeprefix("**/") for pattern in alternatives)
    if WEIGHTS in need.complete and not (folder / WEIGHTS[0]).exists():
        yield from (name for name in _shards(folder / WEIGHTS[1]) if not _whole(folder / name))


def damaged(found: Found, *, tell: Callable[[Path], None] = lambda path: None) -> Iterator[Path]:
    """Yield files of the cache whose contents do not match their hash; `tell` is called before each is read."""
    if found.folder is None or not found.commit:
        return
    for path in files_of(found.need, found.folder):
        blob = path.resolve()
        if blob != path.absolute() and len(blob.name) in (40, 64):
            tell(path)
            if not _is_named_by_hash(blob):
                yield path


def remove(found: Found) -> int:
    """Remove the need's files from the cache, with blobs that nothing else uses; return the bytes that this frees."""
    if found.folder is None or not isinstance(found.need.source, Repository):
        return 0
    store, freed = storage(found.need.source), 0
    for path in list(files_of(found.need, found.folder)):
        blob = path.resolve()
        path.unlink()
        if blob != path.absolute() and blob.is_file() and not _used(store, blob):
            freed += blob.stat().st_size
            blob.unlink()
    _prune(store)
    return freed


def _matching(folder: Path, pattern: str) -> Iterator[Path]:
    return (path for path in sorted(folder.glob(pattern)) if path.is_file())


def _whole(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _shards(index: Path) -> list[str]:
    """List the files that an index of weights names; itself when it cannot be read."""
    if not index.is_file():
        return []
    try:
        names = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
        return sorted({name for name in names if Path(name).name == name})
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return [f"a readable {index.name}"]


def _is_named_by_hash(blob: Path) -> bool:
    """Compare the name with the SHA-256 of a large file, with git's blob hash of a small one."""
    size = blob.stat().st_size
    digest = hashlib.sha256() if len(blob.name) == 64 else hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with blob.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest() == blob.name


def _used(store: Path, blob: Path) -> bool:
    return any(path.is_symlink() and path.resolve() == blob for path in store.glob("snapshots/**/*"))


def _prune(store: Path) -> None:
    """Remove empty folders, and references to snapshots that are gone."""
    for folder in sorted(store.glob("snapshots/**/"), key=lambda path: -len(path.parts)):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    for reference in [path for path in store.glob("refs/**/*") if path.is_file()]:
        if not (store / "snapshots" / reference.read_text(encoding="utf-8").strip()).is_dir():
            reference.unlink()


def _coqui_folder() -> Path:
    """Locate the folder of Coqui's own downloads."""
    if home := os.environ.get("TTS_HOME"):
        return Path(home) / "tts"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~/AppData/Local")).expanduser() / "tts"
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/tts").expanduser()
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "tts"
