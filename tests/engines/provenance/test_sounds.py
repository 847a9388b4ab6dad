"""Any sound file becomes samples, or a sentence says why not."""

from __future__ import annotations

import builtins
import io
import shutil
import subprocess
import wave

import numpy as np
import pytest

from engines.provenance import sounds
from engines.provenance.sounds import NoSound, decoded

TONE = (9000 * np.sin(np.arange(24_000) / 8)).astype("<i2")


def riff(channels: int = 1, width: int = 2) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((channels, width, 24_000, 0, "NONE", ""))
        file.writeframes(np.repeat(TONE, channels).tobytes() if width == 2 else bytes(24_000 * width))
    return out.getvalue()


def coded(*arguments: str) -> bytes:
    """The tone by ffmpeg."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("there is no ffmpeg here")
    command = ["ffmpeg", "-v", "error", "-f", "s16le", "-ar", "24000", "-ac", "1", "-i", "-", *arguments, "-"]
    return subprocess.run(command, input=TONE.tobytes(), capture_output=True, check=True).stdout


@pytest.mark.parametrize("channels", [1, 2])
def test_plain_wav_needs_nothing(channels: int) -> None:
    sound, rate = decoded(riff(channels))
    assert rate == 24_000
    assert sound.tolist() == TONE.tolist()


@pytest.mark.parametrize(
    "arguments", [("-f", "ogg", "-c:a", "libopus"), ("-f", "mp3"), ("-f", "wav", "-c:a", "pcm_f32le"), ("-f", "flac")]
)
@pytest.mark.parametrize("lacks", [(), ("av",), ("av", "soundfile")])
def test_other_kinds_are_decoded_by_what_is_there(
    arguments: tuple[str, ...], lacks: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, real = coded(*arguments), builtins.__import__

    def some(name: str, *rest: object, **more: object) -> object:
        if name in lacks:
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", some)
    sound, rate = decoded(data)
    assert len(sound) / rate == pytest.approx(1.0, abs=0.12)
    assert np.abs(sound).max() > 0


@pytest.mark.parametrize("data", [b"", b"no sound", b"RIFF\0\0\0\0WAVE", riff()[:44]])
def test_what_is_no_sound_says_so(data: bytes) -> None:
    with pytest.raises(NoSound):
        decoded(data)


def test_without_any_decoder_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "_by_av", lambda data: None)
    monkeypatch.setattr(sounds, "_by_soundfile", lambda data: None)
    monkeypatch.setattr(sounds, "which", lambda name: None)
    with pytest.raises(NoSound, match="ffmpeg"):
        decoded(b"OggS")
