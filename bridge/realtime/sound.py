"""Turns sound as Realtime clients send and want it into sound as a session does, and back.

G.711 is ITU-T's, both laws; every rate is changed by the bridge's own resampler, in a stream, so no seam is heard.
"""

from __future__ import annotations

import binascii
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.realtime.refused import Refused
from bridge.realtime.settings import RATES, SoundFormat
from engines.sound.audio import Resampler
from protocol.messages import MIC_RATE

FRAME: Final = 1024  # bytes of a microphone frame: 32 ms, which is what voice detectors take at once
LEAST: Final = 320  # bytes: 10 ms

Shorts: TypeAlias = npt.NDArray[np.int16]


def decoded(audio: str) -> bytes:
    """Return the bytes of base64; Refused if it is none."""
    try:
        return binascii.a2b_base64(audio.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Refused("invalid_value", "audio is base64", "audio") from error


def encoded(audio: bytes) -> str:
    """Return base64."""
    return binascii.b2a_base64(audio, newline=False).decode("ascii")


class Ear:
    """A client's sound as microphone frames of a session."""

    def __init__(self, form: SoundFormat) -> None:
        self._form = form
        self._resampler = Resampler(RATES[form], MIC_RATE)
        self._odd = b""  # half a sample
        self._rest = bytearray()  # less than a frame

    def push(self, audio: bytes) -> list[bytes]:
        """Return the frames that are whole now."""
        self._rest += self._resampler.push(self._plain(audio))
        return self._frames()

    def flush(self) -> list[bytes]:
        """Return what is left, filled up with silence to the shortest frame; a new stream begins."""
        self._rest += self._resampler.flush()
        frames = self._frames()
        if self._rest:
            frames.append(bytes(self._rest).ljust(LEAST, b"\0"))
        self._odd = b""
        self._rest.clear()
        return frames

    def _plain(self, audio: bytes) -> bytes:
        if self._form != "pcm16":
            return expanded(audio, self._form)
        audio = self._odd + audio
        self._odd = audio[len(audio) // 2 * 2 :]
        return audio[: len(audio) // 2 * 2]

    def _frames(self) -> list[bytes]:
        whole = len(self._rest) // FRAME * FRAME
        frames = [bytes(self._rest[at : at + FRAME]) for at in range(0, whole, FRAME)]
        del self._rest[:whole]
        return frames


class Mouth:
    """A session's speech, at `rate`, as the client wants it."""

    def __init__(self, form: SoundFormat, rate: int) -> None:
        self._form = form
        self._resampler = Resampler(rate, RATES[form])

    def push(self, pcm: bytes) -> bytes:
        """Return what is certain now."""
        return self._coded(self._resampler.push(pcm))

    def flush(self) -> bytes:
        """Return the rest."""
        return self._coded(self._resampler.flush())

    def _coded(self, pcm: bytes) -> bytes:
        return pcm if self._form == "pcm16" else compressed(pcm, self._form)


# ------------------------------------------------------------------------------------------------------- G.711

BIAS: Final = 0x84
CLIP: Final = 32_635


def compressed(pcm: bytes, law: SoundFormat) -> bytes:
    """Return s16le as G.711."""
    table = _ULAW if law == "g711_ulaw" else _ALAW
    coded: bytes = table[np.frombuffer(pcm, dtype="<i2").astype(np.int32) + 32_768].tobytes()
    return coded


def expanded(coded: bytes, law: SoundFormat) -> bytes:
    """Return G.711 as s16le."""
    table = _FROM_ULAW if law == "g711_ulaw" else _FROM_ALAW
    pcm: bytes = table[np.frombuffer(coded, dtype=np.uint8)].astype("<i2").tobytes()
    return pcm


def _from_ulaw() -> Shorts:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    size = ((((code & 0x0F) << 3) + BIAS) << ((code & 0x70) >> 4)) - BIAS
    return np.where(code & 0x80, -size, size).astype(np.int16)


def _ulaw() -> npt.NDArray[np.uint8]:
    values = np.arange(-32_768, 32_768, dtype=np.int32)
    size = np.minimum(np.abs(values), CLIP) + BIAS
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    code = np.where(values < 0, 0x80, 0) | (exponent << 4) | ((size >> (exponent + 3)) & 0x0F)
    coded: npt.NDArray[np.uint8] = (~code & 0xFF).astype(np.uint8)
    return coded


def _from_alaw() -> Shorts:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = (code & 0x70) >> 4, (code & 0x0F) << 4
    size = np.where(exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int16)


def _alaw() -> npt.NDArray[np.uint8]:
    values = np.arange(-32_768, 32_768, dtype=np.int32)
    size = np.where(values < 0, np.minimum(-values - 1, 32_767), values) >> 3
    exponent = np.maximum(np.floor(np.log2(np.maximum(size, 1))).astype(np.int32) - 4, 0)
    mantissa = np.where(exponent < 2, size >> 1, size >> np.maximum(exponent, 1)) & 0x0F
    code = np.where(values < 0, 0, 0x80) | (exponent << 4) | mantissa
    coded: npt.NDArray[np.uint8] = (code ^ 0x55).astype(np.uint8)
    return coded


_ULAW: Final = _ulaw()
_FROM_ULAW: Final = _from_ulaw()
_ALAW: Final = _alaw()
_FROM_ALAW: Final = _from_alaw()
