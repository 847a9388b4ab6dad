"""Log mel energies as Kaldi computes them, which nets for speaker embeddings read: 80 bands, 25 ms, 10 ms apart.

Povey, Ghoshal and others, "The Kaldi speech recognition toolkit" (2011), `compute-fbank-feats` with its defaults but
without dither: no mean of a window, pre-emphasis 0.97, Povey's window, whole windows only. The mean over the utterance
is taken off each band.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from engines.api import MIC_RATE

Floats = np.ndarray[Any, np.dtype[np.float32]]

BANDS: Final = 80
WINDOW: Final = 400
STEP: Final = 160
SIZE: Final = 512
LOWEST: Final = 20.0  # Hz
EMPHASIS: Final = 0.97
LEAST: Final = 1.1920929e-07  # energy


def fbank(pcm: bytes) -> Floats:
    """Return the energies, frames x BANDS, of s16le at MIC_RATE; no frame for less than a window."""
    heard = np.frombuffer(pcm, "<i2").astype(np.float32)
    if len(heard) < WINDOW:
        return np.zeros((0, BANDS), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(heard, WINDOW)[::STEP]
    windows = windows - windows.mean(axis=1, keepdims=True)
    before = np.concatenate([windows[:, :1], windows[:, :-1]], axis=1)
    spectrum = np.fft.rfft((windows - np.float32(EMPHASIS) * before) * _POVEY, SIZE, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    energies = np.log(np.maximum(power[:, :-1] @ _MELS, np.float32(LEAST)))
    level: Floats = (energies - energies.mean(axis=0)).astype(np.float32)
    return level


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log(1 + hertz / 700.0)


def _filters() -> Floats:
    """Return the triangles, straight in mels, (SIZE / 2) x BANDS."""
    corners = np.linspace(_mel(LOWEST), _mel(MIC_RATE / 2), BANDS + 2)
    bins = _mel(np.arange(SIZE // 2) * MIC_RATE / SIZE)[:, None]
    rising = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    shape: Floats = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return shape


_MELS: Final = _filters()
_POVEY: Final = ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / (WINDOW - 1))) ** 0.85).astype(np.float32)
