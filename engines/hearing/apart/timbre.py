"""Tells voices apart by their timbre and pitch: an engine of our own, without a model to fetch.

Its weights (timbre.npz) were learned by `python -m training.apart.learn` from synthetic voices. What is kept of a voice
is a mean of AXES numbers, in memory, until the session ends.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from engines.api import EngineError
from engines.device.loop import DeviceLoop, Priority, Stage, open_device
from engines.hearing.apart.described import Sample, Space, described, is_voice
from engines.hearing.apart.frames import frames
from engines.hearing.apart.sessions import Sessions
from engines.measures.work import Work

CODE: Final = "stt_failed"
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


class TimbreDiarizer:
    """The voices of each session, at most `most`; `patience` is how long it waits for the worker, in seconds."""

    name = NAME

    def __init__(self, *, most: int = 8, patience: float = 2.0) -> None:
        self._most = most
        self._stage: Stage[bytes, Sample | None] = Stage(NAME, self._read, CODE, max_batch=8, patience=patience)
        self._loop: DeviceLoop | None = None
        self._timbre: Timbre | None = None
        self._sessions: Sessions | None = None

    async def start(self) -> None:
        """Load the weights and describe a second of silence."""
        self._loop = open_device("cpu", lane=NAME)
        await self._loop.call(self._load, code=CODE, name=f"load {NAME}")
        await self._loop.warm(self._stage, [bytes(32_000)])

    async def close(self) -> None:
        """End the worker and forget all voices."""
        if self._loop is not None:
            loop, self._loop = self._loop, None
            await loop.close()
        self._sessions = None

    def work(self) -> tuple[Work, ...]:
        """Measure the worker."""
        return self._loop.work() if self._loop else ()

    async def who(self, pcm: bytes, session: str) -> str:
        """Return "voice 1" for the first voice of a session, and so on; "" where it cannot tell."""
        loop, sessions = self._loop, self._sessions
        if loop is None or sessions is None:
            raise EngineError(CODE, "What tells voices apart is closed.")
        return sessions.who(session, await loop.run(self._stage, pcm, priority=Priority.FINAL))

    def forget(self, session: str) -> None:
        """Forget the voices of a session."""
        if self._sessions is not None:
            self._sessions.forget(session)

    def _load(self) -> None:
        self._timbre = Timbre()
        self._sessions = Sessions(self._timbre.space, most=self._most)

    def _read(self, sounds: list[bytes]) -> list[Sample | None]:
        assert self._timbre is not None
        return [self._timbre.sample(sound) for sound in sounds]
