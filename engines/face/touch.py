"""When lips seal or touch the teeth, from how likely it is a step: whole contacts that begin and end without a jerk.

A probability that flickers would be a mouth that flickers. So what is followed is its peak, from where it begins to
rise until it has clearly fallen, and lips take ten steps to follow that. Every step is taken alone and in order.
"""

from __future__ import annotations

from copy import copy
from typing import Final

import numpy as np

from engines.sound.arrays import Floats

FAINT: Final = 0.12  # a contact begins at this probability
SURE: Final = 0.70  # one that was so likely is full, a less likely one shows in proportion
HELD: Final = 0.80  # it ends when the probability has fallen to this share of its peak
LEAST: Final = 7  # steps, but a full one not before these
AGAIN: Final = 0.10  # and begins anew when the probability has risen by so much
FULL: Final = 0.80  # lips that have come so far touch
STEPS: Final = 10

# How lips follow: most of the way in the first four steps, the rest slower, at no step suddenly.
_PLACES: Final = (np.arange(STEPS) + 0.5) / STEPS
_SHARES: Final = (_PLACES**0.4 * (1.0 - _PLACES) ** 2)[::-1]
FOLLOW: Final = _SHARES / _SHARES.sum()  # oldest first


class Touch:
    """One kind of contact over a stream of steps."""

    def __init__(self) -> None:
        self._peak = 0.0  # of the contact that lasts, 0 when none does
        self._lasted = 0  # steps of it
        self._trough = 0.0  # the least since the last one ended
        self._told = np.zeros(STEPS)

    def copy(self) -> Touch:
        """Copy the contact, to go on from without changing this one."""
        other = copy(self)
        other._told = self._told.copy()
        return other

    def follow(self, probability: float) -> float:
        """Tell how far lips have come at the next step, 0..1."""
        if self._peak:
            self._peak = max(self._peak, probability)
            self._lasted += 1
            if probability < HELD * self._peak and (self._lasted >= LEAST or self._peak < SURE):
                self._peak, self._trough = 0.0, probability
        else:
            self._trough = min(self._trough, probability)
            fresh = self._trough < FAINT or probability >= self._trough + AGAIN
            if probability >= FAINT and fresh:
                self._peak, self._lasted = probability, 1
        self._told[:-1] = self._told[1:]
        self._told[-1] = min(1.0, self._peak / SURE)
        return float(FOLLOW @ self._told)


def met(followed: Floats) -> Floats:
    """Show contacts: those that have come FULL of the way touch."""
    return np.where(followed > FULL, np.float32(1.0), followed)
