"""Keeps what a duplex model is told of its user and of documents, beside the conversation; it is told what has changed.

A model that answers speech by itself is not waited for: what fits the words that it answers comes for the next answer.
Only where the user asked something of the memory itself is that done first, so that it can be said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bridge.session.opening import Spawn
from bridge.session.remembering import Remembering
from engines.api import Memories, Request
from engines.duplex.exchange import Known


class Briefing:
    """What the model of one session knows; `renew` has it told anew."""

    def __init__(self, remembering: Callable[[], Remembering], renew: Callable[[], None], spawn: Spawn) -> None:
        self.known = Known()
        self._remembering, self._renew, self._spawn = remembering, renew, spawn
        self._stale = False
        self._refreshing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Recall the user, before the model is called."""
        self.known = Known(await self._remembering().standing(), self.known.passages)

    def orders(self, request: Request) -> bool:
        """Return whether the user's last words ask something of the memory that is done at their word."""
        return self._remembering().orders(request)

    async def fit(self, request: Request) -> Memories | None:
        """Tell what fits the user's last words; return what was done at their word, None where that is nothing."""
        fitting = (await self._remembering().recalled(request)).memory
        if fitting is not None and (fitting.done or not fitting.kept):
            self._update(Known(await self._remembering().standing(), request.passages))
            return fitting
        # What does not come in time is no reason to forget what is known.
        self._update(Known(fitting if fitting is not None else self.known.memory, request.passages))
        return None

    def refresh(self) -> None:
        """Recall the user anew: facts were written, forgotten, brought, or may not be told any more."""
        self._stale = True
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = self._spawn(self._refresh())

    async def _refresh(self) -> None:
        while self._stale:
            self._stale = False
            self._update(Known(await self._remembering().standing(), self.known.passages))

    def _update(self, known: Known) -> None:
        if known != self.known:
            self.known = known
            self._renew()
