"""Cuts an utterance into frames: mel energies, cepstra, and the pitch of the voice.

Cepstra: Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition" (1980).
Pitch: the highest peak of the autocorrelation, over that of the window itself, as in Boersma, "Accurate short-term
analysis of the fundamental frequency" (1993). What sounds all along, such as a fan, is taken off each mel band.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engines.api import MIC_RATE

Floats = np.ndarray[Any, np.dtype[np.float32]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

LONGEST: Final = 10 * MIC_RATE  # samples that are looked at; what comes after them tells little more
STEP: Final = MIC_RATE // 100
WINDOW: Final = MIC_RATE // 40
SIZE: Final = 512  # of the transform
MELS: Final = 40
LOWEST, HIGHEST = 60.0, 7600.0  # Hz, of the mel bands
CEPSTRA: Final = 24
RANGE: Final = 35.0  # decibels below the loudest frames in which a frame may be speech ...
ABOVE: Final = 6.0  # ... and decibels that it must be above what sounds all along
STEADY: Final = 10  # per cent of the frames that are taken for what sounds all along
PITCH_WINDOW: Final = MIC_RATE // 20
PITCH_SIZE: Final = 2048
PITCH: Final = (65.0, 400.0)  # Hz
VOICED: Final = 0.5  # of a frame's energy that comes again after one period


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of an utterance in which somebody speaks, STEP apart: a row each.

    `cepstra` is frames x CEPSTRA without the loudness, `pitch` in Hz, 0 where the frame is not voiced.
    """

    cepstra: Floats
    pitch: Floats

    @property
    def seconds(self) -> float:
        """Return how long is spoken."""
        return float(len(self.pitch) * STEP / MIC_RATE)

    @property
    def voiced(self) -> Mask:
        """Return in which frames the voice has a pitch."""
        return self.pitch > 0


def frames(pcm: bytes) -> Frames:
    """Return the frames of speech in `pcm`, s16le at MIC_RATE, of which the first LONGEST samples are looked at."""
    heard = np.frombuffer(pcm[: 2 * LONGEST], "<i2").astype(np.float32) / np.float32(32768)
    if len(heard) < PITCH_WINDOW:
        return Frames(np.zeros((0, CEPSTRA), np.float32), np.zeros(0, np.float32))
    heard = heard - heard.mean()
    count = 1 + (len(heard) - PITCH_WINDOW) // STEP
    centred = np.lib.stride_tricks.sliding_window_view(heard, PITCH_WINDOW)[: count * STEP : STEP]
    edge = (PITCH_WINDOW - WINDOW) // 2
    spectrum = np.fft.rfft(centred[:, edge : edge + WINDOW] * _HANN, SIZE, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    mels = power @ _MELS
    steady = np.percentile(mels, STEADY, axis=0)
    level = 10 * np.log10(mels.sum(axis=1) + 1e-9)
    speech = (level > level.max() - RANGE) & (level > 10 * np.log10(steady.sum() + 1e-9) + ABOVE)
    clean = np.maximum(mels - 1.5 * steady, 0.05 * mels)[speech]
    cepstra = np.log(clean + np.float32(1e-8)) @ _COSINES
    return Frames(cepstra[:, 1:].astype(np.float32), _pitch(centred[speech]))


def _pitch(windows: Floats) -> Floats:
    """Return the pitch of each window in Hz, 0 where it has none."""
    if not len(windows):
        return np.zeros(0, np.float32)
    spectrum = np.fft.rfft((windows - windows.mean(axis=1, keepdims=True)) * _PITCH_HANN, PITCH_SIZE, axis=1)
    again = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, axis=1)[:, : len(_ITSELF)]
    again = again / np.maximum(again[:, :1], 1e-9) / _ITSELF
    short, long = round(MIC_RATE / PITCH[1]), round(MIC_RATE / PITCH[0])
    shown = again[:, short : long + 1]
    # A little less for long periods, else two periods pass for one.
    weighted = shown - 0.1 * np.log2(np.arange(short, long + 1) / short)[None] / 4
    best = weighted.argmax(axis=1)
    inside = (best > 0) & (best < shown.shape[1] - 1)
    strong = np.take_along_axis(shown, best[:, None], axis=1)[:, 0] > VOICED
    found: Floats = np.where(strong & inside, MIC_RATE / (best + short), 0).astype(np.float32)
    return found


def _filters() -> Floats:
    """Return the triangles of the mel scale, bins x MELS."""
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (LOWEST, HIGHEST))
    corners = 700 * (10 ** (np.linspace(low, high, MELS + 2) / 2595) - 1)
    bins = np.linspace(0, MIC_RATE / 2, SIZE // 2 + 1)[:, None]
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    shape: Floats = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return shape


def _cosines() -> Floats:
    """Return the cosine transform, MELS x (CEPSTRA + 1)."""
    angles = np.pi * (np.arange(MELS)[:, None] + 0.5) * np.arange(CEPSTRA + 1)[None] / MELS
    matrix: Floats = (np.cos(angles) * np.sqrt(2 / MELS)).astype(np.float32)
    return matrix


def _of_itself() -> Floats:
    """Return the autocorrelation of the pitch window, over that without delay."""
    own = np.fft.rfft(_PITCH_HANN, PITCH_SIZE)
    again = np.fft.irfft(own.real**2 + own.imag**2)[: round(MIC_RATE / PITCH[0]) + 2]
    kept: Floats = np.maximum(again / again[0], 0.05).astype(np.float32)
    return kept


_MELS: Final = _filters()
_COSINES: Final = _cosines()
_HANN: Final = np.hanning(WINDOW).astype(np.float32)
_PITCH_HANN: Final = np.hanning(PITCH_WINDOW).astype(np.float32)
_ITSELF: Final = _of_itself()
