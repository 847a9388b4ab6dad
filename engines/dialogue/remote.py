"""A dialogue at an address; see engines/remote."""

from __future__ import annotations

from contextlib import aclosing

from engines.api import Request, Said, Stream
from engines.remote import parcels as p
from engines.remote.client import Line


class RemoteDialogue:
    """Whatever dialogue runs at the address; it knows the identity that it was started with there."""

    def __init__(self, *, address: str, api_key: str = "", patience_s: float = 5.0) -> None:
        self.name = "remote"
        self.model = ""
        self._line = Line(address, "dialogue", api_key=api_key, code="dialogue_failed", setting="remote.address")
        self._patience = patience_s

    async def start(self) -> None:
        """Ask what it is."""
        about = await self._line.about()
        self.name, self.model = f"remote {about.name}", about.model

    async def close(self) -> None:
        """Close what is open."""
        await self._line.close()

    async def reply(self, request: Request) -> Stream[Said]:
        """Yield what is written there; tools are run here."""
        ask = p.Ask("dialogue", request=p.asked(request), patience=self._patience)
        async with aclosing(self._line.ask(ask, run=request.call)) as parcels:
            async for parcel in parcels:
                match parcel:
                    case p.Text(text):
                        yield text
                    case p.Short(cut):
                        yield cut
                    case _:
                        pass

    def forget(self, session: str) -> None:
        """Do nothing: what is kept there is forgotten there."""
