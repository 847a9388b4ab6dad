"""Says how likely a text belongs to each category: logistic regression over what its words are about and its letters.

Its weights are data (`classifier.npz`), trained by `training.guard.train` on sentences that grammars make. It has
learned what those grammars say and little else: a number, not a judgement. It needs numpy alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.guard import concepts
from engines.guard.features import BUCKETS, letters, meanings
from engines.guard.folding import Reading

CATEGORIES: Final = (
    "crisis", "self_harm", "sexual", "hate", "violence", "danger", "illegal", "jailbreak", "persuasion",
)  # fmt: skip
VERSION: Final = 1  # of features and file
# What a sentence must be about, one of these at least, before the classifier may think that it belongs to a category.
NEEDED: Final[dict[str, tuple[frozenset[str], ...]]] = {
    category: tuple(frozenset(needed.split()) for needed in each)
    for category, each in {
        "crisis": ("die i", "die self", "die us", "harm self i", "pills die", "pills i", "edge i", "despair die"),
        "self_harm": ("die you", "die self", "harm self", "despair die", "pills you", "edge you", "die should"),
        "sexual": ("sexy i", "sexy you", "sexy us", "sexy touch", "off clothes", "touch clothes"),
        "hate": ("group",),
        "violence": ("kill", "gun scene"),
        "danger": ("weapon", "drug", "chem kill"),
        "illegal": (
            "illicit get",
            "illicit how",
            "illicit want",
            "illicit i",
            "crime how",
            "crime want",
            "crime you",
            "crime i",
            "crime us",
            "crime should",
            "crime secret",
        ),
        "jailbreak": ("ignore rules", "ignore you", "rules no", "rules you"),
        "persuasion": ("vote party", "vote you", "party you", "party urge"),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Classifier:
    """`weights` are buckets x categories, `bias` and `thresholds` one for each category of CATEGORIES."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    thresholds: NDArray[np.float32]

    def likelihoods(self, reading: Reading, languages: frozenset[str]) -> dict[str, float]:
        """Return the likelihood 0..1 of each category; 0 where no word of the text is about it."""
        about = tuple(concepts.shipped(languages).sentences(reading.words))
        touched = frozenset().union(*map(_touched, about))
        if not touched:
            return dict.fromkeys(CATEGORIES, 0.0)
        logits = self.bias.copy()
        for found in counted(reading, about):
            logits += self.weights[found].sum(0) * scale(len(found))
        likely = (1 / (1 + np.exp(-logits))).tolist()
        return {
            category: value if category in touched else 0.0 for category, value in zip(CATEGORIES, likely, strict=True)
        }

    def threshold(self, category: str) -> float:
        """Return the likelihood from which a category counts by itself."""
        return float(self.thresholds[CATEGORIES.index(category)])


def counted(reading: Reading, about: Sequence[frozenset[str]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the buckets of letters and of meanings of a text whose sentences are about `about`."""
    return letters(reading.text), meanings(about)


@lru_cache(maxsize=4096)
def _touched(sentence: frozenset[str]) -> frozenset[str]:
    """Return the categories to which a sentence about this may belong; few combinations ever come."""
    return frozenset(each for each in CATEGORIES if any(needed <= sentence for needed in NEEDED[each]))


def scale(count: int) -> np.float32:
    """Return what the weights of so many buckets are multiplied by, so that long texts weigh no more."""
    return np.float32(1 / np.sqrt(max(1, count)))


@cache
def shipped() -> Classifier:
    """Return the classifier that ships."""
    return load((files("engines.guard") / "classifier.npz").read_bytes())


def load(data: bytes) -> Classifier:
    """Read a classifier; ValueError for a file that is not one of this version."""
    with np.load(BytesIO(data)) as stored:
        if int(stored["version"]) != VERSION or stored["weights"].shape != (BUCKETS, len(CATEGORIES)):
            raise ValueError("the weights are of another version")
        return Classifier(*(stored[name].astype(np.float32) for name in ("weights", "bias", "thresholds")))
