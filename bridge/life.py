"""The companion's life between replies: one clock of face frames that idle life and speech both run on."""

from __future__ import annotations

from typing import Final

from bridge.core.timeline import MEDIA_RATE, exact_div
from engines.api import FaceBlock, FaceStyle, Rig
from engines.jobs import Face

AHEAD: Final = 0.2  # seconds that idle frames are sent before they are due


class Life:
    """Idle frames of one session, and the style that a reply takes over from them."""

    def __init__(self, face: Face | None, rig: Rig, fps: int, seed: int) -> None:
        self._face = face
        self._profile = rig.profile
        self._fps = fps
        self._per_frame = exact_div(MEDIA_RATE, fps)
        self._count = max(1, fps // 10)
        self._seed = seed
        self._began = 0.0
        self._next = 0  # the first frame not yet sent
        self._mood = ("neutral", 0.0)

    def begin(self, now: float) -> None:
        """The life clock starts."""
        self._began = now

    def feel(self, emotion: str, intensity: float) -> None:
        """The mood that the next frames begin in."""
        self._mood = (emotion, intensity)

    def style(self, now: float) -> FaceStyle:
        """The style of a reply that begins now."""
        return self._style(self.frame(now))

    def skip(self, now: float) -> None:
        """Frames up to now are not needed: something else was shown."""
        self._next = max(self._next, self.frame(now))

    @property
    def deadline(self) -> float:
        """When the next frames are due."""
        return self._began + self._next / self._fps - AHEAD

    def due(self, now: float) -> list[tuple[int, FaceBlock]]:
        """The blocks that are due, each with its pts on the life clock."""
        blocks: list[tuple[int, FaceBlock]] = []
        if self._face is None:
            return blocks
        if self._next < self.frame(now):
            self._next = self.frame(now)
        while now >= self.deadline:
            block = self._face.idle(self._style(self._next), self._next, self._count)
            blocks.append((self._next * self._per_frame, block))
            self._next += self._count
        return blocks

    def frame(self, now: float) -> int:
        """The frame of the life clock at `now`."""
        return max(0, int((now - self._began) * self._fps))

    def _style(self, origin: int) -> FaceStyle:
        emotion, intensity = self._mood
        return FaceStyle(self._profile, self._fps, self._seed, origin, emotion, intensity)
