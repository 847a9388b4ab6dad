"""Counts a user's sessions over every process and machine that shares a Redis or Valkey; without one, here alone.

Nothing of a conversation is kept there: a digest of the user's name, names of sessions, and until when each counts.
What is not renewed for LASTS seconds counts no more, so a machine that dies holds nobody's places. When the store is
away each process counts for itself and the conversation goes on.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import Final, Protocol

from bridge.shared.store import Store

RENEW: Final = 20.0  # seconds from one renewal to the next
LASTS: Final = 70.0  # seconds that a session counts after its last

# Drops what counts no more, and adds the session if it is one of them or there is room: one step for the store.
_ENTER: Final = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if not redis.call('ZSCORE', KEYS[1], ARGV[2]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return 1
"""


class Presence(Protocol):
    """Who is there, anywhere."""

    async def enter(self, user: str, session: str, most: int) -> bool:
        """Count a session of `user`; False where they have `most` already."""
        ...

    async def leave(self, user: str, session: str) -> None:
        """Count it no more."""
        ...

    async def renew(self) -> None:
        """Tell that this process's sessions are still there, again and again until it is cancelled."""
        ...


class Here:
    """Nobody but this process: it has counted already."""

    async def enter(self, user: str, session: str, most: int) -> bool:
        """Say that there is room."""
        return True

    async def leave(self, user: str, session: str) -> None:
        """Do nothing."""

    async def renew(self) -> None:
        """Do nothing."""


class Everywhere:
    """All who share the store; `now` is the wall clock, which all of them share too."""

    def __init__(self, store: Store, *, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._mine: dict[str, str] = {}  # the key of each session of this process

    async def enter(self, user: str, session: str, most: int) -> bool:
        """Count a session of `user`; True as well where the store is away."""
        if not user:
            return True
        key = _key(user)
        if await self._ask(key, session, most) == 0:
            return False
        self._mine[session] = key
        return True

    async def leave(self, user: str, session: str) -> None:
        """Count it no more."""
        key = self._mine.pop(session, None)
        if key is not None:
            await self._store.ask(lambda: self._store.redis.zrem(key, session))

    async def renew(self) -> None:
        """Renew what this process has, for ever."""
        while True:
            await asyncio.sleep(RENEW)
            for session, key in list(self._mine.items()):
                await self._ask(key, session, len(self._mine) + 1_000_000)

    async def _ask(self, key: str, session: str, most: int) -> object:
        now = self._now()
        given = (now, session, most, now + LASTS, round(2 * LASTS))
        return await self._store.ask(lambda: self._store.redis.eval(_ENTER, 1, key, *given))


def _key(user: str) -> str:
    return f"companion:user:{hashlib.sha256(user.encode()).hexdigest()[:32]}"
