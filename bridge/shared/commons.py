"""What the bridges of one service know together, with a store or without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Self

from bridge.shared.presence import Everywhere, Here, Presence
from bridge.shared.rates import Common, Own, Rates
from bridge.shared.store import Store


class Commons:
    """Who is there, and what was spent; `async with` it while the server serves.

    `address` is that of the store, "" for none; `now` is the wall clock, `secret` makes the names that are kept there,
    and `away` is told when the store goes and comes back.
    """

    def __init__(self, address: str, *, now: Callable[[], float], secret: str, away: Callable[[bool], None]) -> None:
        self._store = Store(address, away=away) if address else None
        self.presence: Presence = Everywhere(self._store, now=now) if self._store else Here()
        self.rates: Rates = Common(self._store, secret=secret) if self._store else Own()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        if self._store is not None:
            self._stack.push_async_callback(self._store.close)
        for body in (self.presence.renew, self.rates.run):
            self._stack.push_async_callback(_ended, asyncio.ensure_future(body()))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()


async def _ended(task: asyncio.Future[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
