"""Writes a puppet into an identity's folder and reads it again: `puppet.json` and three pictures beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np

from engines.identity.errors import IdentityError
from studio.errors import StudioError
from studio.video.puppet.draw import PuppetPainter
from studio.video.puppet.model import FORMAT, Bytes, Floats, Layer, Puppet

FOLDER: Final = "assets/x_face/other"
FILE: Final = f"{FOLDER}/puppet.json"
TEXTURES: Final = ("front", "back", "parts")
LEAST: Final = 0.05  # pixels: movements below are left out
POINTS: Final = 20_000
SIDE: Final = 4096  # pixels of a texture
JSON_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Portrait:
    """A puppet to be drawn, on the ground of its own picture or without."""

    puppet: Puppet
    own_ground: bool = True

    def made(self, size: int) -> PuppetPainter:
        """Return what draws it."""
        return PuppetPainter(self.puppet, size, own_ground=self.own_ground)


def files(puppet: Puppet) -> dict[str, bytes]:
    """Return the files of a puppet by their paths in the identity."""
    found = {f"{FOLDER}/puppet-{name}.webp": _picture(puppet.textures[name]) for name in TEXTURES}
    names = {name: f"puppet-{name}.webp" for name in TEXTURES}
    data = {
        "format": FORMAT,
        "size": list(puppet.size),
        "pivot": _rounded(np.array(puppet.pivot)),
        "points": _rounded(puppet.points.ravel()),
        "uvs": [round(float(each), 5) for each in puppet.uvs.ravel()],
        "head": [round(float(each), 3) for each in puppet.head],
        "moves": {name: _runs(moved) for name, moved in puppet.moves.items()},
        "meet": [list(pair) for pair in puppet.meet],
        "textures": names,
        "layers": [
            {"name": layer.name, "texture": layer.texture, "triangles": layer.triangles.ravel().tolist()}
            for layer in puppet.layers
        ],
    }
    return {FILE: json.dumps(data, separators=(",", ":")).encode() + b"\n", **found}


def read(asset: Callable[[str], bytes], *, own_ground: bool = True) -> Portrait:
    """Return the puppet of an identity whose files `asset` gives; StudioError `bad_puppet` says what is wrong."""
    try:
        return Portrait(_read(asset), own_ground)
    except IdentityError as error:
        raise StudioError("bad_puppet", f"the puppet is not whole: {error.message}") from error
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OSError) as error:
        raise StudioError("bad_puppet", f"{FILE} cannot be used: {error!r}"[:300]) from error


# ------------------------------------------------------------------------------------------------ parts


def _read(asset: Callable[[str], bytes]) -> Puppet:
    raw = asset(FILE)
    if len(raw) > JSON_BYTES:
        raise ValueError("it is too large")
    data: dict[str, Any] = json.loads(raw)
    if data["format"] != FORMAT:
        raise ValueError(f"it has format {data['format']}, this program reads {FORMAT}")
    points = _numbers(data["points"], 3)
    count = len(points)
    if count > POINTS:
        raise ValueError("it has too many points")
    triangles = [np.array(layer["triangles"], np.int32).reshape(-1, 3) for layer in data["layers"]]
    pairs = tuple((int(a), int(b)) for a, b in data["meet"])
    if any(each.size and not (each.min() >= 0 and each.max() < count) for each in triangles) or any(
        not (0 <= a < count and 0 <= b < count) for a, b in pairs
    ):
        raise ValueError("a triangle has a corner that is not there")
    uvs, head = _numbers(data["uvs"], 2), _numbers(data["head"], 1)[:, 0]
    if len(uvs) != count or len(head) != count:
        raise ValueError("its lists are of different lengths")
    width, height = (int(each) for each in data["size"])
    if not (0 < width <= SIDE and 0 < height <= SIDE):
        raise ValueError("its size cannot be")
    px, py, pz = (float(each) for each in data["pivot"])
    return Puppet(
        (width, height), points, uvs, head, (px, py, pz),
        {name: _moves(runs, count) for name, runs in data["moves"].items()}, pairs,
        tuple(
            Layer(str(layer["name"]), str(layer["texture"]), each)
            for layer, each in zip(data["layers"], triangles, strict=True)
        ),
        _textures(data["textures"], asset),
    )  # fmt: skip


def _textures(names: Mapping[str, str], asset: Callable[[str], bytes]) -> dict[str, Bytes]:
    from PIL import Image

    found = {}
    for name in TEXTURES:
        with Image.open(BytesIO(asset(f"{FOLDER}/{names[name]}"))) as opened:
            if max(opened.size) > SIDE:
                raise ValueError(f"{names[name]} is too large")
            found[name] = np.asarray(opened.convert("RGBA"), np.uint8)
    return found


def _picture(texture: Bytes) -> bytes:
    from PIL import Image

    file = BytesIO()
    # What is transparent keeps its colour: it is seen where the edge is soft.
    Image.fromarray(texture).save(file, "WEBP", quality=92, method=4, exact=True)
    return file.getvalue()


def _runs(moved: Floats) -> list[list[float]]:
    """Return runs [first, dx, dy, dx, dy, ...] of the points that move."""
    moving = np.flatnonzero(np.abs(moved).max(axis=1) > LEAST)
    found: list[list[float]] = []
    last = -2
    for number in moving.tolist():
        if number != last + 1:
            found.append([number])
        found[-1] += [round(float(each), 2) for each in moved[number]]
        last = number
    return found


def _moves(runs: list[list[float]], count: int) -> Floats:
    found = np.zeros((count, 2), np.float32)
    for first, *run in runs:
        rows = np.array(run, np.float32).reshape(-1, 2)
        if not 0 <= int(first) <= count - len(rows):
            raise ValueError("it moves a point that is not there")
        found[int(first) : int(first) + len(rows)] = rows
    return found


def _numbers(values: list[float], width: int) -> Floats:
    found = np.array(values, np.float32).reshape(-1, width)
    if not np.isfinite(found).all():
        raise ValueError("a number in it is none")
    return found


def _rounded(values: Floats) -> list[float]:
    return [round(float(each), 2) for each in values]
