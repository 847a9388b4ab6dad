"""Finds and loads a Whisper model for CTranslate2, and says what to do when that does not work. Blocks.

What is asked for is the path of a folder, or what is in the hub's cache under the name of a size that faster-whisper
knows ("small", "large-v3-turbo") or an identifier on the Hugging Face Hub. Nothing is fetched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engines.api import EngineError

CODE: Final = "stt_failed"
FILES: Final = ("model.bin", "config.json", "tokenizer.json")
CONVERT: Final = (
    "ct2-transformers-converter --model {path} --output_dir {path}-ct2 "
    "--copy_files tokenizer.json preprocessor_config.json"
)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model, and how it computes; `device` is auto, cpu, cuda or cuda:N, `compute_type` one of CTranslate2's."""

    model: str
    device: str = "auto"
    compute_type: str = "auto"
    threads: int = 0


def resolve_device(wanted: str) -> tuple[str, int]:
    """Resolve the device and its index; EngineError when it is not there."""
    ctranslate2 = _package("ctranslate2")
    kind, _, index = wanted.partition(":")
    if kind not in ("auto", "cpu", "cuda") or (index and not index.isdecimal()):
        raise EngineError(CODE, f"whisper.device is {wanted!r}; it can be auto, cpu, cuda or cuda:N.")
    found: int = ctranslate2.get_cuda_device_count()
    if kind == "cpu" or (kind == "auto" and not found):
        return "cpu", 0
    if int(index or 0) >= found:
        sentence = (
            f"Whisper was told to use {wanted}, but CTranslate2 finds {found or 'no'} CUDA device{'s' * (found != 1)}: "
            'install an NVIDIA driver and CUDA 12, or set whisper.device = "cpu".'
        )
        raise EngineError(CODE, sentence)
    return "cuda", int(index or 0)


def load_model(choice: ModelChoice) -> Any:
    """Load a `faster_whisper.WhisperModel`; EngineError with what to do when there is none."""
    library = _package("faster_whisper")
    device, index = resolve_device(choice.device)
    path = Path(choice.model).expanduser()
    if path.is_dir():
        _check_folder(path)
    elif path.is_absolute() or choice.model.startswith((".", "~")) or choice.model.endswith("/"):
        raise EngineError(
            CODE, f"There is no Whisper model at {choice.model}: whisper.model must be a folder or a name."
        )
    compute = choice.compute_type
    if compute == "auto":
        compute = "float16" if device == "cuda" else "int8"
    try:
        return library.WhisperModel(
            str(path) if path.is_dir() else choice.model,
            device=device,
            device_index=index,
            compute_type=compute,
            cpu_threads=choice.threads,
            local_files_only=True,  # nothing is fetched behind anybody's back
        )
    except Exception as error:  # the hub's cache, the converter's formats and CUDA all raise their own kinds
        raise EngineError(CODE, _explain(error, choice, device, compute)) from error


def _package(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise EngineError(
            CODE, f"Whisper needs the package {error.name or name}: pip install 'companion-bridge[stt]'"
        ) from error


def _check_folder(path: Path) -> None:
    missing = [name for name in FILES if not (path / name).is_file()]
    missing += ["vocabulary.json"] if not any(path.glob("vocabulary.*")) else []
    if not missing:
        return
    kinds = _architectures(path / "config.json")
    if kinds and not any("Whisper" in kind for kind in kinds):
        raise EngineError(CODE, f"The model in {path.name} is a {kinds[0]}, not a Whisper: set another whisper.model.")
    if kinds and "model.bin" in missing:
        raise EngineError(
            CODE, f"The model in {path.name} is not in CTranslate2's format. Convert it: {CONVERT.format(path=path)}"
        )
    raise EngineError(
        CODE, f"The model in {path.name} is not complete: {', '.join(missing)} missing. Download or convert it again."
    )


def _architectures(config: Path) -> list[str]:
    try:
        found = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    kinds = found.get("architectures") if isinstance(found, dict) else None
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else []


def _explain(error: Exception, choice: ModelChoice, device: str, compute: str) -> str:
    text = str(error)
    name, what = choice.model, text.splitlines()[0][:200] if text else type(error).__name__
    lower = text.lower()
    if "libcu" in lower or "cudnn" in lower or "cublas" in lower:
        return (
            f"Whisper finds a GPU but not the libraries for it ({what}): "
            'pip install nvidia-cublas-cu12 "nvidia-cudnn-cu12==9.*", or set whisper.device = "cpu".'
        )
    if "out of memory" in lower:
        return f"There is not enough memory on {device} for the Whisper model {name}: choose a smaller whisper.model."
    if "compute type" in lower or "efficient" in lower:
        import ctranslate2

        kinds = ", ".join(sorted(ctranslate2.get_supported_compute_types(device)))
        return f"{device} cannot compute in {compute!r}: set whisper.compute_type to one of {kinds}."
    if type(error).__name__ == "LocalEntryNotFoundError":
        return f"The Whisper model {name} is not on this machine: companion models pull whisper:{name}"
    if type(error).__name__ == "HFValidationError":
        return f"There is no Whisper model {name} to be had: {what}"
    if isinstance(error, ValueError) and "invalid model size" in lower:
        return f"{what} A folder with a converted model will do as well."
    return f"The Whisper model {name} cannot be read ({what}). Download or convert it again."
