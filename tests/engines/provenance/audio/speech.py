"""Sounds for the tests of the mark: like speech in what matters, its loudness and its colour, and made here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def speech(seconds: float, rate: int = 24_000, *, seed: int = 0, pitch: float = 130.0) -> NDArray[np.int16]:
    """Return syllables of a buzz through two moving resonances, with fricatives and pauses between them."""
    rng = np.random.default_rng(seed)
    count = round(seconds * rate)
    time = np.arange(count) / rate
    buzz = np.zeros(count)
    voice = pitch * (1 + 0.1 * np.sin(2 * np.pi * 0.9 * time + seed))
    phase = 2 * np.pi * np.cumsum(voice) / rate
    for number in range(1, int(0.45 * rate / pitch)):
        frequency = number * voice
        one, two = 500 + 300 * np.sin(2 * np.pi * 1.7 * time), 1700 + 700 * np.sin(2 * np.pi * 1.1 * time + 1)
        shape = np.exp(-(((frequency - one) / 250) ** 2)) + 0.4 * np.exp(-(((frequency - two) / 350) ** 2)) + 0.01
        buzz += shape * np.cos(number * phase)
    hiss = np.diff(rng.normal(size=count + 1))
    syllable = np.clip(np.sin(2 * np.pi * 3.1 * time + seed), 0, 1)
    fricative = np.clip(np.sin(2 * np.pi * 3.1 * time + seed + 2.6), 0.6, 1) - 0.6
    sound = buzz * syllable + 0.9 * hiss * fricative + 0.002 * rng.normal(size=count)
    made: NDArray[np.int16] = np.round(9000 * sound / np.abs(sound).max()).astype(np.int16)
    return made
