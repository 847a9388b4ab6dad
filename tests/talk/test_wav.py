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
            return bytes(wide[:, :3].tobytes())
        case 3, _:
            return bytes(TONE.astype(f"<f{bits // 8}").tobytes())
        case _:
            return bytes(np.rint(TONE * (2 ** (bits - 1) - 1)).astype(f"<i{bits // 8}").tobytes())


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


# ------------------------------------------------------------------------------- files that other programs write


def level(path: Path, data: bytes) -> float:
    """How loud the file is, 1 for full scale."""
    path.write_bytes(data)
    pcm = np.frombuffer(wav.read(path, rate=16_000), "<i2") / 2**15
    return float(np.sqrt((pcm**2).mean()))


def chunk(name: bytes, body: bytes, *, size: int | None = None, pad: bool = True) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body + b"\0" * (pad and len(body) % 2)


def form(kind: int = 1, channels: int = 1, rate: int = 16_000, bits: int = 16, align: int | None = None) -> bytes:
    align = channels * bits // 8 if align is None else align
    return chunk(b"fmt ", struct.pack("<HHIIHH", kind, channels, rate, rate * align, align, bits))


def whole(*chunks: bytes, head: bytes = b"RIFF") -> bytes:
    body = b"".join(chunks)
    return head + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


SOUND = encoded(1, 16)
LOUDNESS = 0.5 / 2**0.5


@pytest.mark.parametrize(
    "data",
    [
        whole(form(), chunk(b"data", SOUND, size=0)),
        whole(form(), chunk(b"data", SOUND, size=0xFFFFFFFF)),
        whole(form(), chunk(b"data", SOUND, size=0x7FFFFFFF)),
        whole(chunk(b"odd ", b"abc"), form(), chunk(b"data", SOUND)),
        whole(chunk(b"odd ", b"abc", pad=False), form(), chunk(b"data", SOUND)),
        whole(form(), chunk(b"data", SOUND), chunk(b"LIST", b"x" * 4001)),
        whole(
            chunk(b"ds64", struct.pack("<QQQI", 0, len(SOUND), 16_000, 0)),
            form(),
            chunk(b"data", SOUND, size=0xFFFFFFFF),
            chunk(b"LIST", b"\x7f" * 9000),
            head=b"RF64",
        ),
        whole(form(), chunk(b"data", SOUND, size=0xFFFFFFFF), head=b"BW64"),
        whole(form(), chunk(b"data", SOUND))[:-1],
    ],
    ids=["0", "open", "huge", "padded", "unpadded", "trailer", "RF64", "BW64", "cut in a sample"],
)
def test_sizes_that_are_wrong_or_elsewhere(tmp_path: Path, data: bytes) -> None:
    assert level(tmp_path / "x.wav", data) == pytest.approx(LOUDNESS, rel=0.01)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (whole(form(), chunk(b"data", b"")), "holds no sound"),
        (whole(form(), chunk(b"data", b""), chunk(b"LIST", b"INFOxxxx")), "holds no sound"),
        (whole(chunk(b"data", SOUND), form()), "before its format"),
        (whole(chunk(b"fmt ", b"abc"), chunk(b"data", SOUND)), "cut off"),
        (whole(form(2, bits=4), chunk(b"data", SOUND)), "format 2"),
        (whole(form(85, bits=0), chunk(b"data", SOUND)), "format 85"),
    ],
)
def test_what_holds_nothing_says_so(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(wav.Unreadable, match=why):
        level(tmp_path / "x.wav", data)


def test_channels_that_cancel_each_other_are_not_averaged(tmp_path: Path) -> None:
    tone = np.frombuffer(SOUND, "<i2")
    for left, right, wanted in [
        (tone, -tone, LOUDNESS),
        (tone, np.rint(-0.95 * tone).astype("<i2"), LOUDNESS),
        (tone, tone, LOUDNESS),
        (tone, np.zeros_like(tone), LOUDNESS / 2),
        (np.zeros_like(tone), np.zeros_like(tone), 0.0),
    ]:
        stereo = np.stack([left, right], axis=1).astype("<i2").tobytes()
        assert level(tmp_path / "x.wav", whole(form(channels=2), chunk(b"data", stereo))) == pytest.approx(
            wanted, rel=0.01
        )


def test_samples_in_a_larger_container(tmp_path: Path) -> None:
    wide = np.rint(TONE * (2**31 - 1)).astype("<i4").tobytes()
    assert level(tmp_path / "x.wav", whole(form(bits=24, align=4), chunk(b"data", wide))) == pytest.approx(
        LOUDNESS, rel=0.01
    )


def test_192_khz_is_resampled(tmp_path: Path) -> None:
    tone = np.rint(16_000 * np.sin(2 * np.pi * 440 * np.arange(192_000) / 192_000)).astype("<i2").tobytes()
    assert level(tmp_path / "x.wav", whole(form(rate=192_000), chunk(b"data", tone))) == pytest.approx(0.345, rel=0.01)


# By ITU-T G.711: the ends of the scale, its middle, and one step of each segment.
A_LAW = {0x55: -8, 0xD5: 8, 0x2A: -32_256, 0xAA: 32_256, 0x45: -264, 0xC5: 264, 0x94: 2240, 0x80: 5504}
MU_LAW = {0xFF: 0, 0x7F: 0, 0x80: 32_124, 0x00: -32_124, 0xFE: 8, 0x7E: -8, 0xEF: 132, 0x8F: 16_764}


@pytest.mark.parametrize(("kind", "known"), [(6, A_LAW), (7, MU_LAW)])
def test_telephone_sound(tmp_path: Path, kind: int, known: dict[int, int]) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(whole(form(kind, bits=8, rate=8000), chunk(b"data", bytes(known))))
    assert np.frombuffer(wav.read(path, rate=8000), "<i2").tolist() == list(known.values())


@given(st.binary(max_size=300))
def test_any_bytes_after_a_start_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, rest: bytes) -> None:
    path = tmp_path_factory.mktemp("wav") / "x.wav"
    for data in (whole(form(), rest), whole(rest), whole(form(channels=2), chunk(b"data", rest))):
        path.write_bytes(data)
        with contextlib.suppress(wav.Unreadable):
            wav.read(path, rate=16_000)
