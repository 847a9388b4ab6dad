"""What a listener experiences: the events of playback, each with its time on the turn's media clock (1/48000 s)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Weights: TypeAlias = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Began:
    """The first sample of a turn is heard, at `pts`: above 0 for a viewer who joins in its course."""

    turn: int
    pts: int = 0


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples of a turn that are heard from `pts`, s16le as they sound (ducked, faded)."""

    turn: int
    pts: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """A word begins at `pts`; it ends at `end`. `gap` is what is written before it."""

    turn: int
    pts: int
    end: int
    text: str
    gap: str = " "


@dataclass(frozen=True, slots=True)
class Voiced:
    """A speech sound (IPA, "" for a pause) begins at `pts`; it ends at `end`."""

    turn: int
    pts: int
    end: int
    ipa: str


@dataclass(frozen=True, slots=True)
class Cued:
    """An emotion or gesture is due."""

    turn: int
    pts: int
    kind: str
    name: str
    intensity: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A face frame is due; a turn's easing to rest has `pts` beyond its end, idle life is turn 0."""

    turn: int
    pts: int
    weights: Weights
    source: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The last sample of a turn was heard, at `pts`: all of it, or as far as it came when it was `cut`.

    `reason` is that of `reply_end`, `interrupted`, or `lost` when its session is over.
    """

    turn: int
    pts: int
    cut: bool
    reason: str


Heard: TypeAlias = Began | Sound | Said | Voiced | Cued | Shown | Ended
