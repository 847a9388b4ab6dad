"""Holds what was spoken: sound, face frames, words and speech sounds on one clock, from second 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is shown: when it begins and ends, in seconds, and what is written before it."""

    text: str
    start: float
    end: float
    gap: str = " "


@dataclass(frozen=True, slots=True)
class Track:
    """Speech of one person: `pcm` s16le mono at `rate`, `frames` (n, channels) of the channels `names` at `fps`.

    `phones` are speech sounds (IPA, "" for a pause) with start and end in seconds.
    """

    pcm: bytes
    rate: int
    names: tuple[str, ...]
    frames: Floats
    fps: int
    words: tuple[Word, ...] = ()
    phones: tuple[tuple[str, float, float], ...] = ()

    @property
    def seconds(self) -> float:
        """Return how long the sound lasts."""
        return len(self.pcm) / 2 / self.rate

    @property
    def text(self) -> str:
        """Return all that is said, as it is written."""
        return "".join(f"{word.gap}{word.text}" for word in self.words).strip()


class Spoken(Protocol):
    """What a speaker gives back; the recording of a live reply is one."""

    rate: int
    fps: int
    names: tuple[str, ...]

    @property
    def pcm(self) -> bytes:
        """Return the sound, s16le mono."""
        ...

    @property
    def rows(self) -> NDArray[np.float32]:
        """Return the face frames (n, channels)."""
        ...

    @property
    def heard(self) -> Sequence[tuple[str, float, float, str]]:
        """Return the words: text, start and end in seconds, what is written before."""
        ...

    @property
    def sounds(self) -> Sequence[tuple[str, float, float]]:
        """Return the speech sounds: IPA, start and end in seconds."""
        ...


# Says a text (with [tags], as in a live reply) as the identity in a folder, with face frames at so many a second.
Speaker: TypeAlias = Callable[[Path, str, int], Spoken]


def track(spoken: Spoken) -> Track:
    """Return what was spoken, with as many frames as begin in its sound: the last one is held, or some are cut."""
    count = max(1, -(-(len(spoken.pcm) // 2) * spoken.fps // spoken.rate))
    frames = np.zeros((count, len(spoken.names)), np.float32)
    given = np.asarray(spoken.rows, np.float32)[:count]
    frames[: len(given)] = given
    if len(given):
        frames[len(given) :] = given[-1]
    return Track(
        pcm=bytes(spoken.pcm),
        rate=spoken.rate,
        names=tuple(spoken.names),
        frames=frames,
        fps=spoken.fps,
        words=tuple(Word(*each) for each in spoken.heard),
        phones=tuple(spoken.sounds),
    )
