"""Collects the binary half of a glTF file: accessors, their views, and the bytes that they look at.

https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html#binary-data-storage
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engines.identity.fields import Json

FLOAT, U32, U16, U8, I8 = 5126, 5125, 5123, 5121, 5120
VERTICES, INDICES = 34962, 34963

Object = dict[str, Json]


@dataclass
class Writer:
    """Collects the binary half of a file and the tables that describe it."""

    data: bytearray = field(default_factory=bytearray)
    views: list[Object] = field(default_factory=list)
    accessors: list[Object] = field(default_factory=list)

    def view(self, raw: bytes, target: int = 0) -> int:
        """Add bytes, aligned to four, and return the number of their view."""
        self.data += b"\0" * (-len(self.data) % 4)
        row: Object = {"buffer": 0, "byteOffset": len(self.data), "byteLength": len(raw)}
        if target:
            row["target"] = target
        self.data += raw
        self.views.append(row)
        return len(self.views) - 1

    def array(
        self,
        values: NDArray[np.generic],
        kind: str,
        component: int,
        *,
        target: int = 0,
        normalized: bool = False,
        bounds: bool = False,
        stride: int = 0,
    ) -> int:
        """Add an accessor of values (n, k) or (n,) and return its number; `stride` bytes apart where that is said."""
        if stride:
            padded = np.zeros((len(values), stride // values.itemsize), values.dtype)
            padded[:, : values.shape[1]] = values
            view = self.view(padded.tobytes(), target)
            self.views[view]["byteStride"] = stride
        else:
            view = self.view(np.ascontiguousarray(values).tobytes(), target)
        row: Object = {
            "bufferView": view,
            "componentType": component,
            "count": len(values),
            "type": kind,
        }
        if normalized:
            row["normalized"] = True
        if bounds:
            row["min"] = [float(each) for each in np.atleast_2d(values).min(axis=0)]
            row["max"] = [float(each) for each in np.atleast_2d(values).max(axis=0)]
        self.accessors.append(row)
        return len(self.accessors) - 1

    def sparse(self, at: NDArray[np.int32], by: NDArray[np.float32], count: int) -> int:
        """Add an accessor of `count` vectors that are zero but for `by` (n, 3) at `at` (n,), and return its number."""
        small = count <= 0xFFFF
        index = at.astype(np.uint16 if small else np.uint32)
        low, high = np.minimum(by.min(axis=0), 0), np.maximum(by.max(axis=0), 0)
        if len(at) == count:
            low, high = by.min(axis=0), by.max(axis=0)
        row: Object = {
            "componentType": FLOAT,
            "count": count,
            "type": "VEC3",
            "min": [float(each) for each in low],
            "max": [float(each) for each in high],
            "sparse": {
                "count": len(at),
                "indices": {"bufferView": self.view(index.tobytes()), "componentType": U16 if small else U32},
                "values": {"bufferView": self.view(np.ascontiguousarray(by, np.float32).tobytes())},
            },
        }
        self.accessors.append(row)
        return len(self.accessors) - 1
