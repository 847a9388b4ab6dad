"""Speech with known phones, and what a face makes of it: shared by the tests of the face."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.api import FaceBlock, FaceStyle, Phone, Speech, Stream
from engines.face.engine import ArticulationFace
from training.lips import metrics as lips_metrics

RATE = 22_050


def tone(samples: int, phones: tuple[Phone, ...]) -> bytes:
    """Sound for phones: a steady buzz in vowels, a faint one in consonants, none in pauses."""
    wave = np.sign(np.sin(np.arange(samples) * 0.05))
    for phone in phones:
        wave[phone.start : phone.end] *= 0 if not phone.ipa else 8000 if lips_metrics.vowels(phone.ipa) else 800
    return bytes(wave.astype("<i2").tobytes())


@lru_cache
def spoken(language: str = "") -> tuple[tuple[Speech, tuple[lips_metrics.Phone, ...]], ...]:
    """Sentences as espeak-ng timed them, with their true phones; only voices that start with `language`."""
    rows = json.loads((Path(__file__).parent / "spoken.json").read_text("utf-8"))
    out = []
    for row in rows:
        if row["voice"].startswith(language):
            phones = tuple(Phone(ipa, start, end, stress) for ipa, start, end, stress, _ in row["phones"])
            rate = row["rate"]
            true = tuple(
                lips_metrics.Phone(ipa, start / rate, end / rate, shut / rate)
                for ipa, start, end, _, shut in row["phones"]
            )
            out.append((Speech(tone(row["samples"], phones), rate, phones), true))
    return tuple(out)


def say(*phones: tuple[str, float] | tuple[str, float, int], rate: int = RATE) -> Speech:
    """Speech of (ipa, seconds[, stress]) one after the other."""
    made: list[Phone] = []
    at = 0
    for ipa, seconds, *stress in phones:
        end = at + round(seconds * rate)
        made.append(Phone(ipa, at, end, *stress))
        at = end
    return Speech(tone(at, tuple(made)), rate, tuple(made))


def cut(speech: Speech, points: list[int]) -> list[Speech]:
    """The same speech in pieces that end at `points` (samples)."""
    bounds = [0, *points, speech.samples]
    return [
        replace(
            speech,
            pcm=speech.pcm[2 * low : 2 * high],
            phones=tuple(
                replace(phone, start=max(phone.start, low) - low, end=min(phone.end, high) - low)
                for phone in speech.phones
                if phone.end > low and phone.start < high
            ),
            cues=tuple(replace(timed, start=timed.start - low) for timed in speech.cues if low <= timed.start < high),
        )
        for low, high in pairwise(bounds)
    ]


def perform(
    pieces: list[Speech], style: FaceStyle | None = None, face: ArticulationFace | None = None
) -> list[Speech | FaceBlock]:
    """Everything that the face yields for `pieces`."""

    async def speech() -> Stream[Speech]:
        for piece in pieces:
            yield piece

    async def collect() -> list[Speech | FaceBlock]:
        async with aclosing((face or ArticulationFace()).animate(speech(), style or FaceStyle())) as stream:
            return [item async for item in stream]

    return asyncio.run(collect())


class Shown:
    """Decoded frames, by channel name."""

    def __init__(self, weights: bytes, style: FaceStyle) -> None:
        rig = ArticulationFace().rig(style.profile, style.fps)
        bytes_ = np.frombuffer(weights, np.uint8).reshape(-1, len(rig.names)).astype(np.float64)
        low, high = np.array(rig.ranges).T
        self.names = rig.names
        self.frames: NDArray[np.float64] = low + (high - low) * bytes_ / 255
        self.fps = style.fps

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self.frames[:, self.names.index(name)]

    @property
    def lips(self) -> lips_metrics.Lips:
        return lips_metrics.lips(self.frames, self.names)


def show(speech: Speech | list[Speech], style: FaceStyle | None = None, face: ArticulationFace | None = None) -> Shown:
    """The frames for speech, decoded."""
    style = style or FaceStyle()
    pieces = speech if isinstance(speech, list) else [speech]
    items = perform(pieces, style, face)
    return Shown(b"".join(item.weights for item in items if isinstance(item, FaceBlock)), style)
