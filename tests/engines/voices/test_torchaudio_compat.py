"""The stand-in for torchaudio: the numbers of the real one's definitions, put in place only where it is missing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, Literal

import numpy as np
import pytest

from tests.engines.voices.narrator import needs

needs("tts", "TTS")
torch = pytest.importorskip("torch", reason="the extra [tts] is not installed")
compat = pytest.importorskip("engines.voices.coqui.torchaudio_compat", reason="the extra [tts] is not installed")

pytestmark = pytest.mark.models


@pytest.mark.parametrize(("norm", "scale"), [("slaney", "htk"), (None, "htk"), ("slaney", "slaney"), (None, "slaney")])
def test_mel_filters_are_librosas(norm: Literal["slaney"] | None, scale: str) -> None:
    import librosa

    ours = compat.mel_filters(1025, 0.0, 8000.0, 80, 22_050, norm=norm, scale=scale)
    theirs = librosa.filters.mel(sr=22_050, n_fft=2048, n_mels=80, fmax=8000.0, htk=scale == "htk", norm=norm)
    assert np.abs(ours.numpy().T - theirs).max() < 1e-6


@pytest.mark.parametrize("options", [{}, {"win_length": 300, "hop_length": 100}, {"power": 1.0, "norm": "slaney"}])
def test_a_mel_spectrogram_is_librosas(options: dict[str, Any]) -> None:
    import librosa

    sound = np.random.default_rng(1).standard_normal(8000).astype(np.float32)
    ours = compat.MelSpectrogram(16_000, 512, n_mels=40, **options)(torch.from_numpy(sound)[None])
    window, hop = int(options.get("win_length", 512)), int(options.get("hop_length", 256))
    theirs = librosa.feature.melspectrogram(
        y=sound, sr=16_000, n_fft=512, win_length=window, hop_length=hop, n_mels=40, htk=True, pad_mode="reflect",
        power=float(options.get("power", 2.0)), norm=options.get("norm"),
    )  # fmt: skip
    assert ours.shape == (1, *theirs.shape)
    assert np.abs(ours[0].numpy() - theirs).max() < 1e-3 * theirs.max()


def test_its_buffers_have_the_names_that_checkpoints_hold() -> None:
    assert set(compat.MelSpectrogram().state_dict()) == {"spectrogram.window", "mel_scale.fb"}


def test_resampling_keeps_a_tone_and_the_length() -> None:
    time = torch.arange(22_050) / 22_050
    tone = torch.sin(2 * torch.pi * 440 * time).repeat(2, 3, 1)
    out = compat.Resample(22_050, 16_000)(tone)
    assert out.shape == (2, 3, 16_000)
    expected = torch.sin(2 * torch.pi * 440 * torch.arange(16_000) / 16_000)
    assert (out[1, 2, 1000:-1000] - expected[1000:-1000]).abs().max() < 1e-3
    assert compat.resample(tone, 8000, 8000) is tone


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


BROKEN = """
import importlib.abc, sys
class Broken(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torchaudio", "torchcodec"):
            raise OSError("libcudart.so.13: cannot open shared object file")
sys.meta_path.insert(0, Broken())
"""


def test_where_the_real_one_cannot_load_coqui_imports_all_the_same() -> None:
    code = BROKEN + (
        "from engines.voices.coqui import torchaudio_compat as c\n"
        "print(c.install(), c.install())\n"
        "import torchaudio, TTS\n"
        "from TTS.tts.models.vits import Vits\n"
        "print(torchaudio.transforms.MelSpectrogram is c.MelSpectrogram)\n"
    )
    assert run(code).split() == ["True", "True", "True"]


def test_where_the_real_one_loads_it_stays() -> None:
    code = (
        "import sys, types\n"
        "for name in ('torchaudio', 'torchcodec'): sys.modules[name] = types.ModuleType(name)\n"
        "from engines.voices.coqui import torchaudio_compat as c\n"
        "print(c.install(), hasattr(sys.modules['torchaudio'], 'transforms'))\n"
    )
    assert run(code).split() == ["False", "False"]
