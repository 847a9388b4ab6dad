"""What each engine needs on disk and from pip: a table, and nothing that would have to be imported to read it.

A model is named by the folder or file that it lies in, by its repository on the Hugging Face Hub ("owner/name"), or by
the short names that its engine is known for ("small", "en_US-lessac-medium"). "@revision" after a name pins it to a
branch, tag or commit. Only the configuration may name folders; an identity comes from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from bridge.config import Config
from bridge.errors import ConfigError

# The extra of this project that brings what an engine imports.
EXTRAS: Final = {
    "stt.whisper": "stt",
    "dialogue.transformers": "llm",
    "dialogue.openai": "openai",
    "tts.coqui": "tts",
    "tts.xtts": "tts",
    "tts.piper": "piper",
    "tts.kokoro": "kokoro",
}
WEIGHTS: Final = "model.safetensors", "model.safetensors.index.json"

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[\w.-]{1,96}")
_REVISION: Final = re.compile(r"[\w][\w./-]{0,127}")
_PIPER: Final = re.compile(r"([a-z]{2,3})_([A-Z]{2,3})-([^-\s/]+)-(x_low|low|medium|high)")
_WHISPER: Final = {
    **{
        size: f"Systran/faster-whisper-{size}"
        for size in (
            *("tiny", "tiny.en", "base", "base.en", "small", "small.en", "medium", "medium.en"),
            *("large-v1", "large-v2", "large-v3"),
        )
    },
    "large": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    "distil-small.en": "Systran/faster-distil-whisper-small.en",
    "distil-medium.en": "Systran/faster-distil-whisper-medium.en",
    "distil-large-v2": "Systran/faster-distil-whisper-large-v2",
    "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
    "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
}

Alternatives: TypeAlias = tuple[str, ...]  # patterns of which one must have a file


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on the hub at a branch, tag or commit."""

    name: str
    revision: str = "main"

    def __str__(self) -> str:
        return self.name if self.revision == "main" else f"{self.name}@{self.revision}"


@dataclass(frozen=True, slots=True)
class Local:
    """A folder or file that the user looks after."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A name that is not the hub's: `remedy` says how its files are fetched."""

    name: str
    remedy: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Need:
    """One model that an engine needs.

    `files` are the patterns that are fetched, `complete` those of which all must be there, `fills` the keys of the
    engine's section with the pattern of the file that each becomes ("": the folder). `by` is who names it.
    """

    engine: str
    model: str
    source: Repository | Local | Elsewhere
    files: tuple[str, ...]
    complete: tuple[Alternatives, ...]
    fills: Mapping[str, str]
    by: str = "configuration"

    @property
    def label(self) -> str:
        """How people name it: whisper:small."""
        return f"{self.engine}:{self.model}"


@dataclass(frozen=True, slots=True)
class Kind:
    """How an engine's models are named and what they are made of.

    `found` turns a short name into a repository and its patterns, None for a name that it does not know. `trusted`
    says that loading it runs nothing that its author wrote, so that an identity may name it.
    """

    files: tuple[str, ...]
    complete: tuple[Alternatives, ...]
    found: Callable[[str], tuple[str, tuple[str, ...]] | None] = lambda name: None
    fills: Mapping[str, str] = field(default_factory=lambda: {"model": ""})
    example: str = "owner/name"
    trusted: bool = True


def _whisper(name: str) -> tuple[str, tuple[str, ...]] | None:
    return (_WHISPER[name], ()) if name in _WHISPER else None


def _piper(name: str) -> tuple[str, tuple[str, ...]] | None:
    fit = _PIPER.fullmatch(name)
    if fit is None:
        return None
    family, region, voice, quality = fit.groups()
    path = f"{family}/{family}_{region}/{voice}/{quality}/{name}.onnx"
    return "rhasspy/piper-voices", (path, f"{path}.json")


