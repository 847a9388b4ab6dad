"""Draws Gaussian noise from random bytes, so that nobody who knows a seed can take it off again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from training.federate.keys import KEY, mask


def noise(length: int, spread: float, draw: Callable[[int], bytes]) -> NDArray[np.float64]:
    """Return `length` numbers of the normal distribution with that standard deviation.

    By Box and Muller from ChaCha20, whose key is drawn anew each time. As with every sampler in floating point, the
    lowest bits are not exactly normal (Mironov 2012).
    """
    pairs = (length + 1) // 2
    even = mask(draw(KEY), 4 * pairs).astype(np.float64)
    first = (even[: 2 * pairs : 2] * 2.0**32 + even[1 : 2 * pairs : 2] + 1) / 2.0**64  # in (0, 1], 64 bits deep
    second = even[2 * pairs : 3 * pairs] / 2.0**32
    far = np.sqrt(-2 * np.log(first))
    both = np.concatenate([far * np.cos(2 * np.pi * second), far * np.sin(2 * np.pi * second)])
    return np.asarray(spread * both[:length], np.float64)
