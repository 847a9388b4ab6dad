"""The scripted voice and face: each spoken word is a tone, each face frame holds its own number.

Both are exact to the sample, wait only by `asyncio.sleep`, and cost next to nothing. They neither pronounce nor draw.
"""

from __future__ import annotations

import asyncio
import math
import re
from array import array
from collections import deque
from contextlib import aclosing
from functools import lru_cache

from engines.api import (
    FaceBlock,
    FaceStyle,
    Phone,
    Phrase,
    Rig,
    Speech,
    Stream,
    TimedCue,
    Voice,
    Word,
)
from testkit.scripted.script import Fault, Script

BLOCK_HZ = 50  # speech is made of 20 ms blocks, and every tone is a multiple of 50 Hz: blocks join without a click
TONES = tuple(range(200, 1000, BLOCK_HZ))  # Hz; word i of a stream sounds as TONES[i % 16]
LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", "ɑbkdɛfɡhɪdklmnɔpkɹstʊvwsjz", strict=True))


async def _pause(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)


@lru_cache(maxsize=256)
def _block(hz: int, rate: int) -> bytes:
    count = rate // BLOCK_HZ
    return array("h", (round(9830 * math.sin(2 * math.pi * hz * i / rate)) for i in range(count))).tobytes()


class ScriptedTts(Script):
    """Says each word as a tone without pauses: `ms_per_word`, or else `ms_per_char` for every character and the space.

    Both are multiples of 20. `delay` seconds pass before each phrase and `pace` seconds for each second of speech;
    `piece_words` is how many words a piece holds (0: the whole phrase). `lead_ms` of silence, a multiple of 20, stand
    before the first word of a stream, as before many a real voice's. The voice makes no difference. A fault's item is a
    phrase. However a text is cut into phrases at its spaces, the sound is that of `pcm(text)`.
    """

    def __init__(
        self,
        *,
        rate: int = 24_000,
        ms_per_char: int = 60,
        ms_per_word: int = 0,
        delay: float = 0.0,
        pace: float = 0.0,
        piece_words: int = 0,
        lead_ms: int = 0,
        fault: Fault | None = None,
    ) -> None:
        super().__init__("tts_failed", fault)
        if rate % BLOCK_HZ or ms_per_char % 20 or ms_per_word % 20 or lead_ms % 20:
            raise ValueError("the rate must be a multiple of 50 Hz and durations of 20 ms")
        self.rate = rate
        self._char = rate // BLOCK_HZ * (ms_per_char // 20)
        self._word = rate // BLOCK_HZ * (ms_per_word // 20)
        self._lead = rate // BLOCK_HZ * (lead_ms // 20)
        self._delay, self._pace, self._piece_words = delay, pace, piece_words
        # Under load its own work must not count: what was said once costs nothing.
        self._said = lru_cache(maxsize=256)(self._say)

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Yield the words of every phrase, one after the other."""
        fault, number, spoken = self.begin(), 0, 0
        async with aclosing(phrases):
            async for phrase in phrases:
                await self.strike(fault, number)
                number += 1
                await _pause(self._delay)
                for piece in self.say(phrase, spoken):
                    await _pause(self._pace * piece.samples / self.rate)
                    spoken += len(piece.words)
                    yield piece

    def pcm(self, text: str) -> bytes:
        """Return the whole sound of a reply."""
        return b"".join(piece.pcm for piece in self.say(Phrase(text)))

    def say(self, phrase: Phrase, spoken: int = 0) -> tuple[Speech, ...]:
        """Return the pieces of one phrase when `spoken` words went before it in its stream."""
        return self._said(phrase, spoken)

    def _say(self, phrase: Phrase, spoken: int = 0) -> tuple[Speech, ...]:
        found = [m for m in re.finditer(r"\S+", phrase.text) if any(c.isalnum() for c in m.group())]
        step = self._piece_words or max(1, len(found))
        groups = [found[i : i + step] for i in range(0, len(found), step)] or ([[]] if phrase.cues else [])
        pieces, cues = [], deque(sorted(phrase.cues, key=lambda cue: cue.at))
        for number, group in enumerate(groups):
            words: list[Word] = []
            phones: list[Phone] = []
            timed: list[TimedCue] = []
            size = self._lead if group and not spoken else 0
            sound = [bytes(2 * size)]
            for match in group:
                while cues and cues[0].at < match.end():
                    timed.append(TimedCue(cues.popleft(), size))
                length = self._word or self._char * (len(match.group()) + 1)
                words.append(Word(match.group(), size, size + length, match.start()))
                letters = [c for c in match.group().lower() if c.isalnum()]
                bounds = [size + length * i // len(letters) for i in range(len(letters) + 1)]
                phones += [Phone(LETTERS.get(c, "ə"), bounds[i], bounds[i + 1]) for i, c in enumerate(letters)]
                tone = TONES[spoken % len(TONES)]
                sound.append(_block(tone, self.rate) * (length * BLOCK_HZ // self.rate))
                size, spoken = size + length, spoken + 1
            if number == len(groups) - 1:
                timed += [TimedCue(cue, size) for cue in cues]
            pieces.append(Speech(b"".join(sound), self.rate, tuple(phones), tuple(words), tuple(timed)))
        return tuple(pieces)


class ScriptedFace(Script):
    """Numbers its frames instead of drawing: one channel holds the index modulo 256, another the next eight bits.

    They are jawOpen and mouthClose, in profiles without those the first two. A fault's item is a piece of speech.
    """

    def __init__(self, *, delay: float = 0.0, fault: Fault | None = None) -> None:
        super().__init__("face_failed", fault)
        self._delay = delay

    async def start(self) -> None:
        """Load the channels' names."""
        self.rig("arkit52", 60)

    def rig(self, profile: str, fps: int) -> Rig:
        """Return the channels that every face engine has."""
        from engines.face.rigs import rig  # brings numpy, which nothing else here needs

        return rig(profile, fps)

    async def animate(self, speech: Stream[Speech], style: FaceStyle) -> Stream[Speech | FaceBlock]:
        """Yield each piece, preceded by as many numbered frames as begin in it; profile "none" has no frames."""
        fault, rig = self.begin(), self.rig(style.profile, style.fps)
        heard = first = number = 0
        async with aclosing(speech):
            async for piece in speech:
                await self.strike(fault, number)
                await _pause(self._delay)
                heard, number = heard + piece.samples, number + 1
                count = -(-heard * style.fps // piece.rate) - first
                if count and rig.names:
                    yield FaceBlock(first, _frames(rig, first, count), piece.source)
                first += count
                yield piece

    def idle(self, style: FaceStyle, first: int, count: int) -> FaceBlock:
        """Return frames numbered by the session's life clock."""
        return FaceBlock(first, _frames(self.rig(style.profile, style.fps), first, count), "exact")


def _frames(rig: Rig, first: int, count: int) -> bytes:
    width = len(rig.names)
    weights = bytearray(width * count)
    if width:
        low, high = (rig.names.index(name) for name in ("jawOpen", "mouthClose")) if "jawOpen" in rig.names else (0, 1)
        weights[low::width] = bytes(i & 255 for i in range(first, first + count))
        weights[high::width] = bytes(i >> 8 & 255 for i in range(first, first + count))
    return bytes(weights)
