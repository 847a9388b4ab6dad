"""Tells, one utterance after the other, whose voice it is: one that was heard before, a new one, or not told. Pure.

Every voice of a session is the sum of what the room adds to all and of what is its own; both are Gaussian, and so is
the utterance around its voice (`Space`). How likely an utterance is by each known voice and by one that was never heard
follows in closed form; a new voice is expected as in a Chinese restaurant (Aldous, 1985).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.hearing.apart.described import Doubles, Sample, Space

SURE: Final = 0.9  # probability from which on a voice is named
NEW_S: Final = 1.5  # seconds of speech that a new voice takes
FARTHEST: Final = 4.0  # deviations that one direction may count for: sounds are not quite Gaussian
EXPECTED: Final = 1.0  # new voices that are expected, as if so many utterances of nobody had been heard


@dataclass(slots=True)
class _Voice:
    """What was heard of one voice: the weighted mean of its utterances, and their weight."""

    mean: Doubles
    weight: float
    count: int


class Voices:
    """The voices of one session, at most `most`, numbered from 1 in the order in which they were first heard."""

    def __init__(self, space: Space, *, most: int) -> None:
        self._space = space
        self._most = most
        self._voices: list[_Voice] = []

    def __len__(self) -> int:
        """Count the voices that were heard."""
        return len(self._voices)

    def who(self, sample: Sample) -> int:
        """Return whose voice it is, and learn from it; 0 where that cannot be told."""
        spread = self._space.spread(sample.seconds)
        chances = self._chances(sample.point, spread)
        best = int(np.argmax(chances))
        if chances[best] < SURE:
            return 0
        if best == len(self._voices):
            if sample.seconds < NEW_S or len(self._voices) >= self._most:
                return 0
            self._voices.append(_Voice(sample.point.copy(), 1 / spread, 1))
            return best + 1
        voice = self._voices[best]
        weight = voice.weight + 1 / spread
        voice.mean += (sample.point - voice.mean) / spread / weight
        voice.weight, voice.count = weight, voice.count + 1
        return best + 1

    def _chances(self, point: Doubles, spread: float) -> Doubles:
        """Return the probability of each known voice and, last, of a new one."""
        space = self._space
        # What each voice says of the room: its mean, this far off.
        off = [space.between + 1 / voice.weight for voice in self._voices]
        trust = 1 / space.room + sum((1 / each for each in off), np.zeros_like(point))
        told = sum((v.mean / each for v, each in zip(self._voices, off, strict=True)), np.zeros_like(point))
        logs = []
        for voice, each in zip(self._voices, off, strict=True):
            others = trust - 1 / each
            expected, varies = (told - voice.mean / each) / others, 1 / others + space.between
            known = 1 / varies + voice.weight
            mean = (expected / varies + voice.mean * voice.weight) / known
            logs.append(space.belief * _log_normal(point, mean, 1 / known + spread) + np.log(voice.count))
        new = _log_normal(point, told / trust, 1 / trust + space.between + spread)
        logs.append(space.belief * new + np.log(EXPECTED))
        scores = np.array(logs)
        likely: Doubles = np.exp(scores - scores.max())
        likely /= likely.sum()
        return likely


def _log_normal(point: Doubles, mean: Doubles, variance: Doubles) -> float:
    off = np.minimum((point - mean) ** 2 / variance, FARTHEST**2)
    return float(-0.5 * (off + np.log(2 * np.pi * variance)).sum())
