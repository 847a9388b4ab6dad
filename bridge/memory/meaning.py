"""Keeps vectors beside facts, and makes one of what was just said, so that recall finds what other words told.

Facts get their vectors after they were written, a few at a time, and new ones when the model has another name. A turn
waits for its own vector no longer than it may; where the embedder is slow, away or sends garbage, recall goes by words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from engines.api import EngineError
from engines.memory.vectors import TEXT, Embedder

log = logging.getLogger("bridge.memory.meaning")

WAIT_S: Final = 0.1  # that a turn waits for its vector
QUIET_S: Final = 5.0  # in which no turn asks an embedder that failed
ASKING: Final = 16  # turns that may ask at once
RECENT: Final = 64  # texts whose vectors are at hand: a reply may be begun several times
BATCH: Final = 16  # facts that are embedded at once
PATIENCE_S: Final = 60.0  # that this may take
PAUSES: Final = (5.0, 30.0, 120.0, 600.0)  # seconds after one failure, two, and so on

Unread: TypeAlias = Callable[[int], Awaitable[Sequence[tuple[int, str]]]]
Keep: TypeAlias = Callable[[Sequence[tuple[int, bytes]]], Awaitable[None]]


class Meaning:
    """What a memory asks of one embedder; `wait_s` bounds what a turn waits."""

    def __init__(self, embedder: Embedder, *, wait_s: float = WAIT_S) -> None:
        self._embedder = embedder
        self._wait = wait_s
        self._quiet_until = float("-inf")
        self._told = False  # that it fails
        self._asking = 0
        self._recent: dict[str, bytes] = {}
        self._more = asyncio.Event()
        self._more.set()
        self.missed = 0  # turns that went by words alone

    @property
    def model(self) -> str:
        """Name the model whose vectors are compared."""
        return self._embedder.model

    async def close(self) -> None:
        """Let go of the embedder."""
        await self._embedder.close()

    async def of(self, text: str) -> bytes:
        """Return the vector of what was said, b"" where there is none in time."""
        text = text[:TEXT]
        if not text.strip():
            return b""
        if (known := self._recent.get(text)) is not None:
            return known
        loop = asyncio.get_running_loop()
        if loop.time() < self._quiet_until or self._asking >= ASKING:
            self.missed += 1
            return b""
        self._asking += 1
        try:
            async with asyncio.timeout(self._wait):
                [vector] = await self._embedder.embed([text])
        except (EngineError, TimeoutError) as error:
            self.missed += 1
            self._quiet_until = loop.time() + QUIET_S
            self._complain(error)
            return b""
        finally:
            self._asking -= 1
        self._told = False
        if len(self._recent) >= RECENT:
            del self._recent[next(iter(self._recent))]
        self._recent[text] = vector
        return vector

    def written(self) -> None:
        """Note that there are facts that have no vector yet."""
        self._more.set()

    async def learn(self, unread: Unread, keep: Keep) -> None:
        """Embed what is unread whenever something was written, until it is cancelled; after failures, later.

        It begins with a word, so that what is loaded first is loaded before a turn asks.
        """
        failures, begun = 0, False
        while True:
            await self._more.wait()
            try:
                if not begun:
                    await self._within(["word"])
                    begun = True
                self._more.clear()
                while await self.step(unread, keep):
                    failures = 0
            except EngineError as error:
                self._complain(error)
                self._more.set()
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1

    async def step(self, unread: Unread, keep: Keep) -> bool:
        """Embed a few of what is unread; False where there is nothing. EngineError when it cannot be."""
        facts = await unread(BATCH)
        if not facts:
            return False
        vectors = await self._within([text for _, text in facts])
        await keep([(number, vector) for (number, _), vector in zip(facts, vectors, strict=True)])
        return True

    async def _within(self, texts: Sequence[str]) -> list[bytes]:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._embedder.embed(texts)
        except TimeoutError as error:
            raise EngineError("memory_failed", "the embedder does not answer", retryable=True) from error

    def _complain(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            reason = error.message if isinstance(error, EngineError) else "it is too slow"
            log.warning("the embedder cannot be used; recall goes by words", extra={"reason": reason})
