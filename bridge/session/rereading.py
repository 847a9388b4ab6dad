"""Lets a stream be read again from its beginning, by one reader after the other."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

from engines.api import Stream

T = TypeVar("T")


class Rereading(Generic[T]):
    """What came of one stream, and what is still to come; to be closed, the stream by whoever made it.

    A pull that its reader gives up goes on, so that the next reader misses nothing.
    """

    def __init__(self, stream: Stream[T]) -> None:
        self._stream = stream
        self._read: list[T] = []
        self._pull: asyncio.Task[tuple[T, ...]] | None = None
        self._keeps = True

    async def items(self) -> Stream[T]:
        """Yield everything from the beginning."""
        at = 0
        while True:
            while at == len(self._read):
                if not await self._more():
                    return
            yield self._read[at]
            if self._keeps:
                at += 1
            else:
                del self._read[: at + 1]
                at = 0

    async def item(self, at: int) -> T | None:
        """Return item `at`, counted from the beginning, None if there is none; while everything is kept."""
        assert self._keeps
        while len(self._read) <= at:
            if not await self._more():
                return None
        return self._read[at]

    def keep_no_more(self) -> None:
        """Drop what was read: nobody will begin again."""
        self._keeps = False

    async def close(self) -> None:
        """Give up the pull that is on its way."""
        if self._pull is not None:
            self._pull.cancel()
            await asyncio.gather(self._pull, return_exceptions=True)

    async def _more(self) -> bool:
        """Read one more item, with whoever else waits for it; False at the end."""
        if self._pull is None and not self._keeps:
            # Nobody would miss what a reader that gives up takes with it: no task is needed to keep it.
            try:
                self._read.append(await anext(self._stream))
            except StopAsyncIteration:
                return False
            return True
        if self._pull is None:
            self._pull = asyncio.get_running_loop().create_task(self._next())
        pull = self._pull
        item = await asyncio.shield(pull)
        if item and self._pull is pull:
            self._pull = None
            self._read += item
        return bool(item)

    async def _next(self) -> tuple[T, ...]:
        try:
            return (await anext(self._stream),)
        except StopAsyncIteration:
            return ()
