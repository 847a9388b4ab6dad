"""Lays spoken lines onto one clock: sound, a face for everybody in every frame, subtitles, chapters. It draws nothing.

Whoever does not speak lives on (blinks, gaze, breath), and frames run over between speech and life within FADE seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.api import FaceStyle
from engines.face.engine import ArticulationFace
from studio.video.captions import Caption, captions
from studio.video.looks.appearance import CHANNELS, Floats, ordered
from studio.video.script import Line, Pause, Scene
from studio.video.track import Track, Word

BEFORE: Final = 0.4  # seconds at the beginning of a scene in which nobody speaks
BETWEEN: Final = 0.35
AFTER: Final = 0.6
FADE: Final = 0.12


@dataclass(frozen=True, slots=True)
class Shot:
    """Frames [first, last) in which the same people are seen, from left to right; `speaks` is who does, "" nobody."""

    first: int
    last: int
    people: tuple[str, ...]
    speaks: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A scene's title and its seconds."""

    title: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A whole film before it is drawn: `pcm` s16le mono at `rate`; `frames` has (n, 55) of CHANNELS for each person."""

    pcm: bytes
    rate: int
    fps: int
    frames: Mapping[str, Floats]
    shots: tuple[Shot, ...]
    captions: tuple[Caption, ...]
    chapters: tuple[Chapter, ...]
    words: tuple[Word, ...] = ()
    phones: tuple[tuple[str, float, float], ...] = ()

    @property
    def count(self) -> int:
        """Return how many frames it has."""
        return self.shots[-1].last if self.shots else 0

    @property
    def seconds(self) -> float:
        """Return how long it lasts."""
        return self.count / self.fps


def cut(scenes: Sequence[Scene], spoken: Mapping[tuple[int, int], Track], *, fps: int, rate: int) -> Cut:
    """Lay out the scenes; `spoken` has the track of each line by the numbers of its scene and beat."""
    people = tuple(dict.fromkeys(who for scene in scenes for who in scene.people))
    work = _Work(people, fps, rate)
    chapters = []
    for number, scene in enumerate(scenes):
        begun = work.at
        seen = scene.people
        work.wait(BEFORE, seen)
        for beat_number, beat in enumerate(scene.beats):
            match beat:
                case Pause(seconds):
                    work.wait(seconds, seen)
                case Line(who, _):
                    work.speak(who, spoken[number, beat_number], seen, several=len(people) > 1)
                    last = beat_number + 1 == len(scene.beats)
                    work.wait(AFTER if last else BETWEEN, seen)
        if scene.title:
            chapters.append(Chapter(scene.title, begun / fps, work.at / fps))
    return work.done(tuple(chapters))


# ------------------------------------------------------------------------------------------------ parts


class _Work:
    """A film that grows frame by frame."""

    def __init__(self, people: tuple[str, ...], fps: int, rate: int) -> None:
        self._people, self._fps, self._rate = people, fps, rate
        self._pcm = bytearray()
        self._spoken: dict[str, list[tuple[int, Floats]]] = {who: [] for who in people}
        self._shots: list[Shot] = []
        self._captions: list[Caption] = []
        self._words: list[Word] = []
        self._phones: list[tuple[str, float, float]] = []
        self.at = 0  # frames

    def wait(self, seconds: float, seen: tuple[str, ...]) -> None:
        """Let time pass in which nobody speaks."""
        self._go(round(seconds * self._fps), seen, "")

    def speak(self, who: str, track: Track, seen: tuple[str, ...], *, several: bool) -> None:
        """Let one person say a track."""
        begun = self.at / self._fps
        self._pcm += bytes(2 * (self._samples(self.at) - len(self._pcm) // 2)) + track.pcm
        self._spoken[who].append((self.at, ordered(track.names, track.frames)))
        words = [Word(word.text, word.start + begun, word.end + begun, word.gap) for word in track.words]
        self._captions += captions(words, who if several else "")
        self._words += words
        self._phones += [(ipa, start + begun, end + begun) for ipa, start, end in track.phones]
        self._go(len(track.frames), seen, who)

    def done(self, chapters: tuple[Chapter, ...]) -> Cut:
        """Return the film."""
        self._pcm += bytes(2 * max(0, self._samples(self.at) - len(self._pcm) // 2))
        frames = {who: _lively(self._spoken[who], self.at, self._fps, seed) for seed, who in enumerate(self._people, 1)}
        return Cut(
            bytes(self._pcm), self._rate, self._fps, frames, tuple(self._shots), tuple(self._captions), chapters,
            tuple(self._words), tuple(self._phones),
        )  # fmt: skip

    def _samples(self, frame: int) -> int:
        return frame * self._rate // self._fps

    def _go(self, frames: int, seen: tuple[str, ...], speaks: str) -> None:
        if frames:
            self._shots.append(Shot(self.at, self.at + frames, seen, speaks))
        self.at += frames


def _lively(spoken: Sequence[tuple[int, Floats]], count: int, fps: int, seed: int) -> Floats:
    """Return (count, 55): idle life, with speech faded in and out over it."""
    face = ArticulationFace()
    rig = face.rig("arkit52", fps)
    block = face.idle(FaceStyle("arkit52", fps, seed=seed), 0, count)
    raw = np.frombuffer(block.weights, np.uint8).reshape(count, len(rig.names)).astype(np.float32) / 255
    low, high = np.array(rig.ranges, np.float32).T
    frames = ordered(rig.names, low + (high - low) * raw)
    fade = max(1, round(FADE * fps))
    ramp = (np.arange(1, fade + 1, dtype=np.float32) / (fade + 1))[:, None]
    for at, rows in spoken:
        end = at + len(rows)
        frames[at:end] = rows
        before, after = min(fade, at), min(fade, count - end)
        frames[at - before : at] += ramp[:before] * (rows[:1] - frames[at - before : at])
        frames[end : end + after] += ramp[::-1][fade - after :][:after] * (rows[-1:] - frames[end : end + after])
    return frames


assert len(CHANNELS) == 55
