"""Scores of a method over takes, pooled: every closure and every frame counts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from bench.lips.methods import Shown
from bench.stats import quantile
from engines.api import Speech, Word
from training.lips import metrics
from training.lips.metrics import Score
from training.lips.takes import Take, parts


@dataclass(frozen=True, slots=True)
class Scores:
    """One row of a table; `accuracy` and `balanced` are NaN for a method without classes."""

    closures: Score
    teeth: Score
    sealed_vowels: float
    correlation: float
    lag_ms: float
    accuracy: float
    balanced: float
    jerk: float


def score(takes: Sequence[Take], shown: Sequence[Shown], fps: float) -> Scores:
    """Score `shown` against `takes`; the curves are joined before they are correlated."""
    closures = teeth = Score(0, 0, 0, 0)
    sealed = vowel_frames = 0
    shapes, truths = [], []
    hits: dict[str, tuple[int, int]] = {}
    for take, show in zip(takes, shown, strict=True):
        closures += metrics.closures(show.lips, take.truth, fps)
        teeth += metrics.labiodentals(show.lips, take.truth, fps)
        wrong, of = metrics.sealed_vowels(show.lips, take.truth, fps)
        sealed, vowel_frames = sealed + wrong, vowel_frames + of
        shapes.append(show.lips.aperture)
        truths.append(metrics.openness(take.truth, fps, len(show.lips.aperture)))
        for name, (good, count) in metrics.class_hits(show.classes, parts(take.truth), fps).items():
            before = hits.get(name, (0, 0))
            hits[name] = (before[0] + good, before[1] + count)
    shape, truth = np.concatenate(shapes), np.concatenate(truths)
    total = sum(count for _, count in hits.values())
    return Scores(
        closures,
        teeth,
        sealed / max(1, vowel_frames),
        metrics.correlation(shape, truth),
        metrics.lag_ms(shape, truth, fps),
        sum(good for good, _ in hits.values()) / total if total else float("nan"),
        float(np.mean([good / count for good, count in hits.values()])) if hits else float("nan"),
        metrics.jerk_ratio(shape, truth),
    )


def word_errors(takes: Sequence[Take], speeches: Sequence[Speech]) -> list[float]:
    """Return milliseconds by which each word that both sides have begins late (negative: early) in `speeches`."""
    errors = []
    for take, speech in zip(takes, speeches, strict=True):
        mine, true = [_letters(w) for w in speech.words], [_letters(w) for w in take.speech.words]
        for block in SequenceMatcher(None, mine, true, autojunk=False).get_matching_blocks():
            for step in range(block.size):
                begins = speech.words[block.a + step].start, take.speech.words[block.b + step].start
                errors.append((begins[0] - begins[1]) / speech.rate * 1000.0)
    return errors


def spread(errors: Sequence[float]) -> tuple[float, float]:
    """Return median and 95th percentile of the absolute errors."""
    absolute = [abs(error) for error in errors]
    return quantile(absolute, 0.5), quantile(absolute, 0.95)


def _letters(word: Word) -> str:
    return "".join(filter(str.isalpha, word.text.lower()))
