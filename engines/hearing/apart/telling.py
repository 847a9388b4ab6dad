"""Runs an engine that tells voices apart: a worker that makes samples of utterances, and the voices of each session."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from engines.api import EngineError
from engines.device.loop import DeviceLoop, Priority, Stage, open_device
from engines.hearing.apart.described import Sample, Space
from engines.hearing.apart.sessions import Sessions
from engines.measures.work import Work

CODE: Final = "stt_failed"


class Telling(ABC):
    """What such engines share; each says how it loads and what it makes of an utterance.

    At most `most` voices in a session; `patience` is how long the worker is waited for, in seconds.
    """

    def __init__(self, name: str, *, most: int, patience: float) -> None:
        self.name = name
        self._most = most
        self._stage: Stage[bytes, Sample | None] = Stage(name, self._samples, CODE, max_batch=8, patience=patience)
        self._loop: DeviceLoop | None = None
        self._sessions: Sessions | None = None

    @abstractmethod
    def _load(self) -> Space:
        """Load, in the worker's thread; return where the samples lie."""

    @abstractmethod
    def _sample(self, pcm: bytes) -> Sample | None:
        """Return where an utterance lies, s16le at MIC_RATE, in the worker's thread; None where that is no voice."""

    async def start(self) -> None:
        """Load and warm up; EngineError with what to do when that fails."""
        self._loop = open_device("cpu", lane=self.name)
        space = await self._loop.call(self._load, code=CODE, name=f"load {self.name}")
        self._sessions = Sessions(space, most=self._most)
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

    def _samples(self, sounds: list[bytes]) -> list[Sample | None]:
        return [self._sample(sound) for sound in sounds]
