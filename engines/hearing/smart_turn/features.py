"""Turns sound into what Whisper's encoder reads: log-mel energies of 25 ms windows, 10 ms apart.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022), section 2.2, with the mel
scale of Slaney's Auditory Toolbox. The sound stands at the end of the window, after silence, at unit variance.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float32]]

RATE: Final = 16_000
SECONDS: Final = 8
SAMPLES: Final = SECONDS * RATE
WINDOW: Final = 400  # samples
STEP: Final = 160
MELS: Final = 80
FRAMES: Final = SAMPLES // STEP
RANGE: Final = 8.0  # decades below the loudest that count
KNEE: Final = 1000.0  # Hz; below it the scale is linear, above it logarithmic


def features(sound: bytes) -> Floats:
    """Return the features, MELS x FRAMES, of the last SECONDS of `sound` (s16le at RATE)."""
    heard = np.frombuffer(sound[-2 * SAMPLES :], "<i2").astype(np.float32) / np.float32(32768)
    padded = np.zeros(SAMPLES, np.float32)
    if heard.size:
        padded[SAMPLES - heard.size :] = heard
    padded -= padded.mean()
    padded /= np.sqrt(padded.var() + np.float32(1e-7))
    framed = np.lib.stride_tricks.sliding_window_view(np.pad(padded, WINDOW // 2, mode="reflect"), WINDOW)
    # The silence before the sound is the same in each of its windows.
    same = max(0, (SAMPLES - heard.size - WINDOW // 2) // STEP)
    spectrum = np.fft.rfft(framed[same * STEP : FRAMES * STEP : STEP] * _HANN, axis=1)
    energy = np.empty((MELS, FRAMES), np.float32)
    energy[:, same:] = _MELS @ (spectrum.real**2 + spectrum.imag**2).astype(np.float32).T
    energy[:, :same] = energy[:, same : same + 1]
    decades = np.log10(np.maximum(energy, np.float32(1e-10)))
    decades = np.maximum(decades, decades.max() - np.float32(RANGE))
    scaled: Floats = ((decades + 4) / 4).astype(np.float32)
    return scaled


def _filters() -> Floats:
    """Return the triangles of the mel scale, MELS x (WINDOW / 2 + 1), each of the same area."""
    bins = np.linspace(0, RATE / 2, WINDOW // 2 + 1)
    octave = 27 / np.log(6.4)  # mels of a factor of e above the knee
    top = 15 + np.log(RATE / 2 / KNEE) * octave
    mels = np.linspace(0, top, MELS + 2)
    corners = np.where(mels < 15, mels * KNEE / 15, KNEE * np.exp((mels - 15) / octave))
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
    shape: Floats = (np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)).astype(np.float32)
    return shape


_MELS: Final = _filters()
_HANN: Final = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
