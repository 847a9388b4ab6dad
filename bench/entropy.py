"""A source of words whose entropy is known, and what a model that is trained from nothing makes of it.

No model can go below the entropy on what it has never seen; how near one comes says whether pre-training works. `kill`
ends such a run by SIGKILL in a process of its own, goes on, and compares the weights with those of a run left alone.
"""

from __future__ import annotations

import math
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any, Final

from training.loop import checkpoint
from training.loop.recipe import Recipe
from training.pretrain.learn import Outcome, Wanted, pretrain
from training.pretrain.models import Size
from training.track import tracker

WORDS: Final = 48  # of the source
NEXT: Final = 6  # words that may follow each
DOCUMENTS, LENGTH = 500, 400  # of the corpus: documents, and words of each


class Source:
    """Writes words each of which is drawn by the one before: its entropy is known exactly."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)
        syllables = [a + b for a in "bdfgklmnprst" for b in "aeio"]
        self._words = ["".join(self._random.sample(syllables, 2)) for _ in range(WORDS)]
        self._odds = []
        for _ in range(WORDS):
            chosen = self._random.sample(range(WORDS), NEXT)
            weights = [self._random.random() ** 2 + 0.05 for _ in chosen]
            self._odds.append((chosen, [each / sum(weights) for each in weights]))

    def entropy(self) -> float:
        """Return the entropy of a word, in nats, by the chain's own balance of words."""
        share = [1 / WORDS] * WORDS
        for _ in range(500):
            new = [0.0] * WORDS
            for at, (chosen, odds) in enumerate(self._odds):
                for word, odd in zip(chosen, odds, strict=True):
                    new[word] += share[at] * odd
            share = [(a + b) / 2 for a, b in zip(new, share, strict=True)]
        return sum(share[at] * -sum(odd * math.log(odd) for odd in odds) for at, (_, odds) in enumerate(self._odds))

    def text(self, words: int) -> str:
        """Return so many words, parted by blanks."""
        at, made = 0, []
        for _ in range(words):
            chosen, odds = self._odds[at]
            at = self._random.choices(chosen, odds)[0]
            made.append(self._words[at])
        return " ".join(made)


def train(place: Path, size: Size, steps: int, batch: int, save: int = 0) -> Outcome:
    """Pre-train on the source in a folder, going on from a checkpoint that is there."""
    place.mkdir(parents=True, exist_ok=True)
    corpus, source = place / "corpus.txt", Source()
    if not corpus.exists():
        corpus.write_text("\n\n".join(source.text(LENGTH) for _ in range(DOCUMENTS)), encoding="utf-8")
    lines = tracker.open_tracker(place / "run", after=checkpoint.reached(place / "run"))
    wanted = Wanted(size=size, vocabulary=400, width=64, share=0.05)
    recipe = Recipe(
        steps=steps, batch=batch, budget=4096, rate=3e-3, decay=0.1, look=max(1, steps // 4), save=save
    )  # fmt: skip
    try:
        return pretrain([corpus], wanted, recipe, place / "run", tracker=lines, clock=time.process_time)
    finally:
        lines.close()


def entropy(place: Path, size: Size, steps: int, batch: int) -> dict[str, Any]:
    """Compare the held-out loss of a word with the source's entropy."""
    told = train(place, size, steps, batch, save=max(1, steps // 12))
    words = DOCUMENTS * LENGTH * told.held / (told.learned + told.held)  # all documents are as long
    loss = told.after * told.held / words
    known = Source().entropy()
    return {
        "weights": told.weights,
        "steps": told.steps,
        "seconds": told.seconds,
        "loss of a word": loss,
        "entropy of a word": known,
        "above it": loss / known - 1,
    }


def killed(place: Path, size: Size, steps: int, batch: int) -> dict[str, Any]:
    """Kill a run in its middle, go on, and compare every weight with those of a run that was left alone."""
    import torch

    given = [str(size.width), str(size.layers), str(steps), str(batch)]
    reached = []
    for name in ("whole", "killed"):
        shutil.rmtree(place / name, ignore_errors=True)
        process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "bench.entropy", str(place / name), *given])
        if name == "killed":
            while process.poll() is None and _steps(place / name / "run") <= steps // 2:
                time.sleep(0.05)  # for another process, that says nothing before it is killed
            process.send_signal(signal.SIGKILL)
        reached.append((process.wait(), checkpoint.reached(place / name / "run")))
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.entropy", str(place / "killed"), *given], check=True
    )  # fmt: skip
    held = [torch.load(place / name / "run" / checkpoint.FILE, weights_only=True) for name in ("whole", "killed")]
    same = [torch.equal(one, held[1]["learned"][name]) for name, one in held[0]["learned"].items()]
    return {
        "ended by signal": -reached[1][0],
        "checkpoint then": reached[1][1],
        "steps": held[1]["state"]["step"],
        "weights the same": f"{sum(same)} of {len(same)} tensors",
        "best loss, whole": held[0]["state"]["best"],
        "best loss, killed": held[1]["state"]["best"],
    }


def _steps(run: Path) -> int:
    """Count the steps that a run has logged."""
    file = run / tracker.FILE
    return file.read_bytes().count(b"\n") if file.exists() else 0


if __name__ == "__main__":
    where, *numbers = sys.argv[1:]
    width, layers, count, rows = map(int, numbers)
    train(Path(where), Size(width, layers), count, rows, save=2)
