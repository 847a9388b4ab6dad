"""Counts a user's sessions over every process and machine that shares a Redis or Valkey; without one, here alone.

Nothing of a conversation is kept there: a digest of the user's name, names of sessions, and until when each counts.
What is not renewed for LASTS seconds counts no more, so a machine that dies holds nobody's places. When the store is
away each process counts for itself and the conversation goes on.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import Any, Final, Protocol

from bridge.errors import ConfigError

log = logging.getLogger("bridge.shared.presence")

PATIENCE: Final = 0.25  # seconds that a session waits for the store
RENEW: Final = 20.0  # seconds from one renewal to the next
LASTS: Final = 70.0  # seconds that a session counts after its last
QUIET: Final = 5.0  # seconds in which a store that was away is not asked again

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

    async def close(self) -> None:
        """Let go of the store."""
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

    async def close(self) -> None:
        """Do nothing."""


class Everywhere:
    """All who share the store at `address`; `now` is the wall clock, which all of them share too."""

    def __init__(self, address: str, *, now: Callable[[], float]) -> None:
        try:
            from redis import asyncio as redis
            from redis.exceptions import RedisError
        except ImportError as error:
            sentence = f"cluster.store needs the package {error.name!r}: pip install 'companion-bridge[shared]'"
            raise ConfigError("missing_package", sentence) from error
        try:
            self._store: Any = redis.from_url(address, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        except ValueError as error:
            raise ConfigError("bad_config", "cluster.store is an address such as redis://127.0.0.1:6379/0") from error
        self._failures = (RedisError, OSError, TimeoutError)
        self._now = now
        self._mine: dict[str, str] = {}  # the key of each session of this process
        self._away_until = float("-inf")

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
            await self._do(lambda: self._store.zrem(key, session))

    async def renew(self) -> None:
        """Renew what this process has, for ever."""
        while True:
            await asyncio.sleep(RENEW)
            for session, key in list(self._mine.items()):
                await self._ask(key, session, len(self._mine) + 1_000_000)

    async def close(self) -> None:
        """Close the connection."""
        await self._store.aclose()

    async def _ask(self, key: str, session: str, most: int) -> object:
        now = self._now()
        given = (now, session, most, now + LASTS, round(2 * LASTS))
        return await self._do(lambda: self._store.eval(_ENTER, 1, key, *given))

    async def _do(self, ask: Callable[[], Any]) -> object:
        """Return what the store says, None while it is away."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._away_until:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                answer: object = await ask()
                return answer
        except self._failures:
            self._away_until = loop.time() + QUIET
            log.warning("the shared store is away; each process counts for itself")
            return None


def _key(user: str) -> str:
    return f"companion:user:{hashlib.sha256(user.encode()).hexdigest()[:32]}"
