"""Serves engines on a port: `/stt`, `/dialogue` and `/tts`, each request a WebSocket; `/livez`, `/readyz`, `/queue`."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from engines.remote import parcels as p
from engines.remote.desk import Desk

WAIT_FOR_CLOSE: Final = 1.0  # seconds


class Counter:
    """The door of a desk."""

    def __init__(self, desk: Desk, api_key: str) -> None:
        self._desk = desk
        self._key = f"Bearer {api_key}" if api_key else ""
        self.draining = False

    def answer(self, _: ServerConnection, request: Request) -> Response | None:
        """Let a request with the right key through, and say how it stands here."""
        match request.path:
            case "/livez":
                return _said(HTTPStatus.OK, "ok\n")
            case "/readyz":
                status = HTTPStatus.SERVICE_UNAVAILABLE if self.draining else HTTPStatus.OK
                return _said(status, "draining\n" if self.draining else "ok\n")
            case "/queue":
                turns = self._desk.turns.items()
                told = {job: {"waiting": each.waiting, "waited_s": round(each.waited, 4)} for job, each in turns}
                return _said(HTTPStatus.OK, json.dumps(told) + "\n")
        given = request.headers.get("Authorization", "")
        if self._key and not hmac.compare_digest(given.encode(), self._key.encode()):
            return _said(HTTPStatus.UNAUTHORIZED, "the key is wrong\n")
        return None

    async def take(self, socket: ServerConnection) -> None:
        """Serve one request."""
        with suppress(ConnectionClosed, BaseExceptionGroup):
            await self._desk.serve(aiter(socket), socket.send)


def _said(status: HTTPStatus, text: str) -> Response:
    body = text.encode()
    return Response(status.value, status.phrase, Headers([("Content-Length", str(len(body)))]), body)


@asynccontextmanager
async def serving(desk: Desk, host: str, port: int, api_key: str) -> AsyncIterator[tuple[Server, Counter]]:
    """Listen, as long as it lasts."""
    door = Counter(desk, api_key)
    async with serve(
        door.take,
        host,
        port,
        process_request=door.answer,
        compression=None,
        max_size=p.LARGEST,
        close_timeout=WAIT_FOR_CLOSE,
    ) as server:
        yield server, door
