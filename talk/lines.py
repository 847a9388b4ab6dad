"""Lines that a person types or a pipe delivers, without blocking the event loop, on any operating system."""

from __future__ import annotations

import asyncio
import codecs
import os
import threading
from collections.abc import AsyncIterator


class Lines:
    """Iterates over the lines of a file descriptor until its end.

    A daemon thread reads the descriptor itself: a thread inside `sys.stdin.readline` would hold a lock that Python
    needs to exit. At most `ahead` lines wait; then the thread does.
    """

    def __init__(self, descriptor: int = 0, *, encoding: str = "utf-8", ahead: int = 64) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()  # bounded by `_room`
        self._room = threading.Semaphore(ahead)
        threading.Thread(target=self._read, name="lines", daemon=True).start()

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        """The next line without its end."""
        line = await self._queue.get()
        self._room.release()
        if line is None:
            raise StopAsyncIteration
        return line

    def _read(self) -> None:
        rest = ""
        try:
            while data := self._chunk():
                *lines, rest = (rest + self._decoder.decode(data)).split("\n")
                for line in lines:
                    self._put(line.removesuffix("\r"))
            if rest:
                self._put(rest)
            self._put(None)
        except RuntimeError:
            return  # the loop is closed: nobody reads any more

    def _chunk(self) -> bytes:
        try:
            return os.read(self._descriptor, 4096)
        except OSError:
            return b""

    def _put(self, line: str | None) -> None:
        self._room.acquire()
        self._loop.call_soon_threadsafe(self._queue.put_nowait, line)
