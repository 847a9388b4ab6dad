"""Varied copies of sounds: named pure functions of float32 samples in -1..1, mono, each with a chance of its own.

The libraries that do this need other versions of NumPy and librosa than what stands beside them here, so these are a
few formulas over NumPy, soxr and libsndfile.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final, TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

from training.errors import TrainingError

Sound: TypeAlias = NDArray[np.float32]
Change: TypeAlias = Callable[[Sound, int, np.random.Generator], Sound]

CODECS: Final = {"mp3": ("MP3", "MPEG_LAYER_III"), "opus": ("OGG", "OPUS"), "vorbis": ("OGG", "VORBIS")}
BAND: Final = (300.0, 3400.0)  # Hz, of a telephone


def noisy(sound: Sound, rate: int, chance: np.random.Generator, *, snr: float | None = None) -> Sound:
    """Add pink noise at `snr` dB below the sound (0 to 30 by chance)."""
    level = float(chance.uniform(0, 30)) if snr is None else snr
    spectrum = np.fft.rfft(chance.standard_normal(len(sound)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(sound))
    power, own = float(np.mean(sound.astype(np.float64) ** 2)), float(np.mean(noise**2)) or 1.0
    return _clipped(sound + noise * np.sqrt(power / own / 10 ** (level / 10)))


def in_a_room(sound: Sound, rate: int, chance: np.random.Generator, *, seconds: float | None = None) -> Sound:
    """Let it sound in a room that takes `seconds` to die away by 60 dB (0.2 to 0.8 by chance), after Polack (1988)."""
    time = float(chance.uniform(0.2, 0.8)) if seconds is None else seconds
    count = max(1, round(time * rate))
    fall = np.exp(-6.908 * np.arange(count) / count)
    answer = chance.standard_normal(count) * fall * 0.3 / np.sqrt(np.sum(fall**2))
    answer[0] = 1.0  # the sound itself
    size = 1 << (len(sound) + count - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(answer, size), size)[: len(sound)]
    return _clipped(wet * _level(sound) / max(_level(wet), 1e-9))


def faster(sound: Sound, rate: int, chance: np.random.Generator, *, factor: float | None = None) -> Sound:
    """Play it faster or slower, pitch and all (0.9 to 1.1 by chance); its length changes."""
    speed = float(chance.uniform(0.9, 1.1)) if factor is None else factor
    return _clipped(soxr.resample(sound, rate * speed, rate))


def telephone(sound: Sound, rate: int, chance: np.random.Generator) -> Sound:
    """Keep what a telephone lets through."""
    spectrum = np.fft.rfft(sound)
    tones = np.fft.rfftfreq(len(sound), 1 / rate)
    spectrum[(tones < BAND[0]) | (tones > BAND[1])] = 0
    return _clipped(np.fft.irfft(spectrum, len(sound)))


def coded(sound: Sound, rate: int, chance: np.random.Generator, *, codec: str = "") -> Sound:
    """Encode and decode it by one of CODECS, a chosen one or by chance; the length stays."""
    try:
        import soundfile
    except ImportError as error:
        raise TrainingError(
            "missing_package", "codecs need soundfile: pip install 'companion-bridge[train]'"
        ) from error
    files: Any = soundfile
    kind, subtype = CODECS[codec or str(chance.choice(sorted(CODECS)))]
    out = BytesIO()
    files.write(out, sound, rate, format=kind, subtype=subtype)
    out.seek(0)
    back, _ = files.read(out, dtype="float32")
    return _clipped(np.pad(back[: len(sound)], (0, max(0, len(sound) - len(back)))))


CHANGES: Final[dict[str, Change]] = {
    "noise": noisy, "room": in_a_room, "speed": faster, "telephone": telephone, "codec": coded,
}  # fmt: skip


def varied(sound: Sound, rate: int, name: str, seed: int) -> Sound:
    """Return the sound changed by name; the same seed gives the same. `bad_recipe` for a name that there is not."""
    if name not in CHANGES:
        raise TrainingError("bad_recipe", f"there is no change {name}; there are: {', '.join(CHANGES)}")
    if sound.ndim != 1 or not len(sound):
        raise TrainingError("bad_layout", "a sound must be mono, and not empty")
    return CHANGES[name](sound, rate, np.random.default_rng(seed))


def _level(sound: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(np.asarray(sound, np.float64) ** 2)))


def _clipped(sound: NDArray[Any]) -> Sound:
    clipped: Sound = np.clip(sound, -1.0, 1.0).astype(np.float32)
    return clipped
