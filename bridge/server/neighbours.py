"""What a server asks of those that serve beside it: other processes of this machine, other machines.

By itself it has none: `Alone` names sessions, and everything else is here or nowhere.
"""

from __future__ import annotations

import secrets
from typing import Final, Protocol

from bridge.server.intake import Intake

NAME_BYTES: Final = 8


class Neighbours(Protocol):
    """The others of one server."""

    def name(self) -> str:
        """Return the name of a new session, which says where it is."""
        ...

    def opened(self, session: str, user: str) -> None:
        """Note that a session is here now."""
        ...

    def closed(self, session: str) -> None:
        """Note that it is here no longer."""
        ...

    def left(self) -> None:
        """Note that a connection is gone."""
        ...

    async def take(self, socket: Intake, first: str | bytes, session: str) -> bool:
        """Bring a client whose first message asks for `session`, which is not here, to where that is.

        True: this process has nothing more to do with the connection. False: nobody else has that session.
        """
        ...

    async def metrics(self, own: bytes) -> bytes:
        """Return what everybody counts, in Prometheus' format."""
        ...


class Alone:
    """A server without others."""

    def name(self) -> str:
        """Return a name that nobody else has."""
        return secrets.token_hex(NAME_BYTES)

    def opened(self, session: str, user: str) -> None:
        """Tell nobody."""

    def closed(self, session: str) -> None:
        """Tell nobody."""

    def left(self) -> None:
        """Tell nobody."""

    async def take(self, socket: Intake, first: str | bytes, session: str) -> bool:
        """Say that nobody else has it."""
        return False

    async def metrics(self, own: bytes) -> bytes:
        """Return what this server counts."""
        return own
