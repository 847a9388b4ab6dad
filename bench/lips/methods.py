"""Our own methods as the benchmark runs them: what the face shows when times are exact, aligned, or unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.api import FaceBlock, FaceStyle, Speech, Stream
from engines.face.engine import ArticulationFace
from engines.face.rigs import HEAD, NAMES, OCULUS
from engines.sound.align import align
from training.lips import espeak_voice
from training.lips.metrics import Lips, lips
from training.lips.takes import Take

FPS: Final = 60
SEVEN: Final = {
    "sil": "SIL", "PP": "PP", "FF": "FF", "TH": "C", "DD": "C", "kk": "C", "CH": "C", "SS": "C", "nn": "C", "RR": "C",
    "aa": "AA", "E": "EI", "ih": "EI", "oh": "OU", "ou": "OU",
}  # fmt: skip
MEETING_S: Final = 0.02  # pieces as a streaming voice would yield them, where nothing but sound is known


@dataclass(frozen=True, slots=True)
class Shown:
    """What a method shows for a take: lips a frame, and one of the seven classes a frame ("" where it has none)."""

    lips: Lips
    classes: tuple[str, ...] = ()


async def _weights(pieces: Sequence[Speech], style: FaceStyle, lead_ms: float) -> bytes:
    async def stream() -> Stream[Speech]:
        for piece in pieces:
            yield piece

    async with aclosing(ArticulationFace(lead_ms=lead_ms).animate(stream(), style)) as items:
        return b"".join([item.weights async for item in items if isinstance(item, FaceBlock)])


def frames(pieces: Sequence[Speech], profile: str = "arkit52", lead_ms: float = 0.0) -> NDArray[np.float64]:
    """Return the face's weights for speech, frames x channels from 0 to 1, head angles left out."""
    weights = asyncio.run(_weights(pieces, FaceStyle(profile=profile, fps=FPS), lead_ms))
    names = NAMES if profile == "arkit52" else OCULUS
    return np.frombuffer(weights, np.uint8).reshape(-1, len(names) + len(HEAD))[:, : len(names)] / 255.0


def show(pieces: Sequence[Speech], lead_ms: float = 0.0) -> Shown:
    """Return what our face shows for pieces of speech."""
    visemes = frames(pieces, "oculus15", lead_ms).argmax(1)
    return Shown(lips(frames(pieces, "arkit52", lead_ms), NAMES), tuple(SEVEN[OCULUS[viseme]] for viseme in visemes))


def exact(takes: Sequence[Take], lead_ms: float = 0.0) -> list[Shown]:
    """Return the face by the times that the synthesizer gives."""
    return [show([take.speech], lead_ms) for take in takes]


def aligned(takes: Sequence[Take], language: str = "en-us") -> tuple[list[Shown], list[Speech]]:
    """Return the face by espeak-ng's times of the text, stretched onto the sound, and the speech so labelled."""
    references = espeak_voice.speeches([take.text for take in takes], language)
    speeches = []
    for take, reference in zip(takes, references, strict=True):
        phones, words = align(reference, take.speech.pcm, take.speech.rate)
        speeches.append(replace(take.speech, phones=phones, words=words, source="aligned"))
    return [show([speech]) for speech in speeches], speeches


def audio(takes: Sequence[Take]) -> list[Shown]:
    """Return the face by the sound alone, in pieces of MEETING_S as they would stream in."""
    shown = []
    for take in takes:
        step = 2 * round(MEETING_S * take.speech.rate)
        pcm = take.speech.pcm
        cut = [pcm[at : at + step] for at in range(0, len(pcm), step)]
        shown.append(show([Speech(part, take.speech.rate, source="audio") for part in cut]))
    return shown
