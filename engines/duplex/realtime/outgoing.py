"""Holds what is on its way to a server: in order, bounded; of sound that is not taken the oldest is dropped."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

SOUNDS: Final = 50  # pieces of sound that wait, a second of a microphone's frames
EVENTS: Final = 512  # of everything else


class Outgoing:
    """The events that one connection has not taken yet."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, bool]] = deque()  # with whether it is sound
        self._sounds = 0
        self._more = asyncio.Event()
        self.dropped = 0  # pieces of sound

    def put(self, event: str, *, sound: bool) -> bool:
        """Add an event; False when it has no room, since nothing is taken any more."""
        if sound:
            if self._sounds >= SOUNDS:
                self._waiting.remove(next(item for item in self._waiting if item[1]))
                self.dropped += 1
            else:
                self._sounds += 1
        elif len(self._waiting) - self._sounds >= EVENTS:
            return False
        self._waiting.append((event, sound))
        self._more.set()
        return True

    async def next(self) -> str:
        """Return the next event, as soon as there is one."""
        while not self._waiting:
            self._more.clear()
            await self._more.wait()
        event, sound = self._waiting.popleft()
        self._sounds -= sound
        return event
