"""Measures loudness as ITU-R BS.1770-4 has it and brings speech to one level, as EBU R 128 asks, without clipping.

Own code because pyloudnorm needs SciPy and measures no true peak. The two filters stand in the standard for 48 kHz, so
that sound of another rate is resampled first.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

RATE: Final = 48_000
TARGET: Final = -23.0  # LUFS, EBU R 128
PEAK: Final = -1.0  # dBTP
BLOCK, STEP = 0.4, 0.1  # seconds
ABSOLUTE: Final = -70.0  # LUFS below which a block is silence
RELATIVE: Final = -10.0  # LU below the mean at which a block is a pause
SILENT: Final = float("-inf")
# b and a of the head's shelf and of the high-pass, BS.1770-4 annex 1, tables 1 and 2.
SHELF: Final = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285),
    (1.0, -1.69065929318241, 0.73248077421585),
)
PASS: Final = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
TAIL: Final = RATE  # samples in which the filters have died away


def loudness(samples: Floats, rate: int) -> float:
    """Return the integrated loudness of one channel (full scale 1.0) in LUFS, -inf for silence or less than 0.4 s."""
    weighted = _weighted(_resampled(samples, rate, RATE))
    size, step = round(BLOCK * RATE), round(STEP * RATE)
    if len(weighted) < size:
        return SILENT
    sums = np.concatenate(([0.0], np.cumsum(weighted**2)))
    starts = np.arange(0, len(weighted) - size + 1, step)
    power = (sums[starts + size] - sums[starts]) / size
    heard = power[_lufs(power) > ABSOLUTE]
    if not len(heard):
        return SILENT
    kept = heard[_lufs(heard) > float(_lufs(heard.mean(keepdims=True))[0]) + RELATIVE]
    return float(_lufs(kept.mean(keepdims=True))[0])


def true_peak(samples: Floats, rate: int) -> float:
    """Return the highest level between the samples too, in dBTP: looked for at four times 48 kHz."""
    if not len(samples):
        return SILENT
    peak = float(np.abs(_resampled(samples, rate, 4 * RATE)).max(initial=float(np.abs(samples).max())))
    return 20 * float(np.log10(peak)) if peak > 0 else SILENT


def normalised(samples: Floats, rate: int, *, target: float = TARGET, peak: float = PEAK) -> tuple[Floats, float]:
    """Return the samples at `target` LUFS, or as near as `peak` dBTP allows, and the gain in dB; silence as it is."""
    level = loudness(samples, rate)
    if level == SILENT:
        return samples, 0.0
    gain = min(target - level, peak - true_peak(samples, rate))
    return samples * 10 ** (gain / 20), gain


def _lufs(power: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10 * np.log10(power))


def _weighted(samples: Floats) -> Floats:
    """Filter by both responses at once, in the frequency domain; the padding keeps the end from reaching the start."""
    size = len(samples) + TAIL
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    response = np.ones_like(delay)
    for over, under in (SHELF, PASS):
        response *= np.polyval(over[::-1], delay) / np.polyval(under[::-1], delay)
    return np.asarray(np.fft.irfft(np.fft.rfft(samples, size) * response, size)[: len(samples)])


def _resampled(samples: Floats, rate: int, wanted: int) -> Floats:
    if rate == wanted or not len(samples):
        return np.asarray(samples, dtype=np.float64)
    import soxr

    return np.asarray(soxr.resample(np.asarray(samples, dtype=np.float64), rate, wanted, quality="VHQ"))
