"""Puts three.js and three-vrm where `extras` looks for them, by the user's own npm; and takes them away again."""

from __future__ import annotations

import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Final

from bridge.errors import BridgeError
from bridge.web.extras import Extras, place

LOCK: Final = ("package.json", "package-lock.json")
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
    for name in LOCK:
        (target / name).write_bytes(files("bridge.web").joinpath("three", name).read_bytes())
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=target, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603 - the user's own npm
    except subprocess.TimeoutExpired as error:
        raise BridgeError("npm_failed", f"npm did not finish within {PATIENCE:g} s") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise BridgeError("npm_failed", f"npm could not install three.js into {target}: {last}")
    if not Extras(folder).complete:
        raise BridgeError("npm_failed", f"npm finished, but not all files are in {target}")
    return target


def remove(folder: str = "") -> Path:
    """Take away what `install` put there; a folder that it did not make stays."""
    target = place(folder)
    if (target / "node_modules" / "three").is_dir():
        shutil.rmtree(target / "node_modules")
        for name in LOCK:
            (target / name).unlink(missing_ok=True)
    return target