KINDS: Final = {
    "whisper": Kind(
        files=("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*"),
        complete=(("config.json",), ("model.bin",), ("tokenizer.json",), ("vocabulary.*",)),
        found=_whisper,
        example="small, large-v3-turbo, owner/name",
    ),
    "transformers": Kind(
        files=("*.json", "*.safetensors", "*.model", "*.jinja", "*.txt"),
        complete=(("config.json",), WEIGHTS, ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")),
    ),
    "coqui": Kind(
        files=("*.json", "*.pth", "*.txt"),
        complete=(("config.json",), ("*.pth",)),
        trusted=False,
    ),
    "xtts": Kind(
        files=("config.json", "model.pth", "vocab.json", "speakers_xtts.pth"),
        complete=(("config.json",), ("model.pth",), ("vocab.json",)),
        found=lambda name: ("coqui/XTTS-v2", ()) if name.lower() in ("xtts_v2", "v2") else None,
        example="v2, owner/name",
        trusted=False,
    ),
    "piper": Kind(
        files=("*.onnx", "*.onnx.json"),
        complete=(("**/*.onnx",), ("**/*.onnx.json",)),
        found=_piper,
        fills={"model": "**/*.onnx"},
        example="en_US-lessac-medium, owner/name",
    ),
    "kokoro": Kind(
        files=("*.onnx", "voices*.bin"),
        complete=(("**/*.onnx",), ("**/voices*.bin",)),
        found=lambda name: (
            ("fastrtc/kokoro-onnx", ("kokoro-v1.0.onnx", "voices-v1.0.bin")) if name in ("v1.0", "v1") else None
        ),
        fills={"model": "**/*.onnx", "voices": "**/voices*.bin"},
        example="v1.0, owner/name",
    ),
}


def need(engine: str, model: str, *, by: str = "configuration") -> Need:
    """What `model` means to `engine`; ConfigError when it means nothing."""
    kind = KINDS.get(engine)
    if kind is None:
        known = ", ".join(KINDS)
        raise ConfigError("unknown_engine", f"no engine called {engine!r} needs a model; these do: {known}")
    path = Path(model).expanduser()
    if by == "configuration" and _is_path(model, path):
        return Need(engine, model, Local(path), kind.files, kind.complete, kind.fills, by)
    name, _, pinned = model.partition("@")
    found = kind.found(name)
    if found is None and engine == "coqui" and name.count("/") == 3:
        remedy = f"python -c \"from TTS.utils.manage import ModelManager as M; M().download_model('{name}')\""
        return Need(engine, model, Elsewhere(name, remedy), kind.files, kind.complete, kind.fills, by)
    repository, files = found or (name, ())
    revision = pinned or "main"
    if not _REPOSITORY.fullmatch(repository) or ".." in repository or not _REVISION.fullmatch(revision):
        raise ConfigError(
            "bad_model",
            f"{engine}.model is {model!r}: a model is a folder that exists, or one of {kind.example}, "
            "with @revision behind it to pin one",
        )
    complete = tuple((file,) for file in files) or kind.complete
    fills = {key: _same_kind(pattern, files) for key, pattern in kind.fills.items()}
    return Need(engine, model, Repository(repository, revision), files or kind.files, complete, fills, by)


def needs(config: Config, facts: Mapping[str, object]) -> list[Need]:
    """What the chosen engines need, by the configuration or else by an identity's `facts["models"]`."""
    chosen = config.engines
    every = (needed(config, engine, facts) for engine in (chosen.stt, chosen.dialogue, chosen.tts))
    return [each for each in every if each is not None]


def needed(config: Config, engine: str, facts: Mapping[str, object]) -> Need | None:
    """What `engine` needs; None when nothing is chosen, or nothing has to be."""
    section = getattr(config, engine, None)
    kind = KINDS.get(engine)
    if kind is None or not isinstance(section, msgspec.Struct):
        return None
    if model := str(getattr(section, "model", "")).strip():
        if all(getattr(section, key, "") for key in kind.fills) and len(kind.fills) > 1:
            # Each file has been named by itself.
            return None
        return need(engine, model)
    named = facts.get("models")
    model = str(named.get(engine, "")).strip() if isinstance(named, dict) else ""
    if not model:
        return None
    if not kind.trusted:
        raise ConfigError(
            "untrusted_model",
            f"the identity names a model for {engine}, which would run its author's code here: "
            f"if you trust it, set {engine}.model to {model!r} yourself",
        )
    return need(engine, model, by="identity")


def _is_path(model: str, path: Path) -> bool:
    """Whether a name is meant as a path: one that exists, or that can be nothing else."""
    if path.is_absolute() or model.startswith((".", "~")):
        return True
    try:
        return bool(model.strip()) and path.exists()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def _same_kind(pattern: str, files: tuple[str, ...]) -> str:
    """Of exactly known files the one that a pattern means."""
    return next((file for file in files if Path(file).match(pattern.removeprefix("**/"))), pattern) if pattern else ""
