"""Describes the sound of a voice in one utterance by numbers, and what numbers those of one voice have in common.

What is described: mean cepstra of all speech and of its voiced part, how far cepstra vary and how fast they move, and
the pitch. What tells voices apart among that, `Space` says: two-covariance PLDA after Ioffe, "Probabilistic linear
discriminant analysis" (2006), with a third covariance for what microphone and room add to every voice of a session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engines.hearing.apart.frames import CEPSTRA, Frames

Floats = np.ndarray[Any, np.dtype[np.float32]]
Doubles = np.ndarray[Any, np.dtype[np.float64]]

LEAST_S: Final = 1.0  # seconds of speech, below which nothing is said of a voice ...
LEAST_VOICED: Final = 0.25  # ... share of it that has a pitch ...
LEAST_MOVED: Final = 0.4  # ... and how far a cepstrum moves in 10 ms: that of a tone or of steady noise stands still
MOST_MOVED: Final = 3.5
MOVED: Final = 12  # cepstra that this is told by
APART: Final = 4  # frames between the two of which a movement is the difference
VARIED: Final = 20  # cepstra of whose spread something is said
NUMBERS: Final = CEPSTRA + 2 * VARIED + MOVED + 5


@dataclass(frozen=True, slots=True)
class Sample:
    """An utterance as a point in the space of voices, and how many seconds of speech it was made from."""

    point: Doubles
    seconds: float


@dataclass(frozen=True, slots=True)
class Space:
    """A space in which the utterances of one voice vary as much in every direction.

    Per direction: `between`, how far voices lie apart, and `room`, how far sessions do. An utterance of `s` seconds
    varies by `within[0] + within[1] / s`. `belief` is the share of the evidence that is believed: directions are not
    quite independent, and people vary more than models of them.
    """

    between: Doubles
    room: Doubles
    within: tuple[float, float]
    belief: float

    def spread(self, seconds: float) -> float:
        """Return how far utterances of this length vary."""
        return self.within[0] + self.within[1] / max(seconds, 0.1)


def is_voice(frames: Frames) -> bool:
    """Return whether these are frames of somebody's voice, and enough of them."""
    if frames.seconds < LEAST_S or frames.voiced.mean() < LEAST_VOICED:
        return False
    moved = np.abs(np.diff(frames.cepstra[:, :MOVED], axis=0)).mean()
    return bool(LEAST_MOVED < moved < MOST_MOVED)


def described(frames: Frames) -> Floats:
    """Return the NUMBERS of a voice; `frames` passed `is_voice`."""
    cepstra, voiced = frames.cepstra, frames.voiced
    pitch = np.log2(frames.pitch[voiced])
    low, middle, high = np.percentile(pitch, [10, 50, 90])
    parts = (
        cepstra[voiced].mean(axis=0),
        cepstra.mean(axis=0)[:VARIED],
        cepstra[voiced].std(axis=0)[:VARIED],
        (cepstra[APART:] - cepstra[:-APART]).std(axis=0)[:MOVED],
        np.array([middle, low, high, high - low, voiced.mean()]),
    )
    return np.concatenate(parts).astype(np.float32)
