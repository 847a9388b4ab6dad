"""PCM values: s16le to float and back, and resampling with a sample-exact length, whole or in a stream.

`n` samples at one rate become exactly ceil(n * to / from) at the other, however they are cut into chunks. It knows
pieces of speech as values, and neither engines nor playback.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import soxr

from engines.api import Phone, Source, Speech, Stream, TimedCue, Word

Samples: TypeAlias = npt.NDArray[np.float32]

FULL_SCALE = 32768.0


def to_float(pcm: bytes) -> Samples:
    """Convert s16le to float32 in -1..1; raises ValueError for half a sample."""
    if len(pcm) % 2:
        raise ValueError(f"{len(pcm)} bytes are not whole 16-bit samples")
    return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(FULL_SCALE)


def to_pcm(samples: Samples) -> bytes:
    """Convert float to s16le, rounded to the nearest step; what lies outside -1..1 is clipped."""
    scaled = np.rint(samples * np.float32(FULL_SCALE))
    pcm: bytes = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes()
    return pcm


def resampled_length(samples: int, from_rate: int, to_rate: int) -> int:
    """Count the samples at `to_rate` of `samples` at `from_rate`: ceil(samples * to_rate / from_rate)."""
    return -(-samples * to_rate // from_rate)


def resample(pcm: bytes, from_rate: int, to_rate: int) -> bytes:
    """Resample the whole of `pcm` (s16le mono) to `to_rate`."""
    resampler = Resampler(from_rate, to_rate)
    return resampler.push(pcm) + resampler.flush()


class Resampler:
    """A stream of s16le mono from one rate to another, band-limited (soxr HQ), about 40 ms behind its input.

    Joined, the outputs of `push` and `flush` do not depend on how the input was cut. After `flush` a new stream begins.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        if from_rate <= 0 or to_rate <= 0:
            raise ValueError(f"cannot resample from {from_rate} to {to_rate} samples per second")
        self.from_rate = from_rate
        self.to_rate = to_rate
        self._begin()

    def push(self, pcm: bytes) -> bytes:
        """Return the output that is certain after this much input; raises ValueError for half a sample."""
        samples = to_float(pcm)
        if self.from_rate == self.to_rate or not len(samples):
            return pcm
        self._taken += len(samples)
        ready = to_pcm(self._soxr.resample_chunk(samples))
        self._given += len(ready) // 2
        return ready

    def flush(self) -> bytes:
        """Return the rest of the stream."""
        rest = b""
        if self._taken:
            # soxr rounds the length; a little silence after the end makes the last sample certain.
            silence = np.zeros(2 + self.from_rate // self.to_rate, dtype=np.float32)
            missing = 2 * (resampled_length(self._taken, self.from_rate, self.to_rate) - self._given)
            rest = to_pcm(self._soxr.resample_chunk(silence, last=True))[:missing].ljust(missing, b"\0")
        self._begin()
        return rest

    def _begin(self) -> None:
        self._taken = 0
        self._given = 0
        self._soxr = soxr.ResampleStream(self.from_rate, self.to_rate, 1, dtype="float32", quality="HQ")


async def resampled(speech: Stream[Speech], rate: int) -> Stream[Speech]:
    """Yield any engine's speech at `rate`, every time in it included; what already has it passes untouched.

    Sound is resampled across pieces, so that no seam is heard: the end of a piece, and the phones, words and cues that
    begin in it, may come up to 40 ms of sound later, with the next piece or in a last one of their own.
    """
    seams: _Seams | None = None
    async with aclosing(speech):
        async for piece in speech:
            if seams is not None and (seams.rate, seams.source) != (piece.rate, piece.source):
                for rest in seams.end():
                    yield rest
                seams = None
            if piece.rate == rate:
                yield piece
                continue
            seams = seams or _Seams(piece.rate, rate, piece.source)
            for part in seams.add(piece):
                yield part
    if seams is not None:
        for rest in seams.end():
            yield rest


class _Spanned(Protocol):
    @property
    def start(self) -> int: ...


class _Seams:
    """Pieces of one rate and source as pieces of another rate; times are kept on the stream's clock at the new rate."""

    def __init__(self, rate: int, to_rate: int, source: Source) -> None:
        self.rate = rate
        self.source = source
        self._to_rate = to_rate
        self._resampler = Resampler(rate, to_rate)
        self._heard = 0  # samples in, at `rate`
        self._given = 0  # samples out, at `to_rate`
        self._phones: list[Phone] = []
        self._words: list[Word] = []
        self._cues: list[TimedCue] = []

    def add(self, piece: Speech) -> Iterable[Speech]:
        at = self._heard
        self._heard += piece.samples

        def moved(time: int) -> int:
            return resampled_length(at + time, self.rate, self._to_rate)

        self._phones += [Phone(p.ipa, moved(p.start), moved(p.end), p.stress) for p in piece.phones]
        self._words += [Word(w.text, moved(w.start), moved(w.end), w.at) for w in piece.words]
        self._cues += [TimedCue(c.cue, moved(c.start)) for c in piece.cues]
        return self._emit(self._resampler.push(piece.pcm), last=False)

    def end(self) -> Iterable[Speech]:
        return self._emit(self._resampler.flush(), last=True)

    def _emit(self, pcm: bytes, *, last: bool) -> Iterable[Speech]:
        begin, end = self._given, self._given + len(pcm) // 2
        if begin == end and not (last and (self._words or self._cues)):
            return ()
        self._given = end

        def inside(span: _Spanned) -> bool:
            return last or span.start < end

        phones = tuple(
            Phone(p.ipa, max(p.start, begin) - begin, min(p.end, end) - begin, p.stress)
            for p in self._phones
            if max(p.start, begin) < min(p.end, end)
        )
        words = tuple(Word(w.text, w.start - begin, min(w.end, end) - begin, w.at) for w in self._words if inside(w))
        cues = tuple(TimedCue(c.cue, c.start - begin) for c in self._cues if inside(c))
        self._phones = [p for p in self._phones if p.end > end]
        self._words = [w for w in self._words if not inside(w)]
        self._cues = [c for c in self._cues if not inside(c)]
        return (Speech(pcm, self._to_rate, phones, words, cues, self.source),)
