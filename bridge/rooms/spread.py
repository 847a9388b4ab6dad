"""Takes one companion's replies to everybody in its room, each with numbers of their own, all with one instant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from msgspec import structs

from bridge.core.rooms.downbeat import Downbeat
from bridge.core.timeline import MEDIA_RATE
from bridge.session.fanout import Fanout
from protocol import messages as m


class Hearer(Protocol):
    """Somebody to whom replies go."""

    @property
    def out(self) -> Fanout:
        """Return what their connections are told by."""
        ...

    @property
    def wants_idle(self) -> bool:
        """Return whether they want idle life."""
        ...


class Spread:
    """What one companion's replies leave by; `hearers` are all who are in the room now."""

    def __init__(
        self,
        companion: str,
        rate: int,
        downbeat: Downbeat,
        hearers: Callable[[], Iterable[Hearer]],
        caller: Callable[[], Hearer | None],
    ) -> None:
        """Send as `companion`, sound of `rate` samples a second; tool calls go to `caller` alone."""
        self._companion = companion
        self._rate = rate
        self._downbeat = downbeat
        self._hearers = hearers
        self._caller = caller

    @property
    def attended(self) -> bool:
        """Return whether anybody is there to hear."""
        return any(each.out.attended for each in self._hearers())

    @property
    def backlog(self) -> int:
        """Return nothing: one slow line must not take the face from everybody; its own connection is closed."""
        return 0

    def keep(self, make: Callable[[int], m.ServerMessage], *, turn: int = 0) -> None:
        """Send a message that a resume must replay."""
        message = make(1)
        if isinstance(message, m.ToolCall):
            hearers = [caller] if (caller := self._caller()) is not None else []
        else:
            hearers = list(self._hearers())
        if isinstance(message, m.Media):
            now = asyncio.get_running_loop().time()
            length = len(message.pcm) // 2 * MEDIA_RATE // self._rate
            at = self._downbeat.at(message.turn, message.pts, length, now)
            message = structs.replace(message, at=round(at * 1000, 3))
        if self._companion != "main":
            message = structs.replace(message, companion=self._companion)
        for each in hearers:
            each.out.keep(lambda seq: structs.replace(message, seq=seq), turn=turn)

    def post(self, message: m.ServerMessage) -> None:
        """Send a message that only matters now; idle life goes to those who want it."""
        idle = isinstance(message, m.Media)
        if self._companion != "main":
            message = structs.replace(message, companion=self._companion)
        for each in self._hearers():
            if not idle or each.wants_idle:
                each.out.post(message)

    def cut(self, turn: int, pts: int) -> None:
        """Drop what is unsent of turns up to `turn`, and tell everybody before anything else."""
        self._downbeat.cut(asyncio.get_running_loop().time())
        for each in self._hearers():
            each.out.cut(turn, pts, self._companion)
