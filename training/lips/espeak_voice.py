"""espeak-ng as the product runs it: sentences with exact phones, and where the lips of /p b m/ part."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Final

import numpy as np

from engines.api import EngineError, Phone, Phrase, Speech, Stream, Voice
from engines.sound.align import joined
from engines.voices.espeak.engine import EspeakTts
from training.lips.metrics import Phone as Truth
from training.lips.takes import Take

RATE: Final = 22_050  # espeak-ng's own, so that its exact silences stay exact
QUIET: Final = 4
BURST_S: Final = 0.008
VOICED_SHARE: Final = 0.6  # of a /b/ after its silence


async def _one(phrase: Phrase) -> Stream[Phrase]:
    yield phrase


async def _say_all(asked: Iterable[tuple[str, Voice]], rate: int) -> list[Speech | EngineError]:
    engine = EspeakTts(rate=rate)
    await engine.start()
    spoken: list[Speech | EngineError] = []
    try:
        for text, voice in asked:
            try:
                async with aclosing(engine.speak(_one(Phrase(text)), voice)) as pieces:
                    spoken.append(joined([piece async for piece in pieces]))
            except EngineError as error:
                spoken.append(error)
    finally:
        await engine.close()
    return spoken


def speeches(texts: Iterable[str], language: str, variant: str = "", rate: int = RATE) -> list[Speech]:
    """Return each text as one piece of speech; raises EngineError for a voice there is not."""
    spoken: list[Speech] = []
    for speech in asyncio.run(_say_all([(text, Voice(language, variant)) for text in texts], rate)):
        if isinstance(speech, EngineError):
            raise speech
        spoken.append(speech)
    return spoken


def say_all(texts: Sequence[str], language: str, variant: str = "") -> list[Take]:
    """Return each text as a take of the voice `language`, as spoken by `variant`."""
    name = f"espeak {language}{'+' if variant else ''}{variant}"
    pairs = zip(texts, speeches(texts, language, variant), strict=True)
    return [Take(name, text, speech, _truth(speech)) for text, speech in pairs]


def say_each(texts: Mapping[str, str]) -> list[Take]:
    """Return a take for each language's text; languages that this espeak-ng lacks are left out."""
    spoken = asyncio.run(_say_all([(text, Voice(language)) for language, text in texts.items()], RATE))
    return [
        Take(f"espeak {language}", text, speech, _truth(speech))
        for (language, text), speech in zip(texts.items(), spoken, strict=True)
        if isinstance(speech, Speech)
    ]


def _truth(speech: Speech) -> tuple[Truth, ...]:
    loud = np.abs(np.frombuffer(speech.pcm, "<i2").astype(np.int32)) > QUIET
    return tuple(
        Truth(phone.ipa, phone.start / speech.rate, phone.end / speech.rate, _shut(phone, loud, speech.rate))
        for phone in speech.phones
    )


def _shut(phone: Phone, loud: np.ndarray[tuple[int], np.dtype[np.bool_]], rate: int) -> float:
    """Return when the lips of a bilabial stop part, in seconds; 0 for every other sound."""
    if phone.ipa[:1] not in ("p", "b"):
        return 0.0
    sounding = np.flatnonzero(loud[phone.start : phone.end])
    burst = phone.start + (int(sounding[0]) if len(sounding) else 0)
    if phone.ipa[0] == "b":
        return (burst + VOICED_SHARE * (phone.end - burst)) / rate
    return min(burst / rate + BURST_S, phone.end / rate)
