"""Tells where in a stream of sound somebody speaks, by loudness alone: for laying words over it, not for turns."""

from __future__ import annotations

from typing import Final

import numpy as np

from engines.sound.arrays import Doubles

FRAME_S: Final = 0.02
BELOW_DB: Final = 35.0  # below the loudest frame so far, that is silence
FLOOR_DB: Final = -60.0  # and below this, of full scale, in any case
PAUSE_S: Final = 0.16  # silence that lasts longer than any closure is a pause


class Spoken:
    """The frames of one stream (s16le mono at `rate`), each speech or silence; how it is cut does not matter."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.frame = round(FRAME_S * rate)
        self._rest = b""
        self._loudest = FLOOR_DB
        self._loud: list[bool] = []

    def push(self, pcm: bytes) -> None:
        """Take more of it."""
        data = self._rest + pcm
        whole = len(data) // (2 * self.frame) * (2 * self.frame)
        self._rest = data[whole:]
        if not whole:
            return
        frames = np.frombuffer(data[:whole], "<i2").astype(np.float64).reshape(-1, self.frame) / 32768.0
        levels = 10.0 * np.log10((frames * frames).mean(1) + 1e-12)
        for level in levels.tolist():
            self._loudest = max(self._loudest, level)
            self._loud.append(level > max(self._loudest - BELOW_DB, FLOOR_DB))

    def times(self) -> Doubles:
        """Return the seconds of speech before each frame, and before the end; shorter silence counts as speech."""
        loud = np.array(self._loud, bool)
        for first, end in self.pauses(shortest=0.0):
            if (end - first) * FRAME_S < PAUSE_S:
                loud[first:end] = True
        return np.concatenate([[0.0], np.cumsum(loud) * FRAME_S])

    def pauses(self, *, shortest: float = PAUSE_S) -> list[tuple[int, int]]:
        """Return the silences that last `shortest` seconds or more, as frames first..end."""
        quiet = np.concatenate([[False], ~np.array(self._loud, bool), [False]])
        edges = np.flatnonzero(np.diff(quiet.astype(np.int8)))
        found = [(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]
        return [(first, end) for first, end in found if (end - first) * FRAME_S >= shortest]
