"""Says what every appearance can do: be drawn with the face's channels at some values."""

from __future__ import annotations

from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engines.face.rigs import HEAD, NAMES

Bytes = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

CHANNELS: Final = (*NAMES, *HEAD)  # what a frame holds: 52 weights 0..1, then three angles in radians


class Appearance(Protocol):
    """A person as they are shown, for one process."""

    def draw(self, frame: Floats, seconds: float) -> Bytes:
        """Return (size, size, 4) uint8 sRGB with straight alpha; `frame` (55,) holds CHANNELS at that second."""
        ...


class Recipe(Protocol):
    """What an appearance is made of: a value that goes to other processes, each of which makes its own."""

    def made(self, size: int) -> Appearance:
        """Return the appearance, `size` pixels high and wide."""
        ...


def ordered(names: tuple[str, ...], frames: Floats) -> Floats:
    """Return frames of channels `names` (n, k) as frames of CHANNELS (n, 55); what is not there is 0."""
    found = np.zeros((len(frames), len(CHANNELS)), np.float32)
    at = {name: number for number, name in enumerate(names)}
    for number, name in enumerate(CHANNELS):
        if name in at:
            found[:, number] = frames[:, at[name]]
    return found
