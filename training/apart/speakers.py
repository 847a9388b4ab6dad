"""Says sentences with many synthetic voices: flite's, espeak-ng's, and each of them as a smaller or larger body.

A body is made by playing the sound slower or faster, pitch and resonances alike. Voices with breath are left out: their
noise is drawn anew in every process, and the weights could not be made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.api import MIC_RATE, EngineError
from engines.sound.audio import resample, to_float
from training.augment.sound import Sound, faster
from training.lips import babble, espeak_voice, flite_voice

FLITE: Final = ("rms", "awb", "kal")
ESPEAK: Final = (
    "", "m1", "m2", "m3", "m4", "m5", "m6", "m8", "f1", "f3", "Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis",
    "Diogo", "Gene", "Henrique", "Hugo", "Jacky", "Lee", "Marco", "Mario", "adam", "anika", "antonio", "boris", "david",
    "ed", "edward", "grandma", "gustave", "iven", "john", "klatt2", "linda", "max", "miguel", "paul", "pedro", "quincy",
    "rob", "shelby", "steph", "travis", "zac",
)  # fmt: skip
BODIES: Final = {"flite": (0.78, 0.86, 0.93, 1.0, 1.08, 1.17, 1.28), "espeak": (0.92, 1.0, 1.1)}
LINES: Final = 8  # of each voice


@dataclass(frozen=True, slots=True)
class Speaker:
    """One voice in one body and what it says, at MIC_RATE; `kind` is flite or espeak."""

    name: str
    kind: str
    said: tuple[Sound, ...]


def speakers() -> Iterator[Speaker]:
    """Yield every voice in every body; a voice that is not installed is left out."""
    for number, name in enumerate(FLITE):
        try:
            sounds = [
                to_float(resample(take.speech.pcm, take.speech.rate, MIC_RATE))
                for take in (flite_voice.say(name, text) for text in babble.texts(500 + number, 2 * LINES))
            ]
        except OSError:
            continue
        yield from _bodies(f"flite {name}", "flite", sounds)
    for number, name in enumerate(ESPEAK):
        try:
            spoken = espeak_voice.speeches(babble.texts(600 + number, LINES), "en-us", name)
        except EngineError:
            continue
        sounds = [to_float(resample(each.pcm, each.rate, MIC_RATE)) for each in spoken]
        yield from _bodies(f"espeak {name}", "espeak", sounds)


def _bodies(name: str, kind: str, sounds: list[Sound]) -> Iterator[Speaker]:
    dice = np.random.default_rng(0)
    for body in BODIES[kind]:
        yield Speaker(f"{name} x{body}", kind, tuple(faster(each, MIC_RATE, dice, factor=body) for each in sounds))
