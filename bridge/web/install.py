"""Puts three.js and three-vrm where `extras` looks for them, by the user's own npm; and takes them away again."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Final

from bridge.errors import BridgeError
from bridge.web.extras import MODEL, SIGHT, Extras, place

LOCK: Final = ("package.json", "package-lock.json")
FETCH: Final = "curl -LO https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task"
PATIENCE: Final = 600.0  # seconds for the package registry


def install(folder: str = "") -> Path:
    """Install three.js and three-vrm by npm, in the versions and with the checksums of this package's lock file.

    Returns where to; raises BridgeError if there is no npm or it fails.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise BridgeError(
            "no_npm", "3D heads need npm once, to install three.js: get Node.js 18 or newer, then try again"
        )
    target = place(folder)
    target.mkdir(parents=True, exist_ok=True)
    _npm(npm, "three", target)
    if not Extras(folder).complete:
        raise BridgeError("npm_failed", f"npm finished, but not all files are in {target}")
    return target


def install_sight(model: Path | None, folder: str = "") -> Path:
    """Install MediaPipe's reader of faces for the page, with the model from a file; return where to.

    Without `model` the one that is there stays. Raises BridgeError if there is no npm, it fails, or there is no model.
    """
    target = place(folder) / SIGHT
    if model is not None and not model.is_file():
        raise BridgeError("no_model", f"there is no file {model}: page --with-sight takes face_landmarker.task")
    if model is None and not (target / MODEL).is_file():
        raise BridgeError("no_model", f"say where {MODEL} is: companion page --with-sight PATH ({FETCH})")
    npm = shutil.which("npm")
    if npm is None:
        raise BridgeError("no_npm", "reading faces needs npm once: get Node.js 18 or newer, then try again")
    target.mkdir(parents=True, exist_ok=True)
    _npm(npm, "sight", target)
    if model is not None and model.resolve() != (target / MODEL).resolve():
        shutil.copyfile(model, target / MODEL)
    if not Extras(folder).sees:
        raise BridgeError("npm_failed", f"npm finished, but not all files are in {target}")
    return target


def _npm(npm: str, which: str, target: Path) -> None:
    """Have npm install what the lock file of the folder `which` names into `target`."""
    for name in LOCK:
        (target / name).write_bytes(files("bridge.web").joinpath(which, name).read_bytes())
    # Our own settings, the secret of tokens among them, are none of the installer's business.
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith("COMPANION_")}
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(  # noqa: S603 - the user's own npm
            command, cwd=target, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BridgeError("npm_failed", f"npm did not finish within {PATIENCE:g} s") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise BridgeError("npm_failed", f"npm could not install into {target}: {last}")


def remove(folder: str = "") -> Path:
    """Take away what `install` put there; a folder that it did not make stays."""
    target = place(folder)
    if (target / "node_modules" / "three").is_dir():
        shutil.rmtree(target / "node_modules")
        for name in LOCK:
            (target / name).unlink(missing_ok=True)
    return target
