"""A small OpenAI-compatible server on loopback: answers, calls tools, hangs, dies and babbles as it is told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from functools import cache
from typing import Any, Final, TypeAlias

NAME: Final = "tiny-talker"


class Exchange:
    """One request, and the ways to answer it."""

    def __init__(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        self.body = body
        self._writer = writer
        self._begun = False

    async def chunk(self, delta: dict[str, Any], finish: str | None = None) -> None:
        """One chunk of a streamed answer."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        value = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": NAME, "choices": [choice]}
        await self.data(json.dumps(value))

    async def data(self, text: str) -> None:
        """One server-sent event."""
        if not self._begun:
            self._begun = True
            self._writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
        data = f"data: {text}\n\n".encode()
        self._writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await self._writer.drain()

    async def done(self) -> None:
        """The end of a streamed answer."""
        await self.data("[DONE]")
        await self.over()

    async def over(self) -> None:
        """The end of the HTTP body."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def plain(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> None:
        """An answer that is not streamed."""
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        fields = {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}
        head = "".join(f"{name}: {field}\r\n" for name, field in fields.items())
        self._writer.write(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + data)
        await self._writer.drain()

    def die(self) -> None:
        """The connection is gone."""
        self._writer.transport.abort()


Play: TypeAlias = Callable[[Exchange], Awaitable[None]]


def say(text: str, *, finish: str | None = "stop", end: bool = True) -> Play:
    """Says the text in small pieces."""

    async def play(exchange: Exchange) -> None:
        await exchange.chunk({"role": "assistant", "content": ""})
        for at in range(0, len(text), 5):
            await exchange.chunk({"content": text[at : at + 5]})
        if finish:
            await exchange.chunk({}, finish)
        await (exchange.done() if end else exchange.over())

    return play


def call(*calls: tuple[str, str], text: str = "", cut: int = 7) -> Play:
    """Calls tools, (name, arguments as JSON), their arguments in pieces."""

    async def play(exchange: Exchange) -> None:
        if text:
            await exchange.chunk({"content": text})
        for index, (name, arguments) in enumerate(calls):
            head = {
                "index": index,
                "id": f"call-{index}",
                "type": "function",
                "function": {"name": name, "arguments": ""},
            }
            await exchange.chunk({"tool_calls": [head]})
            for at in range(0, len(arguments), cut):
                piece = {"index": index, "function": {"arguments": arguments[at : at + cut]}}
                await exchange.chunk({"tool_calls": [piece]})
        await exchange.chunk({}, "tool_calls")
        await exchange.done()

    return play


def refuse(status: int, message: str = "") -> Play:
    """Answers with an error."""

    async def play(exchange: Exchange) -> None:
        await exchange.plain(status, {"error": {"message": message, "type": "error", "code": None}})

    return play


def hang(text: str = "") -> Play:
    """Says the text, if any, and then nothing for ever."""

    async def play(exchange: Exchange) -> None:
        if text:
            await exchange.chunk({"content": text})
        await asyncio.Event().wait()

    return play


def die(text: str = "") -> Play:
    """Says the text, if any, and is gone."""

    async def play(exchange: Exchange) -> None:
        if text:
            await exchange.chunk({"content": text})
            await asyncio.sleep(0.05)  # so that it is read before the connection is gone
        exchange.die()

    return play


def babble(text: str = "") -> Play:
    """Says the text, if any, and then what nobody understands."""

    async def play(exchange: Exchange) -> None:
        if text:
            await exchange.chunk({"content": text})
        await exchange.data("{broken json \x00")
        await exchange.over()

    return play


class Endpoint:
    """Plays `plays` one after the other, the last one again and again; `models` is what it lists."""

    def __init__(self, plays: Sequence[Play], models: Sequence[str] | Play) -> None:
        self.plays = deque(plays)
        self.models = models
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.port = 0
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                self.keys.append(fields.get("authorization", ""))
                exchange = Exchange(json.loads(body) if body else {}, writer)
                if head[0].startswith("GET /v1/models"):
                    await self._list(exchange)
                elif head[0].startswith("POST /v1/chat/completions"):
                    self.requests.append(exchange.body)
                    await (self.plays.popleft() if len(self.plays) > 1 else self.plays[0])(exchange)
                else:
                    await exchange.plain(404, {"error": {"message": "no such path"}})

    async def _list(self, exchange: Exchange) -> None:
        if callable(self.models):
            await self.models(exchange)
        else:
            data = [{"id": name, "object": "model", "created": 0, "owned_by": "x"} for name in self.models]
            await exchange.plain(200, {"object": "list", "data": data})

    async def end(self) -> None:
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)


@asynccontextmanager
async def endpoint(*plays: Play, models: Sequence[str] | Play = (NAME,), port: int = 0) -> AsyncIterator[Endpoint]:
    """A server on a free port."""
    made = Endpoint(plays or [say("Hello.")], models)
    server = await asyncio.start_server(made.begin, "127.0.0.1", port)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.end()


@cache
def always() -> str:
    """The address of a server that answers everybody until the tests are over, in a thread of its own."""
    found: list[str] = []
    ready = threading.Event()

    async def serve() -> None:
        async with endpoint(say("Hello, I am here.")) as server:
            found.append(server.url)
            ready.set()
            await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(serve()), name="endpoint", daemon=True).start()
    assert ready.wait(60)
    return found[0]
