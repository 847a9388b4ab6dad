"""Trains the classifier of the content filter and says how good it is: `python -m training.guard.train [--write]`.

Logistic regression, one for each category, by AdaGrad in numpy. The same seed gives the same file. Thresholds are set
on the grammars' part "check", which shares neither templates nor words with what is trained on, so that of ordinary
talk at most one text in ALARMS counts.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.guard import concepts
from engines.guard.classifier import CATEGORIES, VERSION, Classifier, counted, scale
from engines.guard.features import BUCKETS
from engines.guard.folding import read
from training.guard.sentences import Example, examples

EACH: Final = 500  # texts of each category and language
SEED: Final = 20_260_101
EPOCHS: Final = 12
BATCH: Final = 256
RATE: Final = 0.35
DECAY: Final = 2e-5
ALARMS: Final = 2000
LEAST: Final = 0.9  # no threshold is lower, ...
FLOORS: Final = {  # ... nor these where they stand
    "crisis": 0.95, "danger": 0.7, "hate": 0.75, "jailbreak": 0.85, "violence": 0.97, "illegal": 0.95,
}  # fmt: skip
OUT: Final = Path(__file__).parents[2] / "engines" / "guard" / "classifier.npz"


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of texts: the buckets of each in a row, how many each has, and the weight of each bucket."""

    buckets: list[NDArray[np.intp]]
    scales: list[NDArray[np.float32]]
    labels: NDArray[np.float32]


def count(texts: Sequence[Example]) -> Counted:
    """Count texts; the labels are texts x CATEGORIES."""
    labels = np.zeros((len(texts), len(CATEGORIES)), np.float32)
    for row, example in enumerate(texts):
        if example.label:
            labels[row, CATEGORIES.index(example.label)] = 1
    both = [_counted(example) for example in texts]
    return Counted(
        [np.concatenate(pair) for pair in both],
        [np.concatenate([np.full(len(part), scale(len(part)), np.float32) for part in pair]) for pair in both],
        labels,
    )


def _counted(example: Example) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    reading = read(example.text)
    about = concepts.shipped(concepts.read_as(example.text, example.language)).sentences(reading.words)
    return counted(reading, tuple(about))


def likelihoods(model: Classifier, example: Example) -> list[float]:
    """Return the likelihood of each of CATEGORIES."""
    found = model.likelihoods(read(example.text), concepts.read_as(example.text, example.language))
    return [found[category] for category in CATEGORIES]


def trained(texts: Sequence[Example], checks: Sequence[Example], *, seed: int = SEED) -> Classifier:
    """Train on `texts`, and set the thresholds on `checks`."""
    found = count(texts)
    random = np.random.default_rng(seed)
    weights = np.zeros((BUCKETS, len(CATEGORIES)), np.float32)
    bias = np.full(len(CATEGORIES), -3, np.float32)
    seen, seen_bias = np.full_like(weights, 1e-10), np.full_like(bias, 1e-10)
    for _ in range(EPOCHS):
        order = random.permutation(len(texts))
        for at in range(0, len(order), BATCH):
            rows = order[at : at + BATCH]
            lengths = np.array([len(found.buckets[row]) for row in rows])
            flat = np.concatenate([found.buckets[row] for row in rows])
            scales = np.concatenate([found.scales[row] for row in rows])[:, None]
            starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
            logits = bias + np.add.reduceat(weights[flat] * scales, starts)
            wrong = (1 / (1 + np.exp(-logits)) - found.labels[rows]) / len(rows)
            slope = np.zeros_like(weights)
            np.add.at(slope, flat, np.repeat(wrong, lengths, 0) * scales)
            slope += DECAY * weights
            seen += slope**2
            weights -= RATE * slope / np.sqrt(seen)
            slope_bias = wrong.sum(0)
            seen_bias += slope_bias**2
            bias -= RATE * slope_bias / np.sqrt(seen_bias)
    whole = Classifier(weights.astype(np.float16).astype(np.float32), bias, np.ones_like(bias))
    return Classifier(whole.weights, bias, _thresholds(whole, checks))


def _thresholds(model: Classifier, texts: Sequence[Example]) -> NDArray[np.float32]:
    others = np.array([likelihoods(model, each) for each in texts if not each.label])
    least = [FLOORS.get(category, LEAST) for category in CATEGORIES]
    return np.asarray(np.maximum(np.quantile(others, 1 - 1 / ALARMS, axis=0), least), np.float32)


def packed(model: Classifier) -> bytes:
    """Return the file of a classifier; the same bytes for the same weights."""
    file = BytesIO()
    np.savez_compressed(
        file,
        version=np.int64(VERSION),
        weights=model.weights.astype(np.float16),
        bias=model.bias,
        thresholds=model.thresholds,
    )
    return file.getvalue()


def main(argv: Sequence[str] | None = None) -> int:
    """Train, tell what came of it, and write the file if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write engines/guard/classifier.npz")
    options = parser.parse_args(argv)
    texts = examples("train", EACH, SEED)
    model = trained(texts, examples("check", EACH // 4, SEED))
    data = packed(model)
    print(f"{len(texts)} texts, {len(data)} bytes, thresholds {np.round(model.thresholds, 3).tolist()}")
    if options.write:
        OUT.write_bytes(data)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
