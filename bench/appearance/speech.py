"""Reads a speaking head's mouth back: how it opens, and whether lips that must meet are seen to meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.appearance.judge import Judge
from bench.appearance.shapes import picture
from bench.lips.methods import FPS, frames
from engines.face.rigs import NAMES
from studio.head.model import Sculpture
from training.lips.metrics import RECALL_SLACK_S, SHUT, lips
from training.lips.takes import Take, parts

STEP: Final = 3  # every third of 60 frames a second is drawn
SIZE: Final = 256
# A mouth is seen shut when its gap is at most this part of the way from closed lips to wide ones (95 % of the frames).
SHUT_PART: Final = 0.15


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was seen of one sentence: Pearson's `r` of shown and seen openness, and closures `seen` of all `true`."""

    text: str
    r: float
    seen: int
    true: int


def spoken(judge: Judge, made: Sculpture, take: Take) -> Spoken:
    """Draw a sentence frame by frame and read it."""
    weights = frames([take.speech])[::STEP]
    shown = lips(weights, NAMES).aperture
    rest = judge.read(picture(made, {}, size=SIZE))
    closed = rest.gap if rest else 0.0
    gaps = np.full(len(weights), np.nan)
    for number, frame in enumerate(weights):
        told = {name: float(value) for name, value in zip(NAMES, frame, strict=True) if value > 0}
        found = judge.read(picture(made, told, size=SIZE))
        if found is not None:
            gaps[number] = max(0.0, found.gap - closed)
    good = ~np.isnan(gaps)
    wide = float(np.quantile(gaps[good], 0.95))
    shut = gaps <= SHUT_PART * wide
    rate = FPS / STEP
    closures = [phone for phone in parts(take.truth) if phone.ipa[:1] in SHUT]
    seen = 0
    for phone in closures:
        begin = int(np.floor((phone.start - RECALL_SLACK_S) * rate))
        end = int(np.ceil(((phone.shut or phone.end) + RECALL_SLACK_S) * rate))
        seen += bool(shut[max(0, begin) : end + 1].any())
    return Spoken(take.text, float(np.corrcoef(shown[good], gaps[good])[0, 1]), seen, len(closures))
