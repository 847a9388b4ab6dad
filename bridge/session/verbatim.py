"""Says one given text, through the chain that a live reply takes."""

from __future__ import annotations

from engines.api import Request, Stream


class Verbatim:
    """A dialogue that says one given text."""

    name = "verbatim"
    model = ""

    def __init__(self, text: str) -> None:
        self._text = text

    async def start(self) -> None:
        """Do nothing: there is nothing to load."""

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""

    async def reply(self, request: Request) -> Stream[str]:
        """Yield the text."""
        yield self._text

    def forget(self, session: str) -> None:
        """Do nothing: nothing is kept of a session."""
