"""Stamps the media of one reply, on one clock; nothing else does.

Ticks of 1/48000 s from 0: every rate and frame rate in use divides them, so each pts is exact. Audio counts samples,
face frames count themselves. Audio and the frames that begin in it leave in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NewType, TypeAlias

from msgspec import Struct

from engines.api import Cue, FaceBlock, Source, Speech, Word

Ticks = NewType("Ticks", int)
MEDIA_RATE: Final = 48_000
PIECE: Final = Ticks(4_800)  # 100 ms: six frames at 60 fps


def exact_div(a: int, b: int) -> int:
    """Return a / b, which must have no remainder; ValueError otherwise."""
    quotient, rest = divmod(a, b)
    if rest:
        raise ValueError(f"{a} is not a multiple of {b}")
    return quotient


def seconds(ticks: int) -> float:
    """Convert ticks to seconds."""
    return ticks / MEDIA_RATE


class SpokenPhone(Struct, frozen=True):
    """A speech sound (IPA, "" for a pause) and when it is heard."""

    ipa: str
    pts: Ticks
    end: Ticks


class MediaPiece(Struct, frozen=True):
    """Speech [pts, end) with the face frames that begin in it, the first at `face_pts`, and its phones likewise."""

    pts: Ticks
    end: Ticks
    pcm: bytes
    face_pts: Ticks
    face: bytes
    source: Source
    phones: tuple[SpokenPhone, ...] = ()


class SpokenWord(Struct, frozen=True):
    """A word, when it is heard, and what is written before it."""

    text: str
    pts: Ticks
    end: Ticks
    gap: str = " "


class CueMark(Struct, frozen=True):
    """An emotion or gesture and when it is due."""

    pts: Ticks
    kind: Literal["emotion", "gesture"]
    name: str
    intensity: float


Stamped: TypeAlias = MediaPiece | SpokenWord | CueMark


class Timeline:
    """Stamps one reply; `rate` of its audio, `fps` and `channels` of its face (0 channels: no face).

    `phones` says whether speech sounds are stamped as well.
    """

    def __init__(self, rate: int, fps: int, channels: int, *, phones: bool = True) -> None:
        self._per_sample = exact_div(MEDIA_RATE, rate)
        self._per_frame = exact_div(MEDIA_RATE, fps)
        self._rate = rate
        self._channels = channels
        self._pcm = bytearray()
        self._pcm_pts = 0  # of the first byte in _pcm
        self._end = 0  # of all audio taken in
        self._face = bytearray()
        self._face_first = 0  # frame number of the first row in _face
        self._marks: list[SpokenWord | CueMark] = []
        self._phones: list[SpokenPhone] = []
        self._wants_phones = phones
        self._source: Source = "exact"

    @property
    def end(self) -> Ticks:
        """Return where the audio taken in so far ends."""
        return Ticks(self._end)

    def push(self, item: Speech | FaceBlock) -> list[Stamped]:
        """Return what is complete by now, words and cues just before the piece they begin in."""
        if isinstance(item, FaceBlock):
            have = self._face_first + len(self._face) // max(1, self._channels)
            if item.first != have:
                raise ValueError(f"face frames out of order: {item.first} came where {have} was due")
            self._face += item.weights
            return []
        if item.rate != self._rate:
            raise ValueError(f"speech at {item.rate} Hz on a timeline of {self._rate} Hz")
        start = self._end
        self._pcm += item.pcm
        self._end += item.samples * self._per_sample
        self._source = item.source
        # Of the same instant the cue comes first: the smile is there when the word is.
        each = self._per_sample
        new: list[SpokenWord | CueMark] = [self._mark(timed.cue, self._at(start, timed.start)) for timed in item.cues]
        new += [
            SpokenWord(word.text, Ticks(start + word.start * each), Ticks(start + word.end * each), word.gap)
            for word in item.words
        ]
        self._marks += sorted(new, key=lambda mark: mark.pts)
        if self._wants_phones:
            self._phones += [SpokenPhone(p.ipa, self._at(start, p.start), self._at(start, p.end)) for p in item.phones]
        out: list[Stamped] = []
        while self._end - self._pcm_pts >= PIECE:
            self._emit(PIECE, out)
        return out

    def mark(self, cue: Cue) -> list[Stamped]:
        """Add a cue that stands after all words so far."""
        self._marks.append(self._mark(cue, self.end))
        return []

    def write(self, words: Sequence[Word]) -> None:
        """Add words that are written behind all that is said."""
        self._marks += [SpokenWord(word.text, self.end, self.end, word.gap) for word in words]

    def flush(self) -> list[Stamped]:
        """Return the rest; the last piece may be short."""
        out: list[Stamped] = []
        if self._end > self._pcm_pts:
            self._emit(self._end - self._pcm_pts, out)
        out += self._marks
        self._marks = []
        return out

    def _emit(self, length: int, out: list[Stamped]) -> None:
        pts, end = self._pcm_pts, self._pcm_pts + length
        size = exact_div(length, self._per_sample) * 2
        pcm = bytes(self._pcm[:size])
        del self._pcm[:size]
        self._pcm_pts = end
        first = self._face_first
        beyond = -(-end // self._per_frame)
        rows = (beyond - first) * self._channels
        face = bytes(self._face[:rows])
        del self._face[:rows]
        self._face_first += len(face) // max(1, self._channels)
        # Of equal times the last may stand at the very end of the audio and belongs to what follows.
        if self._marks and (due := [mark for mark in self._marks if mark.pts < end]):
            self._marks = [mark for mark in self._marks if mark.pts >= end]
            out += due
        face_pts = Ticks(first * self._per_frame if face else 0)
        phones: tuple[SpokenPhone, ...] = ()
        if self._phones:
            phones = tuple([phone for phone in self._phones if phone.pts < end])
            self._phones = [phone for phone in self._phones if phone.pts >= end]
        out.append(MediaPiece(Ticks(pts), Ticks(end), pcm, face_pts, face, self._source, phones))

    def _at(self, start: int, sample: int) -> Ticks:
        return Ticks(start + sample * self._per_sample)

    @staticmethod
    def _mark(cue: Cue, pts: Ticks) -> CueMark:
        return CueMark(pts, cue.kind, cue.name, cue.intensity)
