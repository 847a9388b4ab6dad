"""A connection in memory between a session and a fake avatar: in order, delayed as told, on the loop's clock.

It is a `bridge.session.fanout.Link` on the session's side. It knows no bytes: messages travel as they are.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

from protocol.messages import ClientMessage, Error, Interrupted, ServerMessage
from testkit.avatar import Avatar


class AvatarLink:
    """One connection; `send` is the session's `receive`, `delay()` the seconds that the next message takes."""

    def __init__(
        self, avatar: Avatar, send: Callable[[ClientMessage], None], *, delay: Callable[[], float] = lambda: 0.0
    ) -> None:
        self.closed = False
        self.error: Error | None = None  # what the session said when it closed the connection
        self._avatar, self._send, self._delay = avatar, send, delay
        self._loop = asyncio.get_running_loop()
        self._way: deque[tuple[float, ServerMessage]] = deque()  # bounded by the session's pacing
        self._timer: asyncio.TimerHandle | None = None
        self._arrives = 0.0

    @property
    def backlog(self) -> int:
        """Nothing waits on this side: all that was posted is on its way."""
        return 0

    def post(self, message: ServerMessage, size: int) -> None:
        """Take a message."""
        if self.closed:
            return
        self._arrives = max(self._arrives, self._loop.time() + self._delay())
        self._way.append((self._arrives, message))
        self._arm()

    def cut(self, interrupted: Interrupted) -> None:
        """Take the message; what is on its way arrives before it."""
        self.post(interrupted, 0)

    def finish(self, error: Error | None) -> None:
        """Close the connection from the session's side."""
        self.error = error
        if error:
            self.post(error, 0)
        self.closed = True

    def drop(self) -> None:
        """Lose the network and what was on its way with it; the session must be told by `detach`."""
        self.closed = True
        self._way.clear()
        if self._timer:
            self._timer.cancel()

    def say(self, message: ClientMessage) -> None:
        """Pass on what the client says; it takes as long as an answer does."""
        self._loop.call_later(self._delay(), self._send, message)

    def _arm(self) -> None:
        if self._timer:
            self._timer.cancel()
        instants = [at for at in (self._avatar.deadline, self._way[0][0] if self._way else None) if at is not None]
        self._timer = self._loop.call_at(min(instants), self._wake) if instants else None

    def _wake(self) -> None:
        now = self._loop.time()
        out = self._avatar.expire(now)
        while self._way and self._way[0][0] <= now:
            out += self._avatar.receive(self._way.popleft()[1], now)
        if not self.closed:
            for playhead in out:
                self._loop.call_later(self._delay(), partial(self._send, playhead))
        self._arm()
