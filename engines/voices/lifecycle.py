"""What a voice holds between `start` and `close`: loaded once, warmed up, given back in the reverse order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Generic, TypeVar

from engines.api import EngineError
from engines.voices.files import CODE

R = TypeVar("R")


class Lifecycle(Generic[R]):
    """Keeps one open resource of type R; between `close` and the next `starting` there is none."""

    def __init__(self) -> None:
        self._running: R | None = None
        self._open = AsyncExitStack()

    @asynccontextmanager
    async def starting(self, opened: AbstractAsyncContextManager[R]) -> AsyncIterator[R]:
        """Open the resource for a warm-up, and keep it unless the warm-up fails, which closes it again."""
        async with AsyncExitStack() as stack:
            running = await stack.enter_async_context(opened)
            stack.callback(self._drop)
            self._running = running
            yield running
            self._open = stack.pop_all()

    @property
    def running(self) -> R | None:
        """The open resource, None where there is none."""
        return self._running

    def ready(self) -> R:
        """Return the open resource; EngineError `tts_failed` where there is none."""
        if self._running is None:
            raise EngineError(CODE, "The voice is not loaded.")
        return self._running

    async def close(self) -> None:
        """Close the resource; a second call does nothing."""
        await self._open.aclose()

    def _drop(self) -> None:
        self._running = None
