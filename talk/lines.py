"""Lines that a person types or a pipe delivers, without blocking the event loop, on any operating system."""

from __future__ import annotations

import asyncio
import codecs
import locale
import os
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Final

BOMS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
WESTERN: Final = "cp1252"  # what a pipe most likely holds that is not UTF-8, where the system does not say


class Lines:
    """Iterates over the lines of a file descriptor until its end.

    A daemon thread reads the descriptor itself: a thread inside `sys.stdin.readline` would hold a lock that Python
    needs to exit. At most `ahead` lines wait; then the thread does. `fallback` is the encoding of lines that are
    neither UTF-8 nor UTF-16; by default the terminal's or the system's.
    """

    def __init__(self, descriptor: int = 0, *, fallback: str = "", ahead: int = 64) -> None:
        self._descriptor = descriptor
        self._reading = Reading(fallback or _foreign(descriptor))
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()  # bounded by `_room`
        self._room = threading.Semaphore(ahead)
        threading.Thread(target=self._read, name="lines", daemon=True).start()

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        """Return the next line without its end."""
        line = await self._queue.get()
        self._room.release()
        if line is None:
            raise StopAsyncIteration
        return line

    def _read(self) -> None:
        try:
            while data := self._chunk():
                for line in self._reading.take(data):
                    self._put(line)
            for line in self._reading.end():
                self._put(line)
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


class Reading:
    """Makes lines of bytes whose encoding nobody tells: UTF-16 by its mark or its zeros, else UTF-8 line by line."""

    def __init__(self, fallback: str) -> None:
        self._fallback = fallback
        self._rest = b""
        self._wide: codecs.IncrementalDecoder | None = None
        self._text = ""  # of UTF-16, not yet a line
        self._begun = False

    def take(self, data: bytes) -> Iterator[str]:
        """Yield the lines that are complete with `data`."""
        self._rest += data
        if not self._begun:
            if len(self._rest) < 4 and b"\n" not in self._rest:
                return
            self._begin()
        if self._wide is not None:
            self._text += self._wide.decode(self._rest)
            self._rest = b""
            *lines, self._text = self._text.split("\n")
            yield from (line.removesuffix("\r") for line in lines)
            return
        *raw, self._rest = self._rest.split(b"\n")
        yield from (self._decode(line.removesuffix(b"\r")) for line in raw)

    def end(self) -> Iterator[str]:
        """Yield what is left when nothing more comes."""
        if not self._begun:
            self._begin()
        if self._wide is not None:
            self._text += self._wide.decode(self._rest, final=True)
            if self._text:
                yield self._text
        elif self._rest:
            yield self._decode(self._rest)

    def _begin(self) -> None:
        self._begun = True
        start = self._rest[:4]
        mark = next((mark for mark in BOMS if start.startswith(mark)), b"")
        encoding = BOMS.get(mark, "")
        if not encoding and len(start) == 4 and start[1] == start[3] == 0 != start[0]:
            encoding = "utf-16-le"
        elif not encoding and len(start) == 4 and start[0] == start[2] == 0 != start[1]:
            encoding = "utf-16-be"
        if encoding.startswith("utf-16"):
            self._wide = codecs.getincrementaldecoder(encoding)("replace")
        else:
            self._rest = self._rest.removeprefix(mark)

    def _decode(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            return line.decode(self._fallback, "replace")


def _foreign(descriptor: int) -> str:
    """Return the encoding of what is no Unicode: the console's or the system's code page, where there is one."""
    named = os.device_encoding(descriptor) or locale.getpreferredencoding(False)
    try:
        return WESTERN if codecs.lookup(named).name in ("utf-8", "ascii") else named
    except LookupError:
        return WESTERN
