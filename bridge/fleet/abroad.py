"""Brings a client to another machine: its session's name says on which bridge it is, and that serves it from there."""

from __future__ import annotations

import logging
import secrets
import ssl
from typing import Final
from urllib.parse import urlsplit

from bridge.fleet.place import CHANCE, Places
from bridge.server.intake import Intake
from bridge.server.relay import Unreachable, opened, relay

log = logging.getLogger("bridge.fleet.abroad")

PORTS: Final = {"ws": 80, "wss": 443}


class Abroad:
    """The bridges of other places; `peers` is their address with {place} in it, "" where there are none."""

    def __init__(self, places: Places, peers: str) -> None:
        self._places = places
        self._peers = peers

    def name(self) -> str:
        """Return the name of a new session."""
        return self._places.name(secrets.token_bytes(CHANCE))

    def opened(self, session: str, user: str) -> None:
        """Tell nobody."""

    def closed(self, session: str) -> None:
        """Tell nobody."""

    def left(self) -> None:
        """Tell nobody."""

    async def metrics(self, own: bytes) -> bytes:
        """Return what this bridge counts: each place is asked for its own."""
        return own

    async def take(self, client: Intake, first: str | bytes, session: str) -> bool:
        """Pass on a client whose session another place has given a name; False where that cannot be."""
        place = self._places.of(session)
        if place is None or place == self._places.here or not self._peers or client.relayed:
            return False
        parts = urlsplit(self._peers.replace("{place}", place))
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 80)
        secure = ssl.create_default_context() if parts.scheme == "wss" else None
        try:
            reader, writer = await opened(host, port, secure, client, first)
        except Unreachable:
            # The client is told that its session is over, and begins another here.
            log.warning("the bridge of a session does not answer", extra={"place": place})
            return False
        await relay(client, reader, writer)
        return True
