"""Reads and writes the two chunks of a binary glTF file, and adds accessors to it.

https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html#glb-file-format-specification
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.errors import StudioError

MAGIC: Final = b"glTF"
FLOAT: Final = 5126
GENERATOR: Final = "Companion Bridge"


@dataclass
class Document:
    """The JSON of a file, and its binary half."""

    json: dict[str, Any] = field(default_factory=dict)
    data: bytearray = field(default_factory=bytearray)

    def array(self, values: NDArray[np.floating[Any]], kind: str, *, bounds: bool = False) -> int:
        """Add an accessor of float values (n,) or (n, k) and return its number."""
        raw = np.ascontiguousarray(values, np.float32)
        self.data += b"\0" * (-len(self.data) % 4)
        views = self.json.setdefault("bufferViews", [])
        views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": raw.nbytes})
        self.data += raw.tobytes()
        row: dict[str, Any] = {
            "bufferView": len(views) - 1,
            "componentType": FLOAT,
            "count": len(raw),
            "type": kind,
        }
        if bounds:
            flat = raw.reshape(len(raw), -1)
            row["min"], row["max"] = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
        accessors = self.json.setdefault("accessors", [])
        accessors.append(row)
        return len(accessors) - 1

    def bytes(self) -> bytes:
        """Return the file."""
        self.data += b"\0" * (-len(self.data) % 4)
        self.json["buffers"] = [{"byteLength": len(self.data)}]
        text = json.dumps(self.json, separators=(",", ":"), ensure_ascii=False).encode()
        text += b" " * (-len(text) % 4)
        body = struct.pack("<I4s", len(text), b"JSON") + text
        body += struct.pack("<I4s", len(self.data), b"BIN\0") + bytes(self.data)
        return MAGIC + struct.pack("<II", 2, 12 + len(body)) + body


def read(data: bytes) -> Document:
    """Return a GLB file; StudioError `bad_head` for what is none."""
    try:
        if data[:4] != MAGIC:
            raise ValueError("it does not begin as one")
        length, kind = struct.unpack_from("<I4s", data, 12)
        if kind != b"JSON":
            raise ValueError("its first chunk is not its description")
        text = json.loads(data[20 : 20 + length])
        at = 20 + length
        size, kind = struct.unpack_from("<I4s", data, at)
        if kind != b"BIN\0" or not isinstance(text, dict):
            raise ValueError("it has no data")
        return Document(text, bytearray(data[at + 8 : at + 8 + size]))
    except (ValueError, struct.error, UnicodeDecodeError) as error:
        raise StudioError("bad_head", f"the head's GLB file cannot be read: {error}") from error


def turn(angles: Sequence[Any], share: float) -> NDArray[np.float32]:
    """Return quaternions (n, 4: x, y, z, w) of a head that faces +Z: yaw to its left, pitch up, roll to its right."""
    yaw, pitch, roll = angles
    a, b, c = (np.asarray(each, np.float64) * share / 2 for each in (yaw, -np.asarray(pitch), roll))
    zero = np.zeros_like(a)
    about_y = np.stack([zero, np.sin(a), zero, np.cos(a)], axis=-1)
    about_x = np.stack([np.sin(b), zero, zero, np.cos(b)], axis=-1)
    about_z = np.stack([zero, zero, np.sin(c), np.cos(c)], axis=-1)
    return _times(about_z, _times(about_x, about_y)).astype(np.float32)


def _times(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    px, py, pz, pw = np.moveaxis(p, -1, 0)
    qx, qy, qz, qw = np.moveaxis(q, -1, 0)
    return np.stack(
        [
            pw * qx + px * qw + py * qz - pz * qy,
            pw * qy - px * qz + py * qw + pz * qx,
            pw * qz + px * qy - py * qx + pz * qw,
            pw * qw - px * qx - py * qy - pz * qz,
        ],
        axis=-1,
    )
