"""Makes the face frames between replies, on the life clock that idle frames and replies share."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bridge.core.timeline import MEDIA_RATE, exact_div
from engines.api import FaceBlock, FaceStyle, Rig
from engines.jobs import Face

AHEAD: Final = 0.2  # seconds that idle frames are sent before they are due
TURNING_S: Final = 0.8  # seconds until somebody at rest listens with all of the face
MOST_WARMTH: Final = 0.6


class IdleFace:
    """Idle frames of one session, and the style that a reply takes over from them."""

    def __init__(self, face: Face | None, rig: Rig, fps: int, seed: int, warmth: float = 0.0) -> None:
        """`warmth` (0..1) is how much this person smiles when nothing moves them."""
        self._face = face
        self._profile = rig.profile
        self._fps = fps
        self._per_frame = exact_div(MEDIA_RATE, fps)
        self._count = max(1, fps // 10)
        self._seed = seed
        self._began = 0.0
        self._next = 0  # the first frame not yet sent
        self._rest = ("relaxed", MOST_WARMTH * warmth) if warmth > 0.0 else ("neutral", 0.0)
        self._mood = self._rest
        self._attends = False
        self._listening = 0.0

    def begin(self, now: float, frame: int = 0) -> None:
        """Start the life clock, at `frame` of it."""
        self._began, self._next = now - frame / self._fps, frame

    @property
    def mood(self) -> tuple[str, float]:
        """Return the emotion that the next frames begin in, and how strong it is."""
        return self._mood

    def feel(self, emotion: str, intensity: float) -> None:
        """Set the mood that the next frames begin in."""
        self._mood = self._rest if emotion == "neutral" else (emotion, intensity)

    def attend(self, on: bool) -> None:
        """Listen from the next frames on, or no longer."""
        self._attends = on

    def style(self, now: float) -> FaceStyle:
        """Return the style of a reply that begins now."""
        return self._style(self.frame(now))

    def skip(self, now: float) -> None:
        """Leave out the frames up to now: something else was shown."""
        self._next = max(self._next, self.frame(now))

    @property
    def deadline(self) -> float:
        """Return when the next frames are due."""
        return self._began + self._next / self._fps - AHEAD

    def due(self, now: float) -> list[tuple[int, FaceBlock]]:
        """Return the blocks that are due, each with its pts on the life clock."""
        blocks: list[tuple[int, FaceBlock]] = []
        if self._face is None:
            return blocks
        if self._next < self.frame(now):
            self._next = self.frame(now)
        while now >= self.deadline:
            before = self._listening
            step = self._count / self._fps / TURNING_S
            self._listening = min(1.0, before + step) if self._attends else max(0.0, before - step)
            style = replace(self._style(self._next), listening=(before, self._listening))
            block = self._face.idle(style, self._next, self._count)
            blocks.append((self._next * self._per_frame, block))
            self._next += self._count
        return blocks

    def frame(self, now: float) -> int:
        """Return the frame of the life clock at `now`."""
        return max(0, int((now - self._began) * self._fps))

    def _style(self, origin: int) -> FaceStyle:
        emotion, intensity = self._mood
        return FaceStyle(self._profile, self._fps, self._seed, origin, emotion, intensity)
