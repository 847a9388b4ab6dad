"""What a voice does, from its sound alone: where it speaks, pauses, and lets a syllable stand out.

A syllable stands out by how much louder than usual it is, and for how long, between 400 and 2200 Hz: stress shows there
rather than in the whole level (Sluijter and van Heuven 1996, "Spectral balance as an acoustic correlate of linguistic
stress"). Heard in steps of 10 ms, each alone and in order, and never told of the future.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np

from engines.sound.arrays import Floats

STEP_S: Final = 0.010
STRONG: Final = slice(5, 20)  # bands of engines.face.lips_audio from 400 to 2200 Hz
MEAN: Final = 3  # steps over which that power is taken
USUAL_S: Final = 0.5  # how fast the usual level follows
FIRST_DB: Final = 3.0  # the first sound is so much above what is usual
NEEDED: Final = 0.6  # decibel-seconds above the usual level that make a syllable stand out
APART_S: Final = 0.3  # and no two lie closer
RANGE_DB: Final = 20.0  # below the loudest recent moment by more than this, nothing does
QUIET_DB: Final = 30.0  # and by more than this, nothing is said
FALL_DB: Final = 0.03  # by which that moment is forgotten every step
QUIETEST_DB: Final = -55.0
PAUSE_S: Final = 0.25


class Event(NamedTuple):
    """`kind` happened: it is known from `at` (s of the stream) on."""

    kind: Literal["speech", "pause", "stress"]
    at: float


class Prosody:
    """One stream, which begins in silence; `after` (s) is how long after a step's time its sound has come."""

    def __init__(self, after: float) -> None:
        self._after = after
        self._steps = 0
        self._speaking = False
        self._quiet = 0
        self._loudest = self._strongest = QUIETEST_DB
        self._powers = np.zeros(MEAN)
        self._usual: float | None = None
        self._excess = 0.0
        self._stood = False
        self._last = -1e9

    def hear(self, bands: Floats) -> list[Event]:
        """Take the next step's band powers and tell what is known with them."""
        at = self._steps * STEP_S + self._after
        self._steps += 1
        events = []
        if self._turns(10.0 * float(np.log10(float(bands.sum()) + 1e-10))):
            events.append(Event("speech" if self._speaking else "pause", at))
        self._powers[:-1] = self._powers[1:]
        self._powers[-1] = float(bands[STRONG].sum())
        if self._stands_out(10.0 * float(np.log10(self._powers.mean() + 1e-10)), at):
            events.append(Event("stress", at))
        return events

    def _turns(self, level: float) -> bool:
        self._loudest = max(self._loudest - FALL_DB, level, QUIETEST_DB)
        if level >= self._loudest - QUIET_DB and level > QUIETEST_DB:
            self._quiet = 0
            turned, self._speaking = not self._speaking, True
            return turned
        self._quiet += 1
        turned = self._speaking and self._quiet * STEP_S >= PAUSE_S
        self._speaking = self._speaking and not turned
        return turned

    def _stands_out(self, level: float, at: float) -> bool:
        self._strongest = max(self._strongest - FALL_DB, level, QUIETEST_DB)
        if level < self._strongest - RANGE_DB or level <= QUIETEST_DB:
            self._excess, self._stood = 0.0, False
            return False
        if self._usual is None:
            self._usual = level - FIRST_DB
        above = level - self._usual
        self._usual += above * STEP_S / USUAL_S
        if above <= 0.0:
            self._excess, self._stood = 0.0, False
            return False
        self._excess += above * STEP_S
        if self._stood or self._excess < NEEDED or at - self._last < APART_S - 1e-9:
            return False
        self._stood, self._last = True, at
        return True
