"""Reads how far each shape moves each landmark of a face: `tools/puppet_motions.py` measured it on sculpted heads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

TABLE: Final = Path(__file__).with_name("motions.npz")


@dataclass(frozen=True, slots=True)
class Motions:
    """`points` (478, 3) of a face at rest, `moves` (52, 478, 3) in ARKit's order, `triangles` (n, 3).

    Units of the distance between the eyes' outer corners; x to the right of the picture, y down, z to the viewer.
    """

    points: NDArray[np.float32]
    moves: NDArray[np.float32]
    triangles: NDArray[np.int32]


@cache
def motions() -> Motions:
    """Return the table; once for a process."""
    with np.load(TABLE) as read:
        return Motions(
            read["points"].astype(np.float32), read["moves"].astype(np.float32), read["triangles"].astype(np.int32)
        )
