"""Says what the chosen engines need on disk, by the catalogue: nothing has to be imported to know it.

A model is named by the folder or file that it lies in, by its repository on the Hugging Face Hub ("owner/name"), or by
the short names that its engine is known for ("small", "en_US-lessac-medium"). "@revision" after a name pins it to a
branch, tag or commit. Only the configuration may name folders; an identity comes from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from bridge.errors import ConfigError
from bridge.setup.config import Config
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Alternatives, Models

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[\w.-]{1,96}")
_REVISION: Final = re.compile(r"[\w][\w./-]{0,127}")


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
    """A name that is not the hub's; `remedy` is the command that fetches its files."""

    name: str
    remedy: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Need:
    """One model that an engine needs.

    `files`, `complete`, `fills` and `beside` are those of `engines.catalogue.listing.Models`, for this model alone.
    `by` is who names it.
    """

    engine: str
    model: str
    source: Repository | Local | Elsewhere
    files: tuple[str, ...]
    complete: tuple[Alternatives, ...]
    fills: Mapping[str, str]
    beside: str = ""
    by: str = "configuration"

    @property
    def label(self) -> str:
        """Name it as people do: whisper:small."""
        return f"{self.engine}:{self.model}"


def need(engine: str, model: str, *, by: str = "configuration") -> Need:
    """Resolve what `model` means to `engine`; ConfigError when it means nothing."""
    kind = _models(engine)
    if kind is None:
        known = ", ".join(catalogue.stored())
        raise ConfigError("unknown_engine", f"no engine called {engine!r} needs a model; these do: {known}")
    path = Path(model).expanduser()
    if by == "configuration" and _is_path(model, path):
        return Need(engine, model, Local(path), kind.files, kind.complete, kind.fills, kind.beside, by)
    name, _, pinned = model.partition("@")
    if kind.elsewhere and re.fullmatch(kind.elsewhere, name):
        source = Elsewhere(name, kind.fetch.format(name=name))
        return Need(engine, model, source, kind.files, kind.complete, kind.fills, kind.beside, by)
    repository, files = _known(kind, name) or (name, ())
    revision = pinned or "main"
    if not _REPOSITORY.fullmatch(repository) or ".." in repository or not _REVISION.fullmatch(revision):
        raise ConfigError(
            "bad_model",
            f"{engine}.model is {model!r}: a model is a folder that exists, or one of {kind.example}, "
            "with @revision behind it to pin one",
        )
    complete = tuple((file,) for file in files) or kind.complete
    fills = {key: _same_kind(pattern, files) for key, pattern in kind.fills.items()}
    return Need(engine, model, Repository(repository, revision), files or kind.files, complete, fills, kind.beside, by)


def needs(config: Config, facts: Mapping[str, object]) -> list[Need]:
    """List what the chosen engines need, by the configuration or else by an identity's `facts["models"]`."""
    chosen = config.engines
    every = (needed(config, getattr(chosen, job.name), facts) for job in catalogue.JOBS)
    return [each for each in every if each is not None]


def needed(config: Config, engine: str, facts: Mapping[str, object]) -> Need | None:
    """Find what `engine` needs; None when nothing is chosen, or nothing has to be."""
    section = getattr(config, engine, None)
    kind = _models(engine)
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


def _models(engine: str) -> Models | None:
    listed = catalogue.stored().get(engine)
    return listed.models if listed else None


def _known(models: Models, name: str) -> tuple[str, tuple[str, ...]] | None:
    """Find the repository and the files that a short name means; None for a name of no family."""
    for family in models.families:
        if fit := re.fullmatch(family.shape, name):
            groups = {"name": name} | fit.groupdict()
            return family.repository.format(**groups), tuple(file.format(**groups) for file in family.files)
    return None


def _is_path(model: str, path: Path) -> bool:
    """Say whether a name is meant as a path: one that exists, or that can be nothing else."""
    if path.is_absolute() or model.startswith((".", "~")):
        return True
    try:
        return bool(model.strip()) and path.exists()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def _same_kind(pattern: str, files: tuple[str, ...]) -> str:
    """Pick of exactly known files the one that a pattern means."""
    return next((file for file in files if Path(file).match(pattern.removeprefix("**/"))), pattern) if pattern else ""
