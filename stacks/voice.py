"""Gives any voice a face: sound in, the same sound and the frames that begin in it out, in step.

Where the voice tells when it says which word, the lips follow the words ("aligned"); where it does not, they follow the
sound ("audio"). Sound waits for its frames, and for no longer than it takes to hear what a mouth does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

from engines.api import EngineError, FaceStyle, Phone, Rig, Source, Speech
from engines.face import rigs
from engines.face.performance import Performance
from engines.voices.reading.reader import Reader
from stacks.words import Spoken, between, timed

LEAD_S: Final = 0.025  # by which the mouth moves before its sound


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of speech: s16le mono."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """Frames of a face: `first` counts from the first sound of what is said; rows of one byte a channel."""

    first: int
    weights: bytes
    source: Source


Piece: TypeAlias = Sound | Shown


class VoiceFace:
    """The face of one speaker; `async with` it, for it reads words in a process of its own.

    `language` is that of the words (BCP-47), `seed` fixes blinks and glances.
    """

    def __init__(self, *, profile: str = "arkit52", fps: int = 60, language: str = "en-us", seed: int = 0) -> None:
        self.rig: Rig = rigs.rig(profile, fps)
        self.profile = profile
        self.fps = fps
        self.language = language
        self.reader = Reader()
        self._seed = seed
        self._lived = 0  # frames that were shown: life runs on from one utterance to the next

    async def start(self) -> None:
        """Start what reads words."""
        await self.reader.start()

    async def close(self) -> None:
        """End it."""
        await self.reader.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def utterance(self, rate: int) -> Utterance:
        """Begin to say something, in samples at `rate`."""
        style = FaceStyle(self.profile, self.fps, self._seed, self._lived)
        return Utterance(self, style, rate)

    def lived(self, frames: int) -> None:
        """Note that frames were shown."""
        self._lived += frames

    def named(self, weights: bytes) -> list[dict[str, float]]:
        """Return frames as weights by the names of their channels."""
        width = len(self.rig.names)
        rows = [weights[at : at + width] for at in range(0, len(weights), width)]
        return [dict(zip(self.rig.names, map(self._weight, range(width), row), strict=True)) for row in rows]

    def _weight(self, channel: int, byte: int) -> float:
        low, high = self.rig.ranges[channel]
        return low + (high - low) * byte / 255


class Utterance:
    """One thing that is said; `hear` its sound as it comes, `finish` it at its end."""

    def __init__(self, face: VoiceFace, style: FaceStyle, rate: int) -> None:
        self.rate = rate
        self._face = face
        self._width = len(face.rig.names)
        self._performance = Performance(style, LEAD_S, rate)
        self._waiting: deque[Speech] = deque()
        self._phones: list[Phone] = []
        self._known = 0  # samples of which the words are known
        self._heard = 0
        self._rest = b""  # half a sample

    async def say(self, words: Sequence[Spoken]) -> None:
        """Tell which words come when, in their order; those whose sound was heard already come too late."""
        told = [word for word in words if word.text.strip()]
        if not told:
            return
        text = " ".join(word.text for word in told)
        try:
            reading = await self._face.reader.render(text, self._face.language)
        except EngineError:
            return  # of words that cannot be read the lips follow the sound
        self._phones += timed(told, reading, self.rate)
        self._known = max(self._known, round(told[-1].end * self.rate))

    def hear(self, pcm: bytes) -> list[Piece]:
        """Take sound (s16le mono); return what may be played and shown now, each frame before its sound."""
        pcm = self._rest + pcm
        whole = len(pcm) // 2 * 2
        pcm, self._rest = pcm[:whole], pcm[whole:]
        pieces: list[Piece] = []
        for piece in self._pieces(pcm):
            self._waiting.append(piece)
            for ready in self._performance.ready(self._waiting):
                pieces += self._drawn(ready)
        return pieces

    def finish(self) -> list[Piece]:
        """Return what is left."""
        pieces: list[Piece] = []
        while self._waiting:
            pieces += self._drawn(self._waiting[0])
            self._waiting.popleft()
        return pieces

    def _pieces(self, pcm: bytes) -> Iterator[Speech]:
        """Cut sound where its words cease to be known."""
        samples = len(pcm) // 2
        first, last = self._heard, self._heard + samples
        self._heard = last
        self._phones = [phone for phone in self._phones if phone.end > first]
        known = min(max(self._known, first), last)
        if known > first:
            said = between(self._phones, first, known, self.rate)
            yield Speech(pcm[: 2 * (known - first)], self.rate, said, source="aligned")
        if last > known:
            yield Speech(pcm[2 * (known - first) :], self.rate, source="audio")

    def _drawn(self, speech: Speech) -> Iterator[Piece]:
        for block in self._performance.frames(speech):
            self._face.lived(len(block.weights) // self._width)
            yield Shown(block.first, block.weights, block.source)
        yield Sound(speech.pcm)
