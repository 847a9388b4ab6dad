"""Whether a model is as sure as it is right: its confidence in each next token against how often it is correct.

The expected calibration error (Naeini et al. 2015, Guo et al. 2017) is the mean gap between the two, over bins of
confidence: 0.05 says that it is off by five in a hundred. Above 0 it boasts, below it is shy: `lean` says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from training.loop.batch import Batch

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Tokens of about the same confidence: how many, how sure, how often right."""

    count: int
    sure: float
    right: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`error` is the expected calibration error, `lean` the mean confidence less the share that is right."""

    error: float
    lean: float
    right: float
    tokens: int
    bins: tuple[Bin, ...]


def calibration(sure: Sequence[float] | NDArray[np.floating], right: Sequence[bool] | NDArray[np.bool_]) -> Calibration:
    """Compare confidences (0 to 1) with what was right; ValueError for none, or for two lengths."""
    confidence, correct = np.asarray(sure, np.float64), np.asarray(right, np.float64)
    if not len(confidence) or confidence.shape != correct.shape:
        raise ValueError("calibration compares as many confidences as outcomes, and one at least")
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    bins = []
    for place in range(BINS):
        inside = places == place
        count = int(inside.sum())
        means = (float(confidence[inside].mean()), float(correct[inside].mean())) if count else (0.0, 0.0)
        bins.append(Bin(count, *means))
    total = len(confidence)
    gap = sum(each.count / total * abs(each.sure - each.right) for each in bins)
    return Calibration(gap, float(confidence.mean() - correct.mean()), float(correct.mean()), total, tuple(bins))


def confidences(model: Any, batches: Iterable[Batch]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return for each learned token how sure the model is of its first guess, and whether that is right."""
    import torch

    from training.loop.losses import predictions

    sure: list[Any] = []
    right: list[Any] = []
    model.eval()
    with torch.no_grad():
        for batch in batches:
            logits, targets = predictions(model, batch)
            best, guess = torch.softmax(logits.float(), -1).max(-1)
            sure.append(best.cpu().numpy())
            right.append((guess == targets).cpu().numpy())
    return np.concatenate(sure).astype(np.float64), np.concatenate(right)
