"""Smart Turn v3 as an engine: the probability that a turn is over, from the sound of its last eight seconds.

Model: pipecat-ai/smart-turn-v3 (BSD-2-Clause), a Whisper encoder with a classifier, 8 MB, 23 languages. It runs in a
worker of its own, off the event loop; what several sessions ask at once goes through it in one batch.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from engines.api import EngineError
from engines.device.loop import DeviceLoop, Priority, Stage, open_device
from engines.hearing.network import opened
from engines.hearing.smart_turn.features import FRAMES, MELS, features
from engines.measures.work import Work

CODE: Final = "stt_failed"
NAME: Final = "smart_turn"
INPUT: Final = "input_features"
REMEDY: Final = "fetch it by `companion models pull`, or set engines.intonation to none"


class SmartTurnIntonation:
    """The model in the file `model`; `threads` of the CPU (0: half of them, at most 4)."""

    name = NAME

    def __init__(self, model: str = "", *, threads: int = 0, batch: int = 8, patience: float = 5.0) -> None:
        self._path = Path(model)
        self._threads = threads or max(1, min(4, (os.cpu_count() or 2) // 2))
        self._stage: Stage[bytes, float] = Stage(NAME, self._judge, CODE, max_batch=batch, patience=patience)
        self._loop: DeviceLoop | None = None
        self._session: Any = None

    async def start(self) -> None:
        """Load the model and judge a second of silence; EngineError with what to do when that does not work."""
        self._loop = open_device("cpu", lane=NAME)
        await self._loop.call(self._load, code=CODE, name="load smart_turn")
        await self._loop.warm(self._stage, [bytes(32_000)])

    async def close(self) -> None:
        """End the worker and release the model."""
        if self._loop is not None:
            loop, self._loop = self._loop, None
            await loop.close()
        self._session = None

    def work(self) -> tuple[Work, ...]:
        """Measure the worker."""
        return self._loop.work() if self._loop else ()

    async def finished(self, sound: bytes) -> float:
        """Return the likelihood 0..1 that the turn is over after `sound`, the pause at its end included."""
        if self._loop is None:
            raise EngineError(CODE, "The judge of intonation is closed.")
        return await self._loop.run(self._stage, sound, priority=Priority.FINAL)

    def _judge(self, sounds: list[bytes]) -> list[float]:
        output = self._session.run(None, {INPUT: np.stack([features(sound) for sound in sounds])})[0]
        return [float(likely) for likely in output[:, 0]]

    def _load(self) -> None:
        session = opened(
            self._path,
            self._threads,
            missing=f"There is no Smart Turn model in {self._path}: {REMEDY}.",
            damaged=f"The Smart Turn model {self._path.name} is damaged",
            repair=f": {REMEDY}.",
        )
        shapes = {node.name: tuple(node.shape[1:]) for node in session.get_inputs()}
        if shapes != {INPUT: (MELS, FRAMES)}:
            raise EngineError(CODE, f"{self._path.name} is no Smart Turn v3 model: its inputs are {sorted(shapes)}.")
        self._session = session
