"""Wakes one task at an instant, or when somebody rings."""

from __future__ import annotations

import asyncio
from typing import Final

GRAIN: Final = 0.0005  # seconds


class Alarm:
    """Wakes the one task that waits for it."""

    def __init__(self) -> None:
        self._waiter: asyncio.Future[None] | None = None
        self._rung = False

    def ring(self) -> None:
        """Wake the sleeper now, or spare it its next sleep."""
        self._rung = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def until(self, when: float | None) -> None:
        """Sleep until the loop's time is `when` (None: for ever) or `ring` is called."""
        if not self._rung:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            # Some loops count in whole milliseconds and would wake before time, to find nothing to do.
            timer = None if when is None else loop.call_at(when + GRAIN, _wake, self._waiter)
            try:
                await self._waiter
            finally:
                self._waiter = None
                if timer is not None:
                    timer.cancel()
        self._rung = False


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
