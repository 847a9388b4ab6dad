"""Parts a set of pictures by the people in it: nobody who is trained on is tested on."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

TRAIN: Final = "train"
TEST: Final = "test"
EVERY: Final = 8  # of eight people one is tested on


def part(shape: NDArray[np.int32], which: str) -> NDArray[np.intp]:
    """Return the numbers of the pictures whose head belongs to a part."""
    tested = (shape.astype(np.int64) * 2654435761 % 2**32 >> 8) % EVERY == 0
    return np.nonzero(tested if which == TEST else ~tested)[0]
