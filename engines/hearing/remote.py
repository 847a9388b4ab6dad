"""A recogniser at an address; see engines/remote."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from engines.api import Stream, Transcript
from engines.remote import parcels as p
from engines.remote.client import Line


class RemoteStt:
    """Whatever recogniser runs at the address."""

    def __init__(self, *, address: str, api_key: str = "", patience_s: float = 5.0) -> None:
        self.name = "remote"
        self._line = Line(address, "stt", api_key=api_key, code="stt_failed", setting="remote.address")
        self._patience = patience_s

    async def start(self) -> None:
        """Ask what it is."""
        self.name = f"remote {(await self._line.about()).name}"

    async def close(self) -> None:
        """Close what is open."""
        await self._line.close()

    async def transcribe(self, audio: Stream[bytes], language: str, names: Sequence[str] = ()) -> Stream[Transcript]:
        """Yield what is understood there."""
        ask = p.Ask("stt", language=language, names=tuple(names), patience=self._patience)
        async with aclosing(self._line.ask(ask, _sounds(audio))) as parcels:
            async for parcel in parcels:
                if isinstance(parcel, p.Heard):
                    yield parcel.transcript


async def _sounds(audio: Stream[bytes]) -> Stream[p.Parcel]:
    async with aclosing(audio):
        async for data in audio:
            yield p.Sound(data)
