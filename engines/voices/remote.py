"""A synthesizer at an address; see engines/remote."""

from __future__ import annotations

from contextlib import aclosing

from engines.api import Phrase, Speech, Stream, Voice
from engines.remote import parcels as p
from engines.remote.client import Line


class RemoteTts:
    """Whatever synthesizer runs at the address."""

    def __init__(self, *, address: str, api_key: str = "", patience_s: float = 5.0) -> None:
        self.name = "remote"
        self.rate = 24_000
        self._line = Line(address, "tts", api_key=api_key, code="tts_failed", setting="remote.address")
        self._patience = patience_s

    async def start(self) -> None:
        """Ask what it is."""
        about = await self._line.about()
        self.name, self.rate = f"remote {about.name}", about.rate

    async def close(self) -> None:
        """Close what is open."""
        await self._line.close()

    @property
    def retries(self) -> int:
        """Return how many requests were asked again because an engine was lost."""
        return self._line.retries

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Yield what is spoken there."""
        ask = p.Ask("tts", voice=voice, patience=self._patience)
        async with aclosing(self._line.ask(ask, _lines(phrases))) as parcels:
            async for parcel in parcels:
                if isinstance(parcel, p.Spoken):
                    yield parcel.speech


async def _lines(phrases: Stream[Phrase]) -> Stream[p.Parcel]:
    async with aclosing(phrases):
        async for phrase in phrases:
            yield p.Line(phrase)
