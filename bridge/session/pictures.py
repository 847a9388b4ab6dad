"""Reads the pictures of one session's camera by the engine: the newest that waits, one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from bridge.core.attention import Attention, told
from bridge.session.driven import driven
from bridge.session.opening import Hooks
from engines.api import EngineError, Picture, Seen, Stream, Unreadable
from engines.jobs import Sight

log = logging.getLogger("bridge.session.pictures")

QUIET: Final = 5.0  # seconds without a picture after which the camera is taken for off
AGAIN: Final = 5.0  # seconds after a failure before the engine is asked again
# How the file of a format begins, and what stands at its ninth byte.
_MAGIC: Final = {"jpeg": (b"\xff\xd8\xff", b""), "png": (b"\x89PNG\r\n\x1a\n", b""), "webp": (b"RIFF", b"WEBP")}

BLIND: Final = "A picture was taken, but nothing here can look at it."


class Pictures:
    """One camera. `see` gets what is seen, `fail` a failure of the engine, `wrong` a sentence on a bad file."""

    def __init__(
        self,
        engine: Sight | None,
        hooks: Hooks,
        *,
        see: Callable[[Seen], None],
        fail: Callable[[EngineError], None],
        wrong: Callable[[str], None],
    ) -> None:
        self.engine = engine
        self._hooks = hooks
        self._see, self._fail, self._wrong = see, fail, wrong
        self._newest: Picture | None = None
        self._came = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._rests_until = float("-inf")
        self.skipped = 0  # pictures that a newer one replaced before they were read

    def take(self, picture: Picture, now: float) -> None:
        """Read `picture` next; one that still waits is forgotten."""
        if self.engine is None or now < self._rests_until:
            return
        self.skipped += self._newest is not None
        self._newest = picture
        self._came.set()
        if self._task is None:
            self._task = self._hooks.spawn(self._watch(self.engine))

    async def words(self, picture: Picture) -> str:
        """Return in words what there is to see in one picture."""
        if self.engine is None:
            return BLIND
        engine = self.engine
        seen: Seen | Unreadable = Seen()
        try:
            async with aclosing(driven("sight", lambda: engine.watch(_only(picture)))) as stream:
                async for each in stream:
                    seen = each
        except EngineError as error:
            return f"The picture cannot be looked at: {error.message}"
        if isinstance(seen, Unreadable):
            return f"The picture cannot be looked at: {seen.why}."
        if not seen.faces:
            return "A picture of the user was taken: there is no face in it."
        attention = Attention()
        attention.see(seen, 0.0)
        assert attention.view is not None
        return f"A picture of the user was taken: a person who {told(attention.view)}."

    async def _watch(self, engine: Sight) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with aclosing(driven("sight", lambda: engine.watch(self._pictures()))) as stream:
                async for seen in stream:
                    match seen:
                        case Seen():
                            self._see(seen)
                        case Unreadable(why):
                            self._wrong(why)
        except EngineError as error:
            log.warning("engine failed", extra={"code": error.code, "reason": error.message})
            self._rests_until = loop.time() + AGAIN
            self._fail(error)
        finally:
            self._task, self._newest = None, None
            self._came.clear()

    async def _pictures(self) -> Stream[Picture]:
        """Yield the newest picture each time one is asked for; ends when none has come for a while."""
        while True:
            try:
                async with asyncio.timeout(QUIET):
                    await self._came.wait()
            except TimeoutError:
                return
            self._came.clear()
            picture, self._newest = self._newest, None
            if picture is not None:
                yield picture


async def _only(picture: Picture) -> Stream[Picture]:
    yield picture


def looks_like(data: bytes, format: str) -> bool:
    """Return whether a file begins as one of its format does."""
    begin, later = _MAGIC[format]
    return data.startswith(begin) and data[8 : 8 + len(later)] == later
