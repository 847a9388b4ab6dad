"""Carries letters, sockets and bulky bytes between two processes of one machine, in order, over a Unix socket.

A letter is one packet; sockets go along as file descriptors, bulky bytes in a file in memory whose descriptor comes
first. Nothing here waits: what the other end does not take yet is kept, up to MOST letters.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from bridge.fleet.letters import Letter, read, written

MOST: Final = 4096  # letters that wait to be taken; beyond that the other end counts as gone
PACKET: Final = 131_072  # bytes of one
DESCRIPTORS: Final = 128  # that go along with one

Take = Callable[[Letter, list[socket.socket], bytes], None]


def pair() -> tuple[socket.socket, socket.socket]:
    """Return the two ends of a channel; OSError where the system has none that keeps packets whole."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class Channel:
    """One end of a channel; `take` gets each letter, `lost` is called once when the other end is gone."""

    def __init__(self, end: socket.socket, take: Take, lost: Callable[[], None]) -> None:
        end.setblocking(False)
        self._end = end
        self._take = take
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[bytes, list[socket.socket], int | None]] = deque()
        self._closed = False
        self._loop.add_reader(end, self._readable)

    @property
    def waiting(self) -> int:
        """Return how many letters the other end has not taken."""
        return len(self._waiting)

    def send(self, letter: Letter, sockets: Sequence[socket.socket] = (), bulk: bytes = b"") -> None:
        """Send a letter; its sockets are closed here once they are gone, or at once where nobody takes them."""
        handed = list(sockets)
        if self._closed:
            _close(handed, None)
            return
        idle = not self._waiting
        self._waiting.append((written(letter), handed, _filed(bulk) if bulk else None))
        if len(self._waiting) > MOST:
            self._give_up()
        elif idle:
            self._flush()

    def close(self) -> None:
        """Close this end; what was not taken is lost."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._end)
        self._loop.remove_writer(self._end)
        for _, sockets, file in self._waiting:
            _close(sockets, file)
        self._waiting.clear()
        self._end.close()

    def _give_up(self) -> None:
        if not self._closed:
            self.close()
            self._lost()

    def _flush(self) -> None:
        while self._waiting:
            data, sockets, file = self._waiting[0]
            flag = b"\1" if file is not None else b"\0"
            numbers = [*([file] if file is not None else []), *(each.fileno() for each in sockets)]
            try:
                socket.send_fds(self._end, [flag, data], numbers)
            except BlockingIOError:
                self._loop.add_writer(self._end, self._flush)
                return
            except OSError:
                self._give_up()
                return
            self._waiting.popleft()
            _close(sockets, file)
        self._loop.remove_writer(self._end)

    def _readable(self) -> None:
        while not self._closed:
            try:
                data, numbers, _, _ = socket.recv_fds(self._end, PACKET, DESCRIPTORS)
            except BlockingIOError:
                return
            except OSError:
                self._give_up()
                return
            if not data:
                self._give_up()
                return
            bulk = b""
            if data[0]:
                with os.fdopen(numbers.pop(0), "rb") as file:
                    bulk = file.read()
            sockets = [socket.socket(fileno=number) for number in numbers]
            try:
                letter = read(data[1:])
            except msgspec.MsgspecError:
                _close(sockets, None)
                self._give_up()
                return
            self._take(letter, sockets, bulk)


def _filed(bulk: bytes) -> int:
    number = os.memfd_create("letter", os.MFD_CLOEXEC)
    view = memoryview(bulk)
    while view:
        view = view[os.write(number, view) :]
    os.lseek(number, 0, os.SEEK_SET)
    return number


def _close(sockets: Sequence[socket.socket], file: int | None) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.close()
    if file is not None:
        os.close(file)
