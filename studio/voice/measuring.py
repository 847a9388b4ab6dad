"""Measures how a voice sounds: its pitch, how far that moves, how bright it is, and how fast it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

LOW, HIGH = 55.0, 500.0  # Hz between which a voice's fundamental lies
WINDOW, STEP = 0.046, 0.010  # seconds
VOICED: Final = 0.55  # normalised autocorrelation from which a window is voiced
NEARLY: Final = 0.92  # share of the best peak that an earlier one needs to be the period
LOUD: Final = 0.05  # share of the loudest window's level below which a window is a pause


@dataclass(frozen=True, slots=True)
class Measure:
    """One voice: median pitch in Hz (0: none), its spread in semitones, spectral centroid in Hz, words a second."""

    pitch: float
    spread: float
    centroid: float
    rate: float


def measured(samples: Floats, rate: int, words: int) -> Measure:
    """Measure a recording of `words` words, one channel, full scale 1.0."""
    windows = _windows(samples, rate)
    if not len(windows):
        return Measure(0.0, 0.0, 0.0, 0.0)
    level = np.sqrt((windows**2).mean(axis=1))
    spoken = windows[level > LOUD * level.max()] if level.max() > 0 else windows[:0]
    pitches = np.array([pitch for window in spoken if (pitch := _pitch(window, rate))])
    spread = float(np.subtract(*np.percentile(12 * np.log2(pitches), (90, 10)))) if len(pitches) > 4 else 0.0
    seconds = len(spoken) * STEP
    return Measure(
        pitch=float(np.median(pitches)) if len(pitches) else 0.0,
        spread=spread,
        centroid=_centroid(spoken, rate),
        rate=words / seconds if seconds else 0.0,
    )


def apart(one: Measure, other: Measure) -> float:
    """Return how different two voices sound: the sum of their differences in steps that people just notice.

    A step is two semitones of pitch, a quarter of the spread's, a tenth of the centroid's, or a tenth of the rate.
    """
    pitch = abs(12 * np.log2(max(one.pitch, 1.0) / max(other.pitch, 1.0))) / 2
    spread = abs(np.log((one.spread + 1) / (other.spread + 1))) / np.log(1.25)
    centroid = abs(np.log(max(one.centroid, 1.0) / max(other.centroid, 1.0))) / np.log(1.1)
    rate = abs(np.log(max(one.rate, 0.1) / max(other.rate, 0.1))) / np.log(1.1)
    return float(pitch + spread + centroid + rate)


def _windows(samples: Floats, rate: int) -> Floats:
    size, step = round(WINDOW * rate), round(STEP * rate)
    if len(samples) < size:
        return np.zeros((0, size))
    return np.lib.stride_tricks.sliding_window_view(np.asarray(samples, dtype=np.float64), size)[::step]


def _pitch(window: Floats, rate: int) -> float:
    """Return the fundamental of a window in Hz by its autocorrelation, 0.0 for one without a voice.

    The earliest high peak is the period: later ones are its multiples (Boersma 1993, without the interpolation).
    """
    size = len(window)
    shaped = (window - window.mean()) * np.hanning(size)
    spectrum = np.abs(np.fft.rfft(shaped, 2 * size)) ** 2
    taper = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), 2 * size)) ** 2)[:size]
    own = np.fft.irfft(spectrum)[:size]
    if own[0] <= 0:
        return 0.0
    first, last = int(rate / HIGH), min(int(rate / LOW), size * 3 // 4)
    curve = (own / own[0]) / np.maximum(taper / taper[0], 0.05)
    part = curve[first:last]
    best = float(part.max(initial=0.0))
    if best < VOICED:
        return 0.0
    peaks = np.flatnonzero((part[1:-1] >= part[:-2]) & (part[1:-1] > part[2:]) & (part[1:-1] >= NEARLY * best)) + 1
    return rate / (first + int(peaks[0])) if len(peaks) else 0.0


def _centroid(windows: Floats, rate: int) -> float:
    if not len(windows):
        return 0.0
    power = (np.abs(np.fft.rfft(windows * np.hanning(windows.shape[1]))) ** 2).mean(axis=0)
    frequencies = np.fft.rfftfreq(windows.shape[1], 1 / rate)
    return float((power * frequencies).sum() / max(power.sum(), 1e-12))
