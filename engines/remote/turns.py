"""Gives the places of an engine to requests: by urgency, then by arrival. Whoever has waited too long is told so."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

WAITING: Final = 256  # requests that may wait


class Full(Exception):
    """There is no place, and none came free in time."""


class Turns:
    """The places of one engine; `places` requests run at once."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._line: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = 0
        self.waited = 0.0  # seconds, of the request that got its turn last

    @property
    def waiting(self) -> int:
        """Return how many wait."""
        return sum(not place.done() for _, _, place in self._line)

    @asynccontextmanager
    async def turn(self, priority: int, patience: float) -> AsyncIterator[float]:
        """Wait for a place, at most `patience` seconds, and keep it; yields the seconds waited. Raises Full."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        if self._free and not self.waiting:
            self._free -= 1
        else:
            await self._queue(priority, patience)
        self.waited = loop.time() - began
        try:
            yield self.waited
        finally:
            self._release()

    async def _queue(self, priority: int, patience: float) -> None:
        if self.waiting >= WAITING:
            raise Full
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        heapq.heappush(self._line, (priority, self._arrivals, place))
        try:
            async with asyncio.timeout(patience):
                await place
        except BaseException as error:
            if place.done() and not place.cancelled():
                self._release()  # it came just as nobody wanted it any more
            place.cancel()
            if isinstance(error, TimeoutError):
                raise Full from error
            raise

    def _release(self) -> None:
        while self._line:
            _, _, place = heapq.heappop(self._line)
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
