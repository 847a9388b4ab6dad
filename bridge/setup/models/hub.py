"""Fetches models from the Hugging Face Hub by its own library: resumed, pinned to a commit, their hashes checked."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from bridge.errors import ConfigError
from bridge.setup.models.cache import cache_folder
from bridge.setup.models.needs import Need, Repository

LIBRARY: Final = "pip install 'companion-bridge[models]'"


def pull(need: Need, *, progress: bool = True) -> str:
    """Fetch what is missing of a need, and return the commit it is at; ConfigError says what to do about a failure."""
    if not isinstance(need.source, Repository):
        raise ConfigError("not_on_hub", f"{need.label} does not come from the hub")
    repository, hub = need.source, _library()
    cache, endpoint = str(cache_folder()), os.environ.get("HF_ENDPOINT") or None
    errors = import_module("huggingface_hub.errors")
    if not progress:
        import_module("huggingface_hub.utils").disable_progress_bars()
    try:
        folder = hub.snapshot_download(
            repository.name,
            revision=repository.revision,
            allow_patterns=list(need.files),
            cache_dir=cache,
            endpoint=endpoint,
        )
        commit = str(folder).replace("\\", "/").rstrip("/").rpartition("/")[2]
        checked = hub.HfApi(endpoint).verify_repo_checksums(repository.name, revision=commit, cache_dir=cache)
    except errors.GatedRepoError as error:
        raise ConfigError(
            "gated_model",
            f"{repository.name} wants its terms accepted: do so on its page at the hub, then `hf auth login`",
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ConfigError(
            "no_model",
            f"the hub has no model {repository.name}, or it is private: check the name, or `hf auth login`",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ConfigError("no_revision", f"{repository.name} has no revision {repository.revision!r}") from error
    except errors.OfflineModeIsEnabled as error:
        raise ConfigError("offline", "the hub cannot be asked while offline") from error
    except (errors.EntryNotFoundError, _transport(errors), OSError, ValueError, RuntimeError) as error:
        # hf-xet, which moves large files, raises RuntimeError.
        raise ConfigError(
            "pull_failed",
            f"{need.label} could not be fetched ({_reason(error)}); files that have come whole are kept: pull again",
        ) from error
    wrong = sorted(str(mismatch["path"]) for mismatch in checked.mismatches)
    if wrong:
        for name in wrong:
            path = Path(folder) / name
            path.resolve().unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        raise ConfigError(
            "damaged_model", f"{need.label} was damaged ({', '.join(wrong)}), and that was thrown away: pull again"
        )
    return commit


def _transport(errors: Any) -> type[Exception]:
    """Find what the hub's HTTP client raises when there is no connection."""
    bases: tuple[type[Exception], ...] = errors.HfHubHTTPError.__mro__
    return next(base for base in bases if base.__name__ == "HTTPError")


def _library() -> Any:
    try:
        return import_module("huggingface_hub")
    except ImportError as error:
        raise ConfigError("missing_package", f"fetching models needs huggingface_hub: {LIBRARY}") from error


def _reason(error: Exception) -> str:
    """Return the first line of the deepest cause."""
    while error.__cause__ is not None and isinstance(error.__cause__, Exception):
        error = error.__cause__
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
