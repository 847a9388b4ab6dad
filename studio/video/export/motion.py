"""Holds one person's movement of a film, and names the files that it can be written to."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engines.face.rigs import NAMES
from studio.video.looks.appearance import CHANNELS

Floats = NDArray[np.floating[Any]]

STILL: Final = 1e-4  # weights that never reach this are left out


@dataclass(frozen=True, slots=True)
class Motion:
    """Frames (n, 55) of CHANNELS at `fps`, whose they are, and the person's head as GLB, b"" where there is none."""

    name: str
    fps: int
    frames: Floats
    head: bytes = b""

    @property
    def times(self) -> Floats:
        """Return the second of each frame."""
        return np.arange(len(self.frames), dtype=np.float32) / np.float32(self.fps)

    @property
    def seconds(self) -> float:
        """Return how long it lasts."""
        return len(self.frames) / self.fps

    def of(self, channel: str) -> Floats:
        """Return the values of one channel (n,)."""
        found: Floats = self.frames[:, CHANNELS.index(channel)]
        return found

    @property
    def moving(self) -> tuple[str, ...]:
        """Return the shapes that are used at all."""
        return tuple(name for name in NAMES if np.abs(self.of(name)).max(initial=0) > STILL)


# By the suffix of the file: the module that writes it, and what for.
KINDS: Final = {
    ".vrma": ("vrma", "VRM animation, for any VRM 1.0"),
    ".glb": ("gltf", "the person's sculpted head, animated (glTF)"),
    ".anim": ("unity", "Unity animation clip"),
    ".csv": ("livelink", "Live Link Face take, for Unreal and Blender"),
    ".motion3.json": ("live2d", "Live2D motion"),
}


def written(suffix: str, motion: Motion) -> bytes:
    """Return the bytes of a file of that kind."""
    data: bytes = import_module(f"studio.video.export.{KINDS[suffix][0]}").write(motion)
    return data
