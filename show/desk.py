"""A little HTTP desk on this machine: chat comes in by webhook, and hotkeys and stream decks steer the show.

    POST /chat   {"name": "Ada", "text": "What is a comet?"}      a line of chat, or a list of them
    POST /skip  /mute  /unmute  /stop                             no body
    POST /say    {"text": "Welcome back!"}
    GET  /state

It speaks just enough HTTP/1.1 for that. Pages in browsers are refused, since any page could otherwise post here.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from show.lines import Line
from show.sources.feed import line_of
from show.sources.mending import Trouble

HEAD: Final = 8 * 1024  # bytes of a request's head
BODY: Final = 64 * 1024
LINES: Final = 200  # of one request
PATIENCE: Final = 5.0  # seconds for a request
OPEN: Final = 32  # requests at once
DEEDS: Final = ("skip", "mute", "unmute", "stop")
SAID: Final = 2000  # characters that can be said


class Desk:
    """What a desk does: `hear` takes lines, `do` a deed, `say` words; `state` tells how it stands."""

    def __init__(
        self,
        *,
        hear: Callable[[Line], str],
        do: Callable[[str], None],
        say: Callable[[str], None],
        state: Callable[[], Mapping[str, object]],
        token: str = "",
    ) -> None:
        self._hear, self._do, self._say, self._state, self._token = hear, do, say, state, token
        self._open = 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, object]:
        """Return the status and what a request gets."""
        if "origin" in headers:
            return 403, {"error": "forbidden_origin", "message": "pages in browsers may not steer a show"}
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if self._token and not hmac.compare_digest(given.encode(), self._token.encode()):
            return 401, {"error": "unauthorized", "message": "the token is missing or wrong"}
        deed = path.removeprefix("/")
        if method == "GET" and path == "/state":
            return 200, dict(self._state())
        if method != "POST" or deed not in (*DEEDS, "chat", "say"):
            return 404, {"error": "not_found", "message": "there is POST /chat, /say, /skip, /mute, /unmute, /stop"}
        if deed in DEEDS:
            self._do(deed)
            return 200, dict(self._state())
        try:
            given_body = json.loads(body)
        except (ValueError, RecursionError):
            return 400, {"error": "bad_json", "message": "the body is no JSON"}
        return self._said(given_body) if deed == "say" else self._chat(given_body)

    def _said(self, body: Any) -> tuple[int, object]:
        text = " ".join(str(body.get("text", "")).split()) if isinstance(body, dict) else ""
        if not any(letter.isalnum() for letter in text) or len(text) > SAID:
            return 400, {"error": "bad_text", "message": f"text has words, and at most {SAID} characters"}
        self._say(text)
        return 200, dict(self._state())

    def _chat(self, body: Any) -> tuple[int, object]:
        every = body if isinstance(body, list) else [body]
        if len(every) > LINES:
            return 400, {"error": "too_many", "message": f"at most {LINES} lines at once"}
        lines = [line_of(each, "webhook") for each in every]
        return 200, {"lines": ["none" if each is None else self._hear(each) for each in lines]}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        try:
            self._open += 1
            if self._open <= OPEN:
                async with asyncio.timeout(PATIENCE):
                    status, told = await self._one(reader)
                writer.write(_response(status, told))
                await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self._open -= 1
            writer.close()

    async def _one(self, reader: asyncio.StreamReader) -> tuple[int, object]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        words = head[0].split(" ")
        pairs = [each.partition(":") for each in head[1:] if each]
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        size = headers.get("content-length", "0")
        if len(words) != 3 or not size.isascii() or not size.isdecimal() or "transfer-encoding" in headers:
            return 400, {"error": "bad_request", "message": "this is no request that is understood here"}
        if len(size) > 7 or int(size) > BODY:
            return 413, {"error": "too_large", "message": f"a body may have {BODY} bytes"}
        return self.answer(words[0], words[1], headers, await reader.readexactly(int(size)))


def _response(status: int, told: object) -> bytes:
    body = json.dumps(told, ensure_ascii=False).encode()
    lines = (
        f"HTTP/1.1 {status} ",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


@asynccontextmanager
async def open_desk(desk: Desk, port: int, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Listen on this machine as long as the block lasts; gives the port, raises Trouble where nobody can listen."""
    try:
        server = await asyncio.start_server(desk.serve, host, port, limit=HEAD)
    except OSError as error:
        told = f"nobody can listen at {host}:{port} for the show's desk: {error.strerror}"
        raise Trouble("cannot_listen", told, final=True) from error
    async with server:
        yield server.sockets[0].getsockname()[1]
