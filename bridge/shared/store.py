"""Asks a Redis or Valkey that several bridges share; one that is away costs nobody more than PATIENCE.

It is said once that the store is away and once that it is back; meanwhile each process counts for itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

from bridge.errors import ConfigError

log = logging.getLogger("bridge.shared.store")

PATIENCE: Final = 0.25  # seconds that anybody waits for the store
QUIET: Final = 5.0  # seconds in which a store that was away is not asked again


class Store:
    """The store at `address`; `away` is told when it goes (True) and when it is back (False)."""

    def __init__(self, address: str, *, away: Callable[[bool], None] = lambda away: None) -> None:
        try:
            from redis import asyncio as redis
            from redis.exceptions import RedisError
        except ImportError as error:
            sentence = f"cluster.store needs the package {error.name!r}: pip install 'companion-bridge[shared]'"
            raise ConfigError("missing_package", sentence) from error
        try:
            self.redis: Any = redis.from_url(address, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        except ValueError as error:
            raise ConfigError("bad_config", "cluster.store is an address such as redis://127.0.0.1:6379/0") from error
        self._failures = (RedisError, OSError, TimeoutError)
        self._tell = away
        self._away = False
        self._away_until = float("-inf")

    async def ask(self, ask: Callable[[], Awaitable[object]]) -> object | None:
        """Return what the store says, None while it is away."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._away_until:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await ask()
        except self._failures as error:
            self._away_until = loop.time() + QUIET
            if not self._away:
                self._away = True
                reason = {"reason": type(error).__name__}
                log.warning("the shared store is away; each process counts for itself", extra=reason)
                self._tell(True)
            return None
        if self._away:
            self._away = False
            log.info("the shared store is back")
            self._tell(False)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.aclose()
