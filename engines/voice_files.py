"""Where the files of a neural voice lie: a folder, a file, or a name that the user's caches know. Never the network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engines.api import EngineError

CODE = "tts_failed"


def folder(model: str, *, section: str, what: str) -> Path:
    """The folder of the voice `model`; EngineError, with what to do, when there is none.

    `section` is the section of the configuration that names it, `what` the files that it should hold, for people.
    """
    if not model.strip():
        raise EngineError(CODE, f"No voice is chosen: set {section}.model to a folder with {what}, or to a name.")
    path = Path(model).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        return path.parent
    for cached in (_coqui(model), _hub(model)):
        if cached is not None:
            return cached
    raise EngineError(
        CODE,
        f"There is no voice at {model!r}, neither as a folder nor among the downloaded ones: set {section}.model to a "
        f"folder with {what}, or download it first (docs/VOICES.md says how).",
    )


def file(model: str, *, section: str, what: str, key: str = "model") -> Path:
    """The file that `section.key` names; EngineError when it is not there or empty."""
    if not model.strip():
        raise EngineError(
            CODE, f"No voice is chosen: set {section}.{key} to {what} (docs/VOICES.md says where to get it)."
        )
    path = Path(model).expanduser()
    if not path.is_file():
        raise EngineError(CODE, f"There is no file {model!r}: set {section}.{key} to {what}.")
    if path.stat().st_size == 0:
        raise EngineError(CODE, f"{model!r} is empty; download it again.")
    return path


def need(folder: Path, *names: str, section: str) -> None:
    """EngineError unless the folder has all the files, none of them empty."""
    for name in names:
        path = folder / name
        if not path.is_file() or path.stat().st_size == 0:
            state = "is empty" if path.is_file() else "is missing"
            raise EngineError(
                CODE,
                f"{name} {state} in {folder}: {section}.model needs {' and '.join(names)}; copy or download it again.",
            )


def _coqui(model: str) -> Path | None:
    """Where Coqui's own downloads lie, e.g. of "tts_models/en/ljspeech/vits"."""
    if model.count("/") != 3:
        return None
    if home := os.environ.get("TTS_HOME"):
        base = Path(home)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    path = base / "tts" / model.replace("/", "--")
    return path if path.is_dir() else None


def _hub(model: str) -> Path | None:
    """The newest snapshot of a repository in the Hugging Face cache."""
    if model.count("/") != 1 or model.startswith((".", "/", "~")):
        return None
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ImportError:
        return None
    try:
        return Path(snapshot_download(model, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None
