"""WAV files as people have them."""

from __future__ import annotations

import contextlib
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talk import wav

TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)


def riff(
    kind: int, bits: int, body: bytes, *, channels: int = 1, rate: int = 16_000, extensible: bool = False
) -> bytes:
    align = channels * bits // 8
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else kind, channels, rate, rate * align, align, bits)
    if extensible:
        form += struct.pack("<HHIH", 22, bits, 0, kind) + bytes(14)
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"fmt " + struct.pack("<I", len(form)) + form
    return b"RIFF" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + chunks + b"data" + struct.pack("<I", 0xFFFFFFFF) + body


def encoded(kind: int, bits: int) -> bytes:
    match kind, bits:
        case 1, 8:
            return np.rint(TONE * 127 + 128).astype(np.uint8).tobytes()
        case 1, 24:
            wide = np.rint(TONE * (2**23 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)
            return wide[:, :3].tobytes()
        case 3, _:
            return TONE.astype(f"<f{bits // 8}").tobytes()
        case _:
            return np.rint(TONE * (2 ** (bits - 1) - 1)).astype(f"<i{bits // 8}").tobytes()


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(("kind", "bits"), [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)])
def test_every_encoding_gives_the_same_sound(tmp_path: Path, kind: int, bits: int, extensible: bool) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(riff(kind, bits, encoded(kind, bits), extensible=extensible))
    pcm = np.frombuffer(wav.read(path, rate=16_000), "<i2") / 2**15
    assert len(pcm) == 16_000
    assert np.abs(pcm - TONE).max() < (0.01 if bits == 8 else 0.0002)


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_and_channels_become_the_microphones(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "tone.wav"
    tone = np.rint(16_000 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype("<i2")
    both = np.stack([tone, np.zeros_like(tone)], axis=1).tobytes()
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, rate, 0, "NONE", ""))
        file.writeframes(both)
    pcm = np.frombuffer(wav.read(path, rate=16_000), "<i2").astype(float)
    assert abs(len(pcm) - 16_000) <= 1
    spectrum = np.abs(np.fft.rfft(pcm[:16_000]))
    assert int(spectrum.argmax()) == pytest.approx(440, abs=1)
    assert np.abs(pcm[2000:14_000]).max() == pytest.approx(8000, rel=0.02)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    pcm = np.arange(-3000, 3000, dtype="<i2").tobytes()
    wav.write(tmp_path / "out.wav", pcm, rate=24_000)
    assert wav.read(tmp_path / "out.wav", rate=24_000) == pcm


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "does not begin with RIFF"),
        (b"ID3 this is an mp3, honest", "does not begin with RIFF"),
        (riff(1, 16, b"")[:-8], "holds no sound"),
        (riff(1, 16, b""), "holds no sound"),
        (riff(1, 16, b"\0\0", channels=0), "0 channels"),
        (riff(1, 16, b"\0\0", rate=3), "3 Hz"),
        (riff(17, 4, bytes(64)), "format 17"),
        (riff(1, 12, bytes(64)), "12 bits"),
        (riff(1, 8, bytes(3_601_000), rate=1000), "longer than 60 minutes"),
        (riff(3, 32, struct.pack("<f", float("nan"))), "not numbers"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(data)
    with pytest.raises(wav.Unreadable, match=why) as caught:
        wav.read(path, rate=16_000)
    assert str(path) in str(caught.value)


def test_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(wav.Unreadable, match="No such file"):
        wav.read(tmp_path / "nothing.wav", rate=16_000)
    with pytest.raises(wav.Unreadable, match="cannot read"):
        wav.read(tmp_path, rate=16_000)


@given(cut=st.integers(0, 120), at=st.integers(0, 60), value=st.integers(0, 255))
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, cut: int, at: int, value: int
) -> None:
    data = bytearray(riff(1, 16, bytes(range(64)), extensible=True))
    data[at] = value
    path = tmp_path_factory.mktemp("wav") / "damaged.wav"
    path.write_bytes(data[: len(data) - cut])
    with contextlib.suppress(wav.Unreadable):
        assert len(wav.read(path, rate=16_000)) % 2 == 0
