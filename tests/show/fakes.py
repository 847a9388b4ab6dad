"""Services that are not there: Twitch's and Discord's sockets, YouTube's answers, each behaving as the real one."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from websockets.asyncio.server import ServerConnection, serve


@asynccontextmanager
async def socket_server(serving: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[str]:
    """A WebSocket server; gives its address."""
    async with serve(serving, "127.0.0.1", 0, compression=None) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def twitch(
    lines: list[str], joined: list[str], *, pong: asyncio.Event | None = None
) -> Callable[[ServerConnection], Awaitable[None]]:
    """Twitch's chat: it welcomes, waits for the join, sends lines, pings, and closes."""

    async def serving(socket: ServerConnection) -> None:
        async for command in socket:
            assert isinstance(command, str)
            joined.append(command)
            if command.startswith("JOIN"):
                await socket.send(":tmi.twitch.tv 001 justinfan :Welcome, GLHF!\r\nPING :tmi.twitch.tv\r\n")
                await socket.send("\r\n".join(lines) + "\r\n")
            if command.startswith("PONG"):
                if pong is not None:
                    pong.set()
                await socket.close()

    return serving


def discord(
    events: list[dict[str, Any]], told: list[dict[str, Any]], *, close: int = 1000, interval: int = 50
) -> Callable[[ServerConnection], Awaitable[None]]:
    """Discord's gateway: hello, identify, ready, events, a heartbeat, and a close."""

    async def serving(socket: ServerConnection) -> None:
        await socket.send(json.dumps({"op": 10, "d": {"heartbeat_interval": interval}}))
        async for packet in socket:
            said = json.loads(packet)
            told.append(said)
            if said["op"] == 2:
                await socket.send(json.dumps({"op": 0, "s": 1, "t": "READY", "d": {}}))
                for number, event in enumerate(events, 2):
                    await socket.send(json.dumps({"op": 0, "s": number, "t": "MESSAGE_CREATE", "d": event}))
                await socket.send(json.dumps({"op": 1}))
            elif said["op"] == 1 and said["d"] is not None:
                await socket.close(close)

    return serving


@contextmanager
def youtube(answers: list[tuple[int, dict[str, Any]]], asked: list[str]) -> Iterator[str]:
    """YouTube's interface: answers in turn; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = answers.pop(0) if answers else (403, {"error": {"errors": [{"reason": "liveChatEnded"}]}})
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
