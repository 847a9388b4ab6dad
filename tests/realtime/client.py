"""A client of plain WebSocket and JSON, and what it has seen in the order that the interface documents."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bridge.server.server import Server
from tests.realtime.schema import faults

SPEECH = 24_000 * 2 // 10  # bytes of a tenth of a second


class Client:
    """A client; it remembers all that it saw, and checks each event against the schema."""

    def __init__(self, socket: ClientConnection, *, beta: bool = False) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []
        self._beta = beta

    async def send(self, kind: str, **fields: Any) -> None:
        """Send an event."""
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def next(self) -> dict[str, Any]:
        """The next event."""
        data = await self.socket.recv()
        assert isinstance(data, str)
        event: dict[str, Any] = json.loads(data)
        self.seen.append(event)
        if not self._beta:
            assert [*faults(event)] == []
        return event

    async def until(self, kind: str) -> dict[str, Any]:
        """Skip to the next event of this type."""
        while True:
            event = await self.next()
            if event["type"] == kind:
                return event

    async def closed(self) -> tuple[int, str]:
        """Read to the end; the close code and its reason."""
        try:
            while True:
                await self.next()
        except ConnectionClosed as end:
            return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (1006, "")

    def kinds(self, since: int = 0) -> list[str]:
        """The types of what was seen, each run of the same once."""
        found: list[str] = []
        for event in self.seen[since:]:
            if not found or found[-1] != event["type"]:
                found.append(event["type"])
        return found

    def pcm(self) -> bytes:
        """All sound that was said."""
        kinds = ("response.output_audio.delta", "response.audio.delta")
        return b"".join(base64.b64decode(event["delta"]) for event in self.seen if event["type"] in kinds)

    async def says(self, text: str) -> None:
        """Add a message of the user's."""
        content = [{"type": "input_text", "text": text}]
        await self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})

    async def append(self, pcm: bytes) -> None:
        """Append sound, in pieces of a tenth of a second."""
        for at in range(0, len(pcm), SPEECH):
            await self.send("input_audio_buffer.append", audio=base64.b64encode(pcm[at : at + SPEECH]).decode())


@asynccontextmanager
async def client(server: Server, query: str = "", *, beta: bool = False, **options: Any) -> AsyncIterator[Client]:
    """A client whose session has been created."""
    options.setdefault("compression", None)
    options.setdefault("close_timeout", 1)
    if beta:
        options["additional_headers"] = {"OpenAI-Beta": "realtime=v1"}
    async with connect(f"ws://127.0.0.1:{server.port}/v1/realtime{query}", **options) as socket:
        found = Client(socket, beta=beta)
        assert (await found.next())["type"] == "session.created"
        yield found
