"""Made-up voices for tests: vowels and hisses of a throat of some size and pitch, without a synthesizer.

Source and filter, after Klatt, "Software for a cascade/parallel formant synthesizer" (1980), cut down to harmonics
under the resonances of vowels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.api import MIC_RATE

VOWELS: Final = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))  # Hz
SOUND_S: Final = 0.14  # of a vowel
HISS_EVERY: Final = 4  # sounds, of which one is a hiss


@dataclass(frozen=True, slots=True)
class Talker:
    """A voice: its pitch in Hz, how small its throat is (1: a man's), and how steeply it falls, dB per octave."""

    pitch: float
    throat: float = 1.0
    fall: float = 9.0

    def says(self, seconds: float, seed: int = 0, *, loud: int = 12_000) -> bytes:
        """Return some speech of this length, s16le at MIC_RATE; another seed says something else.

        Its highest sample is `loud`.
        """
        dice = np.random.default_rng(seed)
        count = round(seconds * MIC_RATE)
        at = np.arange(count) / MIC_RATE
        sounds = int(seconds / SOUND_S) + 2
        marks = np.arange(sounds) * SOUND_S
        vowels = np.array(VOWELS)[dice.integers(len(VOWELS), size=sounds)] * self.throat
        formants = [np.interp(at, marks, vowels[:, n]) for n in range(3)]
        bend = np.interp(at, marks, dice.normal(0, 0.06, sounds))
        pitch = self.pitch * np.exp(bend - 0.05 * at / max(seconds, 0.1))
        phase = 2 * np.pi * np.cumsum(pitch) / MIC_RATE
        sound = np.zeros(count)
        for harmonic in range(1, int(7000 / self.pitch)):
            hertz = harmonic * pitch
            shape = sum(1 / (1 + ((hertz - each) / (60 + each * 0.06)) ** 2) for each in formants) + 0.01
            sound += shape * 10 ** (-self.fall * np.log2(harmonic) / 20) * np.sin(harmonic * phase)
        hissing = (np.floor(at / SOUND_S) % HISS_EVERY == HISS_EVERY - 1) & (at % SOUND_S < 0.08)
        hiss = np.diff(dice.standard_normal(count + 1))
        sound = np.where(hissing, 0.3 * hiss, sound) + 0.002 * dice.standard_normal(count)
        high = max(1e-9, float(sound.max()))
        pcm: bytes = np.clip(np.rint(sound / high * loud), -32768, 32767).astype("<i2").tobytes()
        return pcm


ADA: Final = Talker(210, 1.17, 8)
BEN: Final = Talker(105, 0.97, 10)
CLEO: Final = Talker(260, 1.25, 12)
DAN: Final = Talker(140, 1.03, 6)
