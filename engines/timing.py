"""When a voice that gives no times says what: espeak-ng's rendering of the same text, laid over its sound.

The rendering is stretched by `engines.align`, off the event loop. Where there is no rendering to lay over the sound
nothing is known of its phones, and the face must be made from the sound alone: source "audio".
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from engines.align import align
from engines.api import EngineError, Phone, Speech, Word
from engines.audio import resample
from engines.reader import RATE, Reader
from engines.score import Score


async def rendered(reader: Reader, text: str, language: str, speed: float) -> Speech:
    """How espeak-ng says it; where it cannot, a rendering without phones that has the words."""
    try:
        return await reader.render(text, language, speed=speed)
    except EngineError:
        spans = [match.span() for match in re.finditer(r"\S+", text)]
        end = max((end for _, end in spans), default=1)
        seconds = RATE / 12  # a character
        words = [Word(text[a:b], round(a * seconds), round(b * seconds), a) for a, b in spans]
        return Speech(bytes(2 * round(end * seconds)), RATE, (), tuple(words), (), "audio")


async def laid_over(rendering: Speech, pcm: bytes, rate: int) -> Score:
    """The rendering's phones and words where the sound (s16le mono at `rate`) says them."""
    samples = len(pcm) // 2
    if rendering.source != "audio" and any(phone.ipa for phone in rendering.phones) and any(pcm):
        phones, words = await asyncio.to_thread(align, rendering, pcm, rate)
        return Score(rate, samples, phones, words, "aligned")
    scale = samples / max(1, rendering.samples)
    stretched = [replace(w, start=int(w.start * scale), end=int(w.end * scale)) for w in rendering.words]
    return Score(rate, samples, (), tuple(stretched), "audio")


def spoken_instead(rendering: Speech, rate: int) -> Speech:
    """The rendering itself at `rate`, for text that a voice cannot say: espeak-ng lends its own."""
    pcm = resample(rendering.pcm, rendering.rate, rate)
    samples = len(pcm) // 2

    def moved(at: int) -> int:
        return min(samples, -(-at * rate // rendering.rate))

    phones = [Phone(p.ipa, moved(p.start), moved(p.end), p.stress) for p in rendering.phones]
    words = [replace(word, start=moved(word.start), end=moved(word.end)) for word in rendering.words]
    kept = tuple(phone for phone in phones if phone.start < phone.end)
    return Speech(pcm, rate, kept, tuple(words), (), rendering.source)
