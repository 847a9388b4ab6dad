"""The folder of a run: what it was told, what it ran on, its curves and what came of it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from training.errors import TrainingError

FILE: Final = "run.json"
PACKAGES: Final = ("companion-bridge", "torch", "transformers", "peft", "opacus", "tokenizers", "numpy")


def environment() -> dict[str, Any]:
    """Return what the numbers of a run may depend on besides its settings."""
    import torch

    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 0,
        "threads": torch.get_num_threads(),
        "gpu": gpu,
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "commit": commit(),
    }


def commit() -> str:
    """Return the commit of this program's source, with + where it was changed; "" outside of a repository."""
    here = Path(__file__).parent
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=40", "--exclude=*"],
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip()


def write(folder: Path, told: Mapping[str, Any]) -> None:
    """Write run.json, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{FILE}.new"
    beside.write_text(json.dumps(told, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
    beside.replace(folder / FILE)


def read(folder: Path) -> dict[str, Any]:
    """Return run.json; TrainingError `bad_run` for a folder that holds no run."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError("bad_run", f"{folder} is no folder of a run: {FILE} is missing or damaged.") from error
    if not isinstance(told, dict):
        raise TrainingError("bad_run", f"{folder / FILE} is no run's.")
    return told


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
