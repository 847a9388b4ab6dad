"""The files of a neural voice, looked at before anything is loaded: what is missing is said with what to do."""

from __future__ import annotations

from pathlib import Path

from engines.api import EngineError

CODE = "tts_failed"


def folder(model: str, *, section: str, what: str) -> Path:
    """Find the folder of the voice `model`; EngineError, with what to do, when there is none.

    `section` is the section of the configuration that names it, `what` the files that it should hold, for people.
    """
    if not model.strip():
        raise EngineError(
            CODE,
            f"No voice is chosen: set {section}.model to a folder with {what} (docs/VOICES.md says where to get one).",
        )
    path = Path(model).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        return path.parent
    raise EngineError(CODE, f"There is no voice at {model!r}: set {section}.model to a folder with {what}.")


def file(model: str, *, section: str, what: str, key: str = "model") -> Path:
    """Find the file that `section.key` names; EngineError when it is not there or empty."""
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
    """Raise EngineError unless the folder has all the files, none of them empty."""
    for name in names:
        path = folder / name
        if not path.is_file() or path.stat().st_size == 0:
            state = "is empty" if path.is_file() else "is missing"
            raise EngineError(
                CODE,
                f"{name} {state} in {folder}: {section}.model needs {' and '.join(names)}; copy or download it again.",
            )
