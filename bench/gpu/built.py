"""A folder of built models: each is built once, whole or not at all, and found there afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def once(home: Path, name: str, build: Callable[[Path], object]) -> Path:
    """Return the folder `name` in `home`, filled by `build` unless it is there."""
    folder = home / name
    if not folder.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=home, prefix="draft-"))
        try:
            build(draft)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder
