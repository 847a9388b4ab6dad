"""The few functions of torchaudio that Coqui's VITS and XTTS call, for machines where torchaudio cannot be loaded.

`install` puts modules named torchaudio and torchcodec in place only if importing the real ones fails; Coqui looks both
up by name. Mel spectrograms and resampling follow torchaudio's definitions (HTK and Slaney mel scales); the buffers of
`MelSpectrogram` carry its names, because checkpoints hold them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Literal

import numpy as np
import soxr
import torch

from engines.sound.audio import resampled_length

Window = Callable[[int], torch.Tensor]


def install() -> bool:
    """Make `import torchaudio` and the look-up of torchcodec work; True when a stand-in was needed for either."""
    return any([_stand_in("torchaudio", _torchaudio), _stand_in("torchcodec", ModuleType)])


def _stand_in(name: str, make: Callable[[str], ModuleType]) -> bool:
    if name in sys.modules:
        return isinstance(getattr(sys.modules[name], "__spec__", None), _StandIn)
    try:
        importlib.import_module(name)
    except (ImportError, OSError, RuntimeError):
        # A failed import may leave parts behind; none of them can be used. Other engines may be importing meanwhile.
        for part in [part for part in tuple(sys.modules) if part.split(".")[0] == name]:
            del sys.modules[part]
        module = make(name)
        module.__spec__ = _StandIn(name, None)
        module.__path__ = []
        sys.modules[name] = module
        return True
    return False


class _StandIn(ModuleSpec):
    """Marks the modules made here."""


def _torchaudio(name: str) -> ModuleType:
    package = ModuleType(name)
    members: dict[str, dict[str, Any]] = {
        "functional": {"resample": resample},
        "transforms": {"MelSpectrogram": MelSpectrogram, "Resample": Resample},
    }
    for part, values in members.items():
        module = ModuleType(f"{name}.{part}")
        module.__spec__ = _StandIn(module.__name__, None)
        vars(module).update(values)
        sys.modules[module.__name__] = module
        setattr(package, part, module)
    vars(package).update(load=load, __version__="0")
    return package


def resample(waveform: torch.Tensor, orig_freq: int, new_freq: int, **_: object) -> torch.Tensor:
    """Resample the last axis to ceil(samples * new / orig) samples at `new_freq`, band-limited (soxr HQ)."""
    if orig_freq == new_freq:
        return waveform
    rows = waveform.detach().cpu().to(torch.float32).numpy().reshape(-1, waveform.shape[-1])
    length = resampled_length(waveform.shape[-1], int(orig_freq), int(new_freq))
    out = np.zeros((len(rows), length), np.float32)
    for row, made in zip(rows, out, strict=True):
        sound = soxr.resample(np.ascontiguousarray(row), orig_freq, new_freq)[:length]
        made[: len(sound)] = sound
    shaped = torch.from_numpy(out).reshape(*waveform.shape[:-1], length)
    return shaped.to(device=waveform.device, dtype=waveform.dtype)


class Resample(torch.nn.Module):
    """`resample` as a module."""

    def __init__(self, orig_freq: int = 16_000, new_freq: int = 16_000, **_: object) -> None:
        super().__init__()
        self.orig_freq = orig_freq
        self.new_freq = new_freq

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """The waveform at `new_freq`."""
        return resample(waveform, self.orig_freq, self.new_freq)


class MelSpectrogram(torch.nn.Module):
    """Waveforms (..., time) as mel spectrograms (..., n_mels, frames): frames centred, edges reflected."""

    def __init__(
        self,
        sample_rate: int = 16_000,
        n_fft: int = 400,
        win_length: int | None = None,
        hop_length: int | None = None,
        f_min: float = 0.0,
        f_max: float | None = None,
        n_mels: int = 128,
        window_fn: Window = torch.hann_window,
        power: float = 2.0,
        normalized: bool = False,
        norm: Literal["slaney"] | None = None,
        mel_scale: Literal["htk", "slaney"] = "htk",
        **_: object,
    ) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.win_length = win_length or n_fft
        self.hop_length = hop_length or self.win_length // 2
        self.power = power
        self.normalized = normalized
        self.spectrogram = torch.nn.Module()
        self.spectrogram.register_buffer("window", window_fn(self.win_length))
        self.mel_scale = torch.nn.Module()
        high = sample_rate / 2 if f_max is None else f_max
        banks = mel_filters(n_fft // 2 + 1, f_min, high, n_mels, sample_rate, norm=norm, scale=mel_scale)
        self.mel_scale.register_buffer("fb", banks)

    def forward(self, waveform: torch.Tensor) -> torch.Tensor:
        """Power (or magnitude) in each mel band."""
        window = self.spectrogram.get_buffer("window")
        flat = waveform.reshape(-1, waveform.shape[-1])
        spectrum = torch.stft(
            flat, self.n_fft, self.hop_length, self.win_length, window, pad_mode="reflect", return_complex=True
        )
        if self.normalized:
            spectrum = spectrum / window.square().sum().sqrt()
        mel = self.mel_scale.get_buffer("fb").T @ spectrum.abs().pow(self.power)
        return mel.reshape(*waveform.shape[:-1], *mel.shape[-2:])


def mel_filters(
    bins: int,
    low: float,
    high: float,
    bands: int,
    rate: int,
    *,
    norm: Literal["slaney"] | None = None,
    scale: Literal["htk", "slaney"] = "htk",
) -> torch.Tensor:
    """Make triangular filters, (bins, bands), from `low` to `high` Hz; "slaney" norm gives each the same area."""
    edges = np.linspace(_to_mel(low, scale), _to_mel(high, scale), bands + 2)
    hertz = np.array([_to_hertz(mel, scale) for mel in edges])
    at = np.linspace(0.0, rate / 2, bins)[:, None]
    rising = (at - hertz[:-2]) / np.diff(hertz)[:-1]
    falling = (hertz[2:] - at) / np.diff(hertz)[1:]
    filters = np.maximum(0.0, np.minimum(rising, falling))
    if norm == "slaney":
        filters *= 2.0 / (hertz[2:] - hertz[:-2])
    return torch.from_numpy(filters.astype(np.float32))


# Slaney's scale (Auditory Toolbox): linear to 1 kHz, logarithmic above.
_STEP, _KNEE, _LOG_STEP = 200.0 / 3, 1000.0, float(np.log(6.4)) / 27.0


def _to_mel(hertz: float, scale: Literal["htk", "slaney"]) -> float:
    if scale == "htk":
        return float(2595.0 * np.log10(1.0 + hertz / 700.0))
    linear = hertz / _STEP
    return linear if hertz < _KNEE else float(_KNEE / _STEP + np.log(hertz / _KNEE) / _LOG_STEP)


def _to_hertz(mel: float, scale: Literal["htk", "slaney"]) -> float:
    if scale == "htk":
        return float(700.0 * (10.0 ** (mel / 2595.0) - 1.0))
    return _STEP * mel if mel < _KNEE / _STEP else float(_KNEE * np.exp(_LOG_STEP * (mel - _KNEE / _STEP)))


def load(path: Any, **_: object) -> tuple[torch.Tensor, int]:
    """Read a sound file as (channels, samples) float32 and its rate."""
    import soundfile

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return torch.from_numpy(np.ascontiguousarray(samples.T)), int(rate)
