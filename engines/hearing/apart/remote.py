"""Tells voices apart at an address; see engines/remote. What is said goes there, as to a recogniser by address."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Final

from engines.api import EngineError, Stream
from engines.hearing.apart.frames import LONGEST
from engines.remote import parcels as p
from engines.remote.client import Line

CODE: Final = "stt_failed"
FAREWELLS: Final = 64  # sessions that are being forgotten there at once


class RemoteDiarizer:
    """Whatever tells voices apart at the address."""

    def __init__(self, *, address: str, api_key: str = "", patience_s: float = 5.0) -> None:
        self.name = "remote"
        self._line = Line(address, "diarizer", api_key=api_key, code=CODE, setting="remote.address")
        self._patience = patience_s
        self._farewells: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Ask what it is."""
        self.name = f"remote {(await self._line.about()).name}"

    async def close(self) -> None:
        """Close what is open, after what is to be forgotten."""
        if self._farewells:
            _, late = await asyncio.wait(self._farewells, timeout=1.0)
            for task in late:
                task.cancel()
        await self._line.close()

    async def who(self, pcm: bytes, session: str) -> str:
        """Return what the engine there calls whoever speaks."""
        ask = p.Ask("diarizer", session=session, patience=self._patience)
        async with aclosing(self._line.ask(ask, _sound(pcm[: 2 * LONGEST]))) as parcels:
            async for parcel in parcels:
                if isinstance(parcel, p.Whose):
                    return parcel.voice
        raise EngineError(CODE, "what tells voices apart there gave no answer")

    def forget(self, session: str) -> None:
        """Have the voices of a session forgotten there too."""
        if len(self._farewells) < FAREWELLS:
            task = asyncio.ensure_future(self._bid_farewell(session))
            self._farewells.add(task)
            task.add_done_callback(self._farewells.discard)

    async def _bid_farewell(self, session: str) -> None:
        ask = p.Ask("diarizer", session=session, forget=True, patience=self._patience)
        try:
            async with aclosing(self._line.ask(ask)) as parcels:
                async for _ in parcels:
                    pass
        except EngineError:
            return  # the engine there is away, and what it knew with it


async def _sound(pcm: bytes) -> Stream[p.Parcel]:
    yield p.Sound(pcm)
