"""Reads WAV files as people have them (8 to 32 bit, float, G.711, any rate, any channels); writes plain 16-bit mono.

It reads RIFF itself: the standard library's reader knows neither float nor the extensible header that most tools write
for more than 16 bits, and refuses the open-ended sizes of a file that was written to a pipe.
"""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
ENCODINGS: Final = frozenset(
    {(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64), (A_LAW, 8), (MU_LAW, 8)}
)
OPEN_ENDED: Final = 0xFFFFFFFF  # as a size: not known when it was written, or told in another chunk
MOST_BYTES: Final = 512 * 1024 * 1024
MOST_S: Final = 3600
CANCELS: Final = 0.01  # of the channels' mean power, below which their average has lost the sound


class Unreadable(ValueError):
    """The file is not a WAV file that can be used; the message says why, for people."""


class Layout(NamedTuple):
    """How samples are laid out; `bits` are those of a sample's container."""

    kind: int
    channels: int
    rate: int
    bits: int


def read(path: Path, *, rate: int) -> bytes:
    """Return the file's sound as s16le mono at `rate`. Raises Unreadable.

    Channels are averaged, unless they cancel each other out; then the loudest is taken.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{path} is over {MOST_BYTES // 2**20} MB, more than a microphone's worth")
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot read {path}: {error.strerror or error}") from error
    try:
        samples, theirs = _decode(data)
    except ValueError as error:
        raise Unreadable(f"{path} is not a usable WAV file: {error}") from error
    if not np.isfinite(samples).all():
        raise Unreadable(f"{path} is not a usable WAV file: it holds values that are not numbers")
    mono = _mixed(np.clip(samples, -1.0, 1.0))
    if theirs != rate:
        mono = soxr.resample(mono, theirs, rate)
    pcm: bytes = np.rint(np.clip(mono, -1.0, 32767 / 32768) * 32768).astype("<i2").tobytes()
    return pcm


def write(path: Path, pcm: bytes, *, rate: int, xmp: bytes = b"") -> None:
    """Write s16le mono `pcm`, and an XMP packet behind it as other programs look for it."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    data = made.getvalue()
    if xmp:
        data += bytes(len(data) % 2) + b"_PMX" + struct.pack("<I", len(xmp)) + xmp + bytes(len(xmp) % 2)
        data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    path.write_bytes(data)


def _mixed(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mix samples x channels to one: their average, or the loudest where the average is next to nothing."""
    mono: NDArray[np.float64] = samples.mean(axis=1)
    powers = (samples**2).mean(axis=0)
    if (mono**2).mean() < CANCELS * powers.mean():
        loudest: NDArray[np.float64] = samples[:, int(powers.argmax())]
        return loudest
    return mono


# ------------------------------------------------------------------------------------------------------- chunks


def _decode(data: bytes) -> tuple[NDArray[np.float64], int]:
    """Return samples x channels in -1..1, and the rate.

    After Microsoft's "Multiple Channel Audio Data and WAVE Files" and EBU Tech 3306 (RF64).
    """
    if len(data) < 12 or data[:4] not in (b"RIFF", b"RF64", b"BW64") or data[8:12] != b"WAVE":
        raise ValueError("it does not begin with RIFF ... WAVE")
    layout: Layout | None = None
    long = 0  # the size of the sound where 32 bits do not hold it
    for name, at, size in _chunks(data):
        match name:
            case b"ds64" if size >= 16:
                (long,) = struct.unpack_from("<Q", data, at + 8)
            case b"fmt ":
                layout = _layout(data[at : at + size])
            case b"data":
                if layout is None:
                    raise ValueError("its sound comes before its format")
                if size == OPEN_ENDED:
                    size = long or len(data)
                elif not size and not _are_chunks(data, at):
                    size = len(data)
                return _samples(data[at : at + size], layout), layout.rate
            case _:
                pass
    raise ValueError("it holds no sound")


def _chunks(data: bytes, at: int = 12) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, place and size of each chunk."""
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, at + 8, size
        at += 8 + size
        # A chunk of odd size is padded; some programs forget to.
        if size % 2 and not _is_name(data[at : at + 4]):
            at += 1


def _are_chunks(data: bytes, at: int) -> bool:
    """Return whether what follows is chunks to the end of the file, and so no sound."""
    end = at
    for name, place, size in _chunks(data, at):
        end = place + size
        if not _is_name(name) or end > len(data):
            return False
    return len(data) - end <= 1


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(0x20 <= letter < 0x7F for letter in name)


def _layout(body: bytes) -> Layout:
    if len(body) < 16:
        raise ValueError("its format is cut off")
    kind, channels, rate, _, align, bits = struct.unpack_from("<HHIIHH", body)
    if kind == EXTENSIBLE:
        if len(body) < 26:
            raise ValueError("its format is cut off")
        (kind,) = struct.unpack_from("<H", body, 24)
    if not 1 <= channels <= 64 or not 1000 <= rate <= 768_000:
        raise ValueError(f"{channels} channels at {rate} Hz")
    # Samples of 20 or 24 bits may lie in the upper part of a larger container.
    container = align // channels * 8
    return Layout(kind, channels, rate, container if kind == PCM and bits < container <= 32 else bits)


# ------------------------------------------------------------------------------------------------------ samples


def _samples(body: bytes, layout: Layout) -> NDArray[np.float64]:
    kind, channels, rate, bits = layout
    if (kind, bits) not in ENCODINGS:
        raise ValueError(f"its encoding (format {kind}, {bits} bits) is not PCM, float or G.711; convert it first")
    width = bits // 8 * channels
    whole = len(body) // width * width
    if whole > MOST_S * rate * width:
        raise ValueError(f"it is longer than {MOST_S // 60} minutes")
    if not whole:
        raise ValueError("it holds no sound")
    return _values(body[:whole], kind, bits).reshape(-1, channels)


def _values(body: bytes, kind: int, bits: int) -> NDArray[np.float64]:
    match kind, bits:
        case (1, 8):
            return (np.frombuffer(body, np.uint8).astype(np.float64) - 128) / 128
        case (1, 24):
            wide = np.zeros((len(body) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
            return wide.view("<i4")[:, 0] / 2**31
        case (1, _):
            return np.frombuffer(body, f"<i{bits // 8}") / 2.0 ** (bits - 1)
        case (6, _):
            return _a_law(np.frombuffer(body, np.uint8).astype(np.int32) ^ 0x55) / 2**15
        case (7, _):
            return _mu_law(~np.frombuffer(body, np.uint8).astype(np.int32)) / 2**15
        case _:
            return np.frombuffer(body, f"<f{bits // 8}").astype(np.float64)


def _a_law(code: NDArray[np.int32]) -> NDArray[np.int32]:
    """Expand A-law, its even bits inverted back, to 16 bits (ITU-T G.711)."""
    exponent, mantissa = code >> 4 & 7, code & 15
    size = np.where(exponent == 0, (mantissa << 4) + 8, (mantissa << 4) + 0x108 << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int32)


def _mu_law(code: NDArray[np.int32]) -> NDArray[np.int32]:
    """Expand mu-law, its bits inverted back, to 16 bits (ITU-T G.711)."""
    size = ((code & 15) << 3) + 0x84 << (code >> 4 & 7)
    return np.where(code & 0x80, 0x84 - size, size - 0x84).astype(np.int32)
