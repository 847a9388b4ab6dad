"""Notices a line that died in silence: a phone changed networks, a laptop slept, and neither end was told.

In the middle of a turn the buffer runs dry then. After a second without a message the other end is asked, and when it
does not answer within two more, the line is taken for lost. Pure: it reads no clock and owns no socket.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

QUIET_S: Final = 1.0  # without a message while the buffer is dry
PATIENCE_S: Final = 2.0  # with the answer to a ping


class Pulse:
    """One connection's signs of life; `now` in seconds of any monotonic clock."""

    def __init__(self, now: float) -> None:
        self._came = now
        self._asked: float | None = None
        self._turn = 0  # that has begun and not ended

    def came(self, message: Mapping[str, Any], now: float) -> None:
        """Note that a message came: any is a sign of life."""
        self._came, self._asked = now, None
        match message["type"]:
            case "reply_start":
                self._turn = message["turn"]
            case "reply_end" | "interrupted" if message["turn"] >= self._turn:
                self._turn = 0
            case "welcome" if not message["resumed"]:
                self._turn = 0
            case _:
                pass

    def check(self, now: float, *, dry: bool) -> Literal["", "ask", "lost"]:
        """Return what is to be done; `dry`: nothing waits to be played."""
        if not self._turn or not dry:
            self._asked = None
            return ""
        if self._asked is not None:
            if now - self._asked < PATIENCE_S:
                return ""
            self._came, self._asked = now, None
            return "lost"
        if now - self._came < QUIET_S:
            return ""
        self._asked = now
        return "ask"
