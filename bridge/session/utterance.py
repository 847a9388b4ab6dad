"""Carries the audio of one utterance to its recogniser, and holds the timeout for its words."""

from __future__ import annotations

import asyncio
from typing import Final

from engines.api import MIC_RATE, Stream

WAKE: Final = MIC_RATE * 2 * 40 // 1000  # bytes, 40 ms: what is worth waking a recogniser for while the user speaks
MOST: Final = MIC_RATE * 2  # bytes, 1 s: what it is given at once after it was slow


class Utterance:
    """The audio of one utterance on its way to the recogniser; bounded by the longest utterance allowed.

    `limit` is the timeout under which it is recognised: none while the user speaks.
    """

    def __init__(self, *, keep: bool = False) -> None:
        """Carry it; `keep` what was heard, too."""
        self.heard = bytearray()  # all of it, if it is kept
        self._keep = keep
        self._waiting = bytearray()  # not yet given to the recogniser
        self._more = asyncio.Event()
        self.limit: asyncio.Timeout | None = None
        self._give_up_at: float | None = None
        self.ended_at: float | None = None  # on the loop's clock

    def push(self, data: bytes) -> None:
        """Add audio."""
        self._waiting += data
        if self._keep:
            self.heard += data
        if len(self._waiting) >= WAKE:
            self._more.set()

    def end(self, *, give_up_at: float) -> None:
        """End the audio; its words are waited for until `give_up_at`."""
        self.ended_at = asyncio.get_running_loop().time()
        self._give_up_at = give_up_at
        if self.limit is not None:
            self.limit.reschedule(give_up_at)
        self._more.set()

    def limited_by(self, limit: asyncio.Timeout) -> None:
        """Put the recogniser, which has begun, under `limit`."""
        self.limit = limit
        limit.reschedule(self._give_up_at)

    async def audio(self) -> Stream[bytes]:
        """Yield the audio as it comes."""
        while True:
            ended = self.ended_at is not None
            while self._waiting if ended else len(self._waiting) >= WAKE:
                piece = bytes(self._waiting[:MOST])
                del self._waiting[:MOST]
                yield piece
                ended = self.ended_at is not None
            if ended:
                return
            self._more.clear()
            await self._more.wait()
