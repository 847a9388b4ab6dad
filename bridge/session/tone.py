"""Asks, while the user pauses, whether their voice sounds finished: at once, and again while the pause lasts."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from functools import partial
from typing import Final

from bridge.core.turn_events import SoundsFinished
from bridge.session.driven import asked
from bridge.session.opening import Hooks
from engines.api import MIC_RATE, EngineError
from engines.jobs import Intonation

log = logging.getLogger("bridge.session.tone")

KEPT: Final = 8 * MIC_RATE * 2  # bytes of sound
LOOKS: Final = 4  # how often it is asked in one pause
EVERY: Final = 0.07  # seconds from one answer to the next question
CERTAIN: Final = 0.9  # likelihood that is not asked about again


class Tone:
    """The last seconds of one user's voice."""

    def __init__(self, engine: Intonation | None, hooks: Hooks) -> None:
        self._engine = engine
        self._hooks = hooks
        self._sound: deque[bytes] = deque()
        self._bytes = 0
        self._asking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin an utterance."""
        self.stop()
        self._sound.clear()
        self._bytes = 0

    def push(self, data: bytes) -> None:
        """Hear more of it, its pauses included."""
        if self._engine is None:
            return
        self._sound.append(data)
        self._bytes += len(data)
        while self._bytes - len(self._sound[0]) >= KEPT:
            self._bytes -= len(self._sound.popleft())

    def pause(self, utterance: int) -> None:
        """Begin to ask: the user has fallen silent."""
        self.stop()
        if self._engine is not None:
            self._asking = self._hooks.spawn(self._ask(self._engine, utterance))

    def stop(self) -> None:
        """Ask no more: the user goes on."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _ask(self, engine: Intonation, utterance: int) -> None:
        for look in range(LOOKS):
            if look:
                await asyncio.sleep(EVERY)
            finished = partial(engine.finished, b"".join(self._sound))
            try:
                likelihood = await asked("intonation", finished)
            except EngineError as error:
                log.warning("engine failed", extra={"code": error.code, "reason": error.message})
                return
            self._hooks.decide(SoundsFinished(utterance, likelihood))
            if likelihood >= CERTAIN:
                return
