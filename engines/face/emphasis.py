"""What speech does to the rest of the face: how much the companion is speaking, and nods and brows on stressed words.

Values depend on the stream's events and seed alone, not on how it was cut into pieces. A head moves with the pitch and
loudness of its voice (Munhall et al. 2004); that it does so at stressed vowels, how often and how far, is our choice.
"""

from __future__ import annotations

from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.face.life import blink, draw_three, smooth
from engines.sound.arrays import Floats

Doubles = NDArray[np.float64]

RISE_S: Final = 0.12
FALL_S: Final = 0.08
SWAY_RISE_S, SWAY_FALL_S = 0.45, 0.3  # a head gets going, and comes to rest, more slowly than lips

NOD_RAD: Final = 0.05
NODS: Final = 0.6  # share of stressed vowels that the head marks
BROWS: Final = 0.3  # and the brows
BEFORE_S, AFTER_S = 0.12, 0.30
PAUSE_BLINKS: Final = 0.35  # share of pauses with a blink
PAUSE_S: Final = 0.25

GESTURE_S: Final = {"nod": 0.9, "shake": 1.0}
GESTURE_RAD: Final = {"nod": 0.10, "shake": 0.13}


class Activity:
    """How much the companion is speaking, 0..1: rises when sound begins, falls in a pause."""

    def __init__(self, rise: float = RISE_S, fall: float = FALL_S) -> None:
        self._rise, self._fall = rise, fall
        self._turns: list[tuple[float, bool, float]] = [(-1.0, False, 0.0)]  # since when, speaking, value then

    def turn(self, at: float, speaking: bool) -> None:
        """Note that speech begins or pauses `at` (s); calls ascend."""
        since, before, value = self._turns[-1]
        if speaking != before:
            left = exp((since - at) / (self._rise if before else self._fall))
            self._turns.append((at, speaking, before + (value - before) * left))

    def values(self, times: Doubles) -> Floats:
        """Compute activity at ascending `times`; forgets what lies before them."""
        while len(self._turns) > 1 and self._turns[1][0] <= times[0]:
            del self._turns[0]
        since, speaking, value = (np.array(column) for column in zip(*self._turns, strict=True))
        now = np.maximum(np.searchsorted(since, times, "right") - 1, 0)
        target = speaking[now].astype(np.float64)
        left = np.exp((since[now] - times) * np.where(speaking[now], 1 / self._rise, 1 / self._fall))
        return np.asarray(target + (value[now] - target) * left, np.float32)


class Beats:
    """Nods, brow raises, blinks and gestures that speech brings with it, each an event at a time of the stream."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._stresses = 0
        self._nods: list[tuple[float, float, float]] = []
        self._blinks: list[float] = []
        self._gestures: list[tuple[str, float, float]] = []

    def stress(self, at: float, weight: float) -> None:
        """Note a stressed vowel that begins at `at`; the seed says whether head and brows mark it."""
        self._stresses += 1
        nod, brow, size = draw_three(self._seed, 40, self._stresses)
        nods = NOD_RAD * (0.4 + 0.6 * size) * weight if nod < NODS else 0.0
        brows = 0.18 + 0.27 * size if brow < BROWS else 0.0
        if nods or brows:
            self._nods.append((at, nods, brows))

    def pause(self, start: float, end: float) -> None:
        """Note a pause of speech; a long one may begin with a blink."""
        if end - start >= PAUSE_S:
            drawn, _, _ = draw_three(self._seed, 41, round(start * 1000))
            if drawn < PAUSE_BLINKS:
                self._blinks.append(start)

    def gesture(self, name: str, at: float, intensity: float) -> None:
        """Begin a nod or a shake of the head; other gestures are not the face's."""
        if name in GESTURE_S:
            self._gestures.append((name, at, intensity))

    def forget(self, before: float) -> None:
        """Drop what ended `before`."""
        self._nods = [event for event in self._nods if event[0] + 1.0 > before]
        self._blinks = [start for start in self._blinks if start + 1.0 > before]
        self._gestures = [event for event in self._gestures if event[1] + 2.0 > before]

    def marks(self, times: Doubles) -> Floats:
        """Compute two rows at `times`: head pitch in radians (a nod is negative) and brow raise 0..1."""
        out = np.zeros((2, len(times)), np.float32)
        if self._nods:
            at, nods, brows = np.array(self._nods).T[:, :, None]
            bump = np.minimum(smooth((times - at + BEFORE_S) / 0.2), smooth((at + AFTER_S - times) / 0.24))
            out[0] = -np.minimum((nods * bump).sum(0), 1.5 * NOD_RAD)
            out[1] = (brows * bump).max(0)
        return out

    def lids(self, times: Doubles) -> Floats | None:
        """Compute how far the lids shut for the speech's own blinks, None when there are none."""
        if not self._blinks:
            return None
        return np.asarray(blink(times - np.array(self._blinks)[:, None]).max(0), np.float32)

    def head(self, times: Doubles) -> Floats | None:
        """Compute yaw and pitch in radians of gestures, None when there are none."""
        if not self._gestures:
            return None
        out = np.zeros((2, len(times)), np.float32)
        for name, at, intensity in self._gestures:
            part = np.clip((times - at) / GESTURE_S[name], 0.0, 1.0)
            swing = GESTURE_RAD[name] * intensity * np.sin(np.pi * part) * np.sin(4 * np.pi * part)
            out[0 if name == "shake" else 1] += (swing if name == "shake" else -swing).astype(np.float32)
        return out
