"""Tells where in a stream of sound somebody speaks, by loudness alone: for laying words over it, not for turns."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

import numpy as np

FRAME_S: Final = 0.02
BELOW_DB: Final = 35.0  # below the loudest frame so far, that is silence
FLOOR_DB: Final = -60.0  # and below this, of full scale, in any case
PAUSE: Final = 8  # frames: silence that lasts longer than any closure is a pause, shorter silence counts as speech


class Spoken:
    """The frames of one stream (s16le mono at `rate`), each speech or silence; how it is cut does not matter.

    `pauses` are the silences so far, as frames first..end; the last may go on.
    """

    def __init__(self, rate: int) -> None:
        self.frame = round(FRAME_S * rate)
        self.pauses: list[tuple[int, int]] = []
        self._rest = b""
        self._loudest = FLOOR_DB
        self._times = [0.0]  # seconds of speech before each frame, and before the end
        self._quiet = 0  # frames of silence at the end

    def push(self, pcm: bytes) -> None:
        """Take more of it."""
        data = self._rest + pcm
        whole = len(data) // (2 * self.frame) * (2 * self.frame)
        self._rest = data[whole:]
        if not whole:
            return
        frames = np.frombuffer(data[:whole], "<i2").astype(np.float64).reshape(-1, self.frame) / 32768.0
        for level in (10.0 * np.log10((frames * frames).mean(1) + 1e-12)).tolist():
            self._loudest = max(self._loudest, level)
            self._add(loud=level > max(self._loudest - BELOW_DB, FLOOR_DB))

    @property
    def seconds(self) -> float:
        """Return how many seconds of speech there are."""
        return self._times[-1]

    def before(self, sample: int) -> float:
        """Return the seconds of speech before a sample."""
        frame, rest = divmod(sample, self.frame)
        if frame >= len(self._times) - 1:
            return self._times[-1]
        return self._times[frame] + (self._times[frame + 1] - self._times[frame]) * rest / self.frame

    def after(self, seconds: float) -> int:
        """Return the sample before which there are so many seconds of speech, the last one that fits.

        Beyond what has come it is reckoned as if speech went on.
        """
        beyond = seconds - self._times[-1]
        if beyond >= 0:
            return round((len(self._times) - 1 + beyond / FRAME_S) * self.frame)
        frame = bisect_right(self._times, seconds) - 1
        step = self._times[frame + 1] - self._times[frame]
        return round((frame + (seconds - self._times[frame]) / step) * self.frame)

    def _add(self, *, loud: bool) -> None:
        times = self._times
        self._quiet = 0 if loud else self._quiet + 1
        if self._quiet < PAUSE:
            times.append(times[-1] + FRAME_S)
            return
        end = len(times)
        first = end - self._quiet
        if self._quiet > PAUSE:
            self.pauses.pop()
        else:
            # Now it is known to be a pause.
            times[first + 1 :] = [times[first]] * (end - first - 1)
        times.append(times[-1])
        self.pauses.append((first, end))
