"""A companion that can do nothing: it says what was said to it. What it reaches by a rule is that rule's floor."""

from __future__ import annotations

from engines.api import Request, Stream


class Parrot:
    """Repeats the user's last words."""

    name = "parrot"
    model = ""

    async def start(self) -> None:
        """Need nothing."""

    async def close(self) -> None:
        """Release nothing."""

    def forget(self, session: str) -> None:
        """Remember nothing."""

    async def reply(self, request: Request) -> Stream[str]:
        """Say it again."""
        yield request.history[-1].text if request.history else ""
