"""The client of a bridge's dock: acts in the conversation that goes on, and tells what was said in it.

One file on `websockets`, made to be copied. It opens a connection for each thing that it does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

PATIENCE = 20.0  # seconds that the bridge may take; the scene has ten for what it is to do


class DockError(Exception):
    """The bridge cannot be asked, or says no: the sentence is for people."""


class Dock:
    """The dock of the bridge at `url` (ws:// or wss://), for whoever `token` names."""

    def __init__(self, url: str, *, token: str = "", identity: str = "") -> None:
        parts = urlsplit(url)
        self._url = f"{parts.scheme}://{parts.netloc}/dock/socket"
        self._hello = {"type": "hello", "token": token, "identity": identity}

    async def do(self, kind: str, **fields: Any) -> None:
        """Do something of which nothing comes back."""
        await self._ask({"type": kind, **fields}, "state")

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Ask for something, and return what comes back."""
        return await self._ask({"type": kind, "id": 1, **fields}, "result")

    async def _ask(self, message: Mapping[str, Any], answer: str) -> dict[str, Any]:
        try:
            async with asyncio.timeout(PATIENCE), connect(self._url, close_timeout=1) as socket:
                await socket.send(json.dumps(self._hello))
                told = json.loads(await socket.recv())  # how things are
                if told["type"] == "error":
                    raise DockError(told["message"])
                await socket.send(json.dumps(message))
                while True:
                    told = json.loads(await socket.recv())
                    if told["type"] == "error":
                        raise DockError(told["message"])
                    if told["type"] == answer:
                        found: dict[str, Any] = told
                        return found
        except TimeoutError as error:
            raise DockError("the bridge did not answer in time") from error
        except (OSError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
            raise DockError(f"there is no bridge at {self._url}, or it has left") from error
