"""Tells voices apart by their timbre and pitch: an engine of our own, without a model to fetch.

Its weights (timbre.npz) were learned by `python -m training.apart.learn` from synthetic voices. What is kept of a voice
is a mean of AXES numbers, in memory, until the session ends.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from engines.hearing.apart.described import Sample, Space, described, is_voice
from engines.hearing.apart.frames import frames
from engines.hearing.apart.telling import Telling

NAME: Final = "timbre"
WEIGHTS: Final = Path(__file__).with_name("timbre.npz")
BELIEF: Final = 0.5


class Timbre:
    """What the weights in a file make of an utterance; `space` is where its samples lie."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        with np.load(path) as file:
            weights = {name: file[name].astype(np.float64) for name in file.files}
        self._mean, self._scale, self._axes = weights["mean"], weights["scale"], weights["axes"]
        fixed, by_length = (float(each) for each in weights["within"])
        self.space = Space(weights["between"], weights["room"], (fixed, by_length), BELIEF)

    def sample(self, pcm: bytes) -> Sample | None:
        """Return where an utterance lies, s16le at MIC_RATE; None where that is no voice, or too little of one."""
        heard = frames(pcm)
        if not is_voice(heard):
            return None
        return Sample((described(heard) - self._mean) / self._scale @ self._axes, heard.seconds)


class TimbreDiarizer(Telling):
    """The voices of each session, at most `most`; `patience` is how long it waits for the worker, in seconds."""

    def __init__(self, *, most: int = 8, patience: float = 2.0) -> None:
        super().__init__(NAME, most=most, patience=patience)
        self._timbre: Timbre | None = None

    def _load(self) -> Space:
        self._timbre = Timbre()
        return self._timbre.space

    def _sample(self, pcm: bytes) -> Sample | None:
        assert self._timbre is not None
        return self._timbre.sample(pcm)
