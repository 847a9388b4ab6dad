"""Adds real numbers as whole numbers that wrap around at 2^32, so that masks cancel to the last bit.

A number in [-reach, reach] becomes a multiple of reach / 2^30. A sum is right as long as it stays within twice the
reach; that is given when what is added are parts of a mean, whose weights add up to one. Four bytes a number: as much
as float32 takes unmasked.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from training.federate.errors import FederationError

Ring: TypeAlias = NDArray[np.uint32]
Vector: TypeAlias = NDArray[np.float32]

STEPS: Final = 2**30  # between nothing and the reach


def encode(values: NDArray[np.floating], reach: float) -> tuple[Ring, int]:
    """Return the numbers on the ring, and how many were cut to the reach; `bad_update` when one is not finite."""
    exact = values.astype(np.float64)
    if not np.isfinite(exact).all():
        raise FederationError("bad_update", "the update holds numbers that are not finite; its learning has failed")
    cut = int(np.count_nonzero(np.abs(exact) > reach))
    whole = np.rint(np.clip(exact, -reach, reach) * (STEPS / reach)).astype(np.int64)
    return (whole & 0xFFFF_FFFF).astype(np.uint32), cut


def decode(total: Ring, reach: float) -> NDArray[np.float64]:
    """Return the real numbers that a sum on the ring stands for."""
    return total.view(np.int32).astype(np.float64) * (reach / STEPS)


def packed(values: Ring) -> bytes:
    """Return the numbers as they travel: four bytes each, little end first."""
    return values.astype("<u4").tobytes()


def unpacked(data: bytes, length: int) -> Ring:
    """Read `length` numbers; `bad_update` when there are more or fewer."""
    if len(data) != 4 * length:
        raise FederationError("bad_update", f"an update of {len(data)} bytes came where {4 * length} were due")
    return np.frombuffer(data, "<u4").astype(np.uint32)


def floats(data: bytes, length: int) -> Vector:
    """Read `length` float32; `bad_update` when there are more or fewer, or one is not finite."""
    if len(data) != 4 * length:
        raise FederationError("bad_update", f"an update of {len(data)} bytes came where {4 * length} were due")
    values = np.frombuffer(data, "<f4").astype(np.float32)
    if not np.isfinite(values).all():
        raise FederationError("bad_update", "the update holds numbers that are not finite")
    return values
