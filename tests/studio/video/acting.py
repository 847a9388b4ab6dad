"""Stands in for speakers and appearances, and reads films back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np

from engines.face.rigs import HEAD, NAMES
from studio.video.cut import Cut, Shot
from studio.video.looks.appearance import CHANNELS, Bytes, Floats
from studio.video.track import Track, Word

RATE = 24_000
JAW = CHANNELS.index("jawOpen")


@dataclass
class Said:
    """What a speaker gives back: a tone of `seconds`, the jaw half open."""

    seconds: float = 1.0
    fps: int = 30
    rate: int = RATE
    names: tuple[str, ...] = (*NAMES, *HEAD)
    heard: list[tuple[str, float, float, str]] = field(default_factory=lambda: [("Hello", 0.1, 0.5, "")])
    sounds: list[tuple[str, float, float]] = field(default_factory=lambda: [("h", 0.1, 0.2)])

    @property
    def pcm(self) -> bytes:
        """Return the tone."""
        times = np.arange(int(self.seconds * self.rate)) / self.rate
        return (8000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes()

    @property
    def rows(self) -> Any:
        """Return a frame fewer than the sound has."""
        frames = np.zeros((max(0, int(self.seconds * self.fps) - 1), len(self.names)), np.float32)
        frames[:, JAW] = 0.5
        return frames


def track(seconds: float = 1.0, fps: int = 30, words: tuple[Word, ...] = ()) -> Track:
    """Return speech of so many seconds."""
    said = Said(seconds, fps)
    frames = np.zeros((int(seconds * fps), len(said.names)), np.float32)
    frames[:, JAW] = 0.5
    return Track(said.pcm, RATE, said.names, frames, fps, words, (("h", 0.0, 0.1),))


def silent(count: int, fps: int = 24, who: str = "A", **more: Any) -> Cut:
    """Return a film of silence."""
    frames = {who: np.zeros((count, len(CHANNELS)), np.float32)}
    pcm = bytes(2 * (count * RATE // fps))
    return Cut(pcm, RATE, fps, frames, (Shot(0, count, (who,)),), more.get("captions", ()), more.get("chapters", ()))


@dataclass(frozen=True)
class Square:
    """An appearance: one colour, as bright as the jaw is open."""

    def made(self, size: int) -> SquarePainter:
        """Return what draws it."""
        return SquarePainter(size)


class SquarePainter:
    """Draws a square in the middle."""

    def __init__(self, size: int) -> None:
        self._size = size

    def draw(self, frame: Floats, seconds: float) -> Bytes:
        """Return it; half transparent at its edge."""
        out = np.zeros((self._size, self._size, 4), np.uint8)
        low, high = self._size // 4, self._size * 3 // 4
        out[low:high, low:high] = (int(255 * frame[JAW]), 0, 0, 255)
        out[low, low:high, 3] = 128
        return out


def pictures(path: Path) -> list[Any]:
    """Return a film's pictures as arrays of RGB."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def sound(path: Path) -> tuple[Any, int, float]:
    """Return a film's sound (samples of -1..1), its rate, and the second at which it begins."""
    with av.open(str(path)) as container:
        frames: list[Any] = list(container.decode(audio=0))
        first = float(frames[0].pts * frames[0].time_base)
        return np.concatenate([frame.to_ndarray().mean(axis=0) for frame in frames]), frames[0].sample_rate, first
