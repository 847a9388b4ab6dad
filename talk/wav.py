"""Reads the WAV files that people have (8 to 32 bit, float, any rate, any channels) and writes plain 16-bit mono.

It reads RIFF itself: the standard library's reader knows neither float nor the extensible header that most tools write
for more than 16 bits, and refuses the open-ended sizes of a file that was written to a pipe.
"""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
ENCODINGS = frozenset({(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)})
MOST_BYTES = 512 * 1024 * 1024
MOST_S = 3600


class Unreadable(ValueError):
    """The file is not a WAV file that can be used; the message says why, for people."""


def read(path: Path, *, rate: int) -> bytes:
    """The file's sound as s16le mono at `rate`, channels averaged. Raises Unreadable."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{path} is over {MOST_BYTES // 2**20} MB, more than a microphone's worth")
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot read {path}: {error.strerror or error}") from error
    try:
        samples, theirs = _decode(data)
    except (ValueError, struct.error) as error:
        raise Unreadable(f"{path} is not a usable WAV file: {error}") from error
    if not np.isfinite(samples).all():
        raise Unreadable(f"{path} is not a usable WAV file: it holds values that are not numbers")
    mono = samples.mean(axis=1)
    if theirs != rate:
        mono = soxr.resample(mono, theirs, rate)
    pcm: bytes = np.rint(np.clip(mono, -1.0, 32767 / 32768) * 32768).astype("<i2").tobytes()
    return pcm


def write(path: Path, pcm: bytes, *, rate: int) -> None:
    """Write s16le mono `pcm`."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)


def _decode(data: bytes) -> tuple[NDArray[np.float64], int]:
    """Samples x channels in -1..1, and the rate; Microsoft's "Multiple Channel Audio Data and WAVE Files"."""
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("it does not begin with RIFF ... WAVE")
    at, layout = 12, None
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
            if kind == EXTENSIBLE:
                (kind,) = struct.unpack_from("<H", body, 24)
            layout = kind, channels, rate, bits
        elif name == b"data":
            if layout is None:
                raise ValueError("its sound comes before its format")
            return _samples(body, *layout)
        at += 8 + size + size % 2
    raise ValueError("it holds no sound")


def _samples(body: bytes, kind: int, channels: int, rate: int, bits: int) -> tuple[NDArray[np.float64], int]:
    if not 1 <= channels <= 64 or not 1000 <= rate <= 768_000:
        raise ValueError(f"{channels} channels at {rate} Hz")
    if (kind, bits) not in ENCODINGS:
        raise ValueError(f"its encoding (format {kind}, {bits} bits) is not PCM or float; convert it first")
    width = bits // 8 * channels
    whole = len(body) // width * width
    if whole > MOST_S * rate * width:
        raise ValueError(f"it is longer than {MOST_S // 60} minutes")
    if not whole:
        raise ValueError("it holds no sound")
    body = body[:whole]
    match kind, bits:
        case (1, 8):
            values = (np.frombuffer(body, np.uint8).astype(np.float64) - 128) / 128
        case (1, 16):
            values = np.frombuffer(body, "<i2") / 2**15
        case (1, 24):
            wide = np.zeros((whole // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
            values = wide.view("<i4")[:, 0] / 2**31
        case (1, 32):
            values = np.frombuffer(body, "<i4") / 2**31
        case (3, 32):
            values = np.frombuffer(body, "<f4").astype(np.float64)
        case _:
            values = np.frombuffer(body, "<f8").astype(np.float64)
    return values.reshape(-1, channels), rate
