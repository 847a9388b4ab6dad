"""Loads a companion beside those who are there, with its own engines started, and closes them when nobody uses them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Protocol, Self, TypeVar

from bridge.metrics import Metrics
from bridge.session.companion import Companion
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from bridge.setup.parts import Loaded, Release
from bridge.setup.people import Stamp, stamp
from bridge.setup.sharing import Sharing
from engines.jobs import Preparable

T = TypeVar("T")


class Away(Protocol):
    """Runs what may take long off the loop, as `asyncio.to_thread` does."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """Run it and return what it returns."""
        ...


class Making:
    """Makes companions that share engines with the first; `async with` it while they are used."""

    def __init__(self, sharing: Sharing, metrics: Metrics, away: Away) -> None:
        self._sharing = sharing
        self._metrics = metrics
        self._away = away
        self._stack = AsyncExitStack()
        self._group: asyncio.TaskGroup | None = None

    async def __aenter__(self) -> Self:
        self._group = await self._stack.enter_async_context(asyncio.TaskGroup())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def load(self, config: Config, origin: Path) -> tuple[Stamp | None, Loaded]:
        """Load what the files say now; BridgeError or EngineError when that cannot be used."""
        mark = await self._away(partial(stamp, origin))
        companion = await self._away(partial(_cast, config, self._sharing))
        own = self._sharing.own(companion.engines)
        try:
            await lifecycle.begin(own, companion.engines)
        except BaseException:
            await lifecycle.end(own)
            raise
        self._metrics.watch_more(own)
        return mark, Loaded(companion, own)

    def hold(self, loaded: Loaded) -> Release:
        """Count a user more; what is returned takes it off again."""
        loaded.users += 1

        def release() -> None:
            loaded.users -= 1
            self.close_unused(loaded)

        return release

    def close_unused(self, loaded: Loaded) -> None:
        """Close the engines of a version that is past and that nobody uses."""
        if loaded.users or loaded.current or not loaded.own:
            return
        own, loaded.own = loaded.own, ()
        self._metrics.unwatch(own)
        assert self._group is not None
        self._group.create_task(lifecycle.end(own))


def _cast(config: Config, sharing: Sharing) -> Companion:
    """Cast whom the configuration describes with shared engines, and do all of their start that needs no loop."""
    person = casting.in_language(casting.identity(config.identity.path), config)
    companion = casting.cast(config, person, sharing.engine)
    for engine in sharing.own(companion.engines):
        if isinstance(engine, Preparable):
            engine.prepare()
    return companion
