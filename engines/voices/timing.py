"""When a voice that gives no times says what: espeak-ng's rendering of the same text, laid over its sound.

The rendering is stretched by `engines.sound.align`, off the event loop. Where there is no rendering to lay over the
sound nothing is known of its phones, and the face must be made from the sound alone: source "audio".
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engines.api import EngineError, Phone, Speech, Stream, Word
from engines.sound.align import align
from engines.sound.audio import resample
from engines.voices.reading.reader import RATE, Reader
from engines.voices.score import Score, phones, words

UNSAID: Final = 0.3  # seconds
FIRST: Final = (0.35, 0.7, 1.4)  # seconds: wished lengths of the pieces of an answer's first line, and of later ones
LATER: Final = (1.0, 1.6)


async def rendered(reader: Reader, text: str, language: str, speed: float) -> Speech:
    """Have espeak-ng say it; where it cannot, return a rendering without phones that has the words."""
    try:
        return await reader.render(text, language, speed=speed)
    except EngineError:
        spans = [match.span() for match in re.finditer(r"\S+", text)]
        end = max((end for _, end in spans), default=1)
        seconds = RATE / 12  # a character
        words = [Word(text[a:b], round(a * seconds), round(b * seconds), a) for a, b in spans]
        return Speech(bytes(2 * round(end * seconds)), RATE, (), tuple(words), (), "audio")


async def laid_over(rendering: Speech, pcm: bytes, rate: int) -> Score:
    """Lay the rendering's phones and words over the sound (s16le mono at `rate`) that says them."""
    samples = len(pcm) // 2
    if rendering.source != "audio" and any(phone.ipa for phone in rendering.phones) and any(pcm):
        said, shown = await asyncio.to_thread(align, rendering, pcm, rate)
        return Score(rate, samples, said, shown, "aligned")
    return scaled(rendering, rate, samples * rendering.rate / max(1, rendering.samples) / rate)


def scaled(rendering: Speech, rate: int, stretch: float) -> Score:
    """Keep the rendering's words alone, at another rate and `stretch` times as slow; no phones are known."""
    scale = stretch * rate / rendering.rate
    shown = [replace(w, start=int(w.start * scale), end=int(w.end * scale)) for w in rendering.words]
    return Score(rate, round(rendering.samples * scale), (), tuple(shown), "audio")


def silence(rendering: Speech, rate: int) -> Speech:
    """Make a moment of silence in which text without words is shown."""
    samples = min(round(UNSAID * rate), max(1, rendering.samples * rate // rendering.rate))
    shown = tuple(replace(word, start=0, end=samples) for word in rendering.words)
    return Speech(bytes(2 * samples), rate, (Phone("", 0, samples),), shown)


def spoken_instead(rendering: Speech, rate: int) -> Speech:
    """Return the rendering itself at `rate`, for text that a voice cannot say: espeak-ng lends its own."""
    pcm = resample(rendering.pcm, rendering.rate, rate)
    samples = len(pcm) // 2

    def moved(at: int) -> int:
        return min(samples, -(-at * rate // rendering.rate))

    sounds = [Phone(p.ipa, moved(p.start), moved(p.end), p.stress) for p in rendering.phones]
    shown = [replace(word, start=moved(word.start), end=moved(word.end)) for word in rendering.words]
    kept = tuple(phone for phone in sounds if phone.start < phone.end)
    return Speech(pcm, rate, kept, tuple(shown), (), rendering.source)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence as a voice gave it: s16le mono, and its tokens with their samples (see `score.phones`)."""

    pcm: bytes
    tokens: Sequence[tuple[str, int]] | None


async def told(
    parts: Sequence[Told], rendering: Speech, rate: int, pause: float, wishes: Sequence[float]
) -> Stream[Speech]:
    """Yield a line in pieces of the wished lengths, with at least `pause` seconds of silence at its end.

    Its phones are exact where every sentence has tokens; else the rendering of the line is laid over its sound.
    """
    pcm = b"".join(part.pcm for part in parts)
    samples = len(pcm) // 2
    tokens = [token for part in parts for token in part.tokens or ()]
    if all(part.tokens is not None for part in parts) and sum(length for _, length in tokens) == samples:
        said = phones(tokens, rate)
        score = Score(rate, samples, said, await asyncio.to_thread(words, said, rendering, samples))
    else:
        score = await laid_over(rendering, pcm, rate)
    score = score.padded(samples + max(0, round(pause * rate) - score.trailing))
    pcm = pcm.ljust(2 * score.samples, b"\0")
    at = 0
    for end in score.ends(wishes):
        yield score.part(at, end, pcm[2 * at : 2 * end])
        at = end
