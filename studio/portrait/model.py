"""Runs the trained nets: the painter, and the reader that finds its way back from a picture. No torch is needed.

A folder holds painter.onnx, reader.onnx and card.json, which says how large they are and where they come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from engines.identity.fields import JSON_BYTES, Json, parse_object
from studio.errors import StudioError
from studio.portrait.words import TOLD

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

SHIPPED: Final = Path(__file__).parent / "nets"
BATCH: Final = 64
MOST: Final = 64_000_000  # bytes of a net


@dataclass(frozen=True, slots=True)
class Nets:
    """The nets of one folder: `size` of their pictures in pixels, `chance` numbers that chance gives."""

    size: int
    chance: int
    card: Mapping[str, Json]
    _painter: Any
    _reader: Any

    def paint(self, chance: Floats, told: Floats) -> Floats:
        """Paint rows of chance (n, chance) and told (n, TOLD): (n, 3, size, size) in -1..1."""
        parts = [
            self._painter.run(None, {"chance": chance[k : k + BATCH], "told": told[k : k + BATCH]})[0]
            for k in range(0, len(chance), BATCH)
        ]
        return cast("Floats", np.concatenate(parts))

    def read(self, pictures: Floats) -> tuple[Floats, Floats, Floats]:
        """Read pictures (n, 3, size, size): chance (n, chance), how likely each value is (n, TOLD), features (n, f).

        StudioError `bad_model` where the folder has no reader.
        """
        if self._reader is None:
            raise StudioError(
                "bad_model", "this painter has no reader (reader.onnx), so it cannot start from a picture"
            )
        parts = [self._reader.run(None, {"pictures": pictures[k : k + BATCH]}) for k in range(0, len(pictures), BATCH)]
        chance, told, features = (np.concatenate(each) for each in zip(*parts, strict=True))
        return chance, told, features


@lru_cache(maxsize=2)
def nets(folder: Path = SHIPPED) -> Nets:
    """Load a folder's nets; StudioError `bad_model` says what is wrong with it."""
    try:
        card = parse_object((folder / "card.json").read_bytes()[:JSON_BYTES], "card.json")
        size, chance, told = (_whole(card, name) for name in ("size", "chance", "told"))
        painter = _session(folder / "painter.onnx")
        reader = _session(folder / "reader.onnx") if (folder / "reader.onnx").exists() else None
    except OSError as error:
        raise StudioError("bad_model", f"{folder} holds no painter: {error.strerror} ({error.filename})") from error
    if told != TOLD:
        raise StudioError("bad_model", f"{folder} is told {told} numbers of a person, and this version tells {TOLD}")
    return Nets(size, chance, card, painter, reader)


def to_bytes(pictures: Floats) -> Bytes:
    """Turn pictures (n, 3, size, size) in -1..1 into bytes (n, size, size, 3)."""
    scaled = np.clip(np.rint((pictures + 1) * 127.5), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(scaled.transpose(0, 2, 3, 1))


def from_bytes(pictures: Bytes) -> Floats:
    """Turn bytes (n, size, size, 3) into pictures (n, 3, size, size) in -1..1."""
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(127.5) - 1)


def _whole(card: Mapping[str, Json], name: str) -> int:
    value = card.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 4096:
        raise StudioError("bad_model", f"the painter's card.json must say {name} as a whole number, not {value!a}")
    return value


def _session(path: Path) -> Any:
    import onnxruntime as ort

    if path.stat().st_size > MOST:
        raise StudioError("bad_model", f"{path} has more than {MOST} bytes")
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except OSError:
        raise
    except Exception as error:
        raise StudioError("bad_model", f"{path} is no net that can be run: {error}"[:300]) from error
