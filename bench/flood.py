"""A good client beside floods: `python -m bench.flood [--seconds S] [--only KIND ...]`.

The product as its command starts it serves a good client, who pings 50 times a second and asks a question every 1.5 s,
and 8 connections of one other user that send one kind of thing as fast as the server takes it. What counts is the good
client's p99 beside each flood, over its own p99 alone in the same run; at most 2 is wanted. Who floods has a core that
is not the server's, and gives way to the good client there, so that what is measured is the server. Linux.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgpack

from bench.machine import cpu_seconds, runner, settle
from bench.stats import Summary, summarize, table
from bridge.auth import issue
from testkit.frames import BINARY, CONT, PING, PONG, fragments, frame, message, opening

CONNECTIONS = 8
PING_EVERY_S = 0.02
ASK_EVERY_S = 1.5
FULL = 290_000
FROM = "127.0.0.2"  # whence floods come; good clients come from another address
PRIORITY = 10  # of the server under SCHED_FIFO, so that other programs of the machine are not measured
WANTED = 2.0


def _tools(parameters: object) -> bytes:
    return frame(BINARY, message("tools", tools=[{"name": "a", "parameters": {"x": parameters}}]))


def _mic(count: int) -> bytes:
    return b"".join(frame(BINARY, message("mic", pts=960 * i, data=bytes(1920))) for i in range(count))


# What one flood sends again and again once its hello was answered.
FLOODS: dict[str, Callable[[], bytes]] = {
    "mic": lambda: _mic(50),
    "talk": lambda: frame(BINARY, message("talk", on=True)) + frame(BINARY, message("talk", on=False)),
    "text": lambda: frame(BINARY, message("text", text="What is a comet?")),
    "text, long": lambda: frame(BINARY, message("text", text="comet " * 330)),
    "playhead": lambda: frame(BINARY, message("playhead", turn=1, pts=0, seq=0)),
    "interrupt": lambda: frame(BINARY, message("interrupt")),
    "context, must": lambda: frame(BINARY, message("context", events=["A comet passes."], respond="must")),
    "context, full": lambda: frame(
        BINARY, message("context", states={f"k{i}": "v" * 1000 for i in range(128)}, events=["e" * 1000] * 32)
    ),
    "tools": lambda: _tools({"type": "object"}),
    "tools, 8000 values": lambda: _tools([{}] * 8000),
    "tools, 280000 values": lambda: _tools([{}] * 280_000),
    "tool_result": lambda: frame(BINARY, message("tool_result", call=1)),
    "camera": lambda: frame(BINARY, message("camera", data=bytes(250_000))),
    "ping": lambda: frame(BINARY, message("ping", stamp=1.0)),
    "garbage": lambda: frame(BINARY, b"\xc1" * 1000),
    "garbage, full": lambda: frame(BINARY, b"\x91" * FULL),
    "WebSocket pings": lambda: frame(PING) * 500,
    "fragments": lambda: frame(BINARY, b"", fin=False) + frame(CONT, b"", fin=False) * 500 + frame(CONT, b"\xc0"),
    "fragments of a byte": lambda: b"".join(fragments(BINARY, message("text", text="x" * 500), 1)),
    "frames too big": lambda: struct.pack("!BBQ", 0x82, 0xFF, 2**40),
}
# Floods that are not of one connection.
COMING = ("hello", "hello, refused", "half-open", "half a request", "pages")


# ---------------------------------------------------------------------------------------------------- who floods


async def _open(port: int, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(FROM, 0))
    hello = frame(BINARY, message("hello", token=token, audio={"aec": True}))
    writer.write(opening() + hello)
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def _drain(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(65_536):
            pass


async def _flood(port: int, kind: str, token: str) -> None:
    """Send one thing for ever, on a new connection when the old one is closed."""
    data = FLOODS[kind]()
    while True:
        try:
            reader, writer = await _open(port, token)
            reading = asyncio.create_task(_drain(reader))
            while not reading.done():
                writer.write(data)
                await writer.drain()
                await asyncio.sleep(0)
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.01)


async def _come(port: int, kind: str, token: str) -> None:
    """Connect for ever."""
    held: list[socket.socket] = []
    while True:
        try:
            match kind:
                case "hello" | "hello, refused":
                    reader, writer = await _open(port, token if kind == "hello" else "no token")
                    await reader.read(100)
                    writer.write(frame(BINARY, message("bye")))
                    writer.close()
                case "pages":
                    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(FROM, 0))
                    writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n")
                    await _drain(reader)
                    writer.close()
                case _:
                    one = socket.create_connection(("127.0.0.1", port), source_address=(FROM, 0))
                    held.append(one)
                    if kind == "half a request":
                        one.send(b"GET / HTTP/1.1\r\nHost: ")
                    if len(held) > 500:
                        held.pop(0).close()
                    await asyncio.sleep(0)
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.01)


async def attack(port: int, kind: str, token: str) -> None:
    """Flood the server until the process is ended."""
    work = _come if kind in COMING else _flood
    await asyncio.gather(*(work(port, kind, token) for _ in range(CONNECTIONS)))


# ------------------------------------------------------------------------------------------------ the good client


@dataclass(slots=True)
class Good:
    """What the good client saw, in ms; `lost` are questions without an answer."""

    pings: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    lost: int = 0
    server: float = 0.0  # percent of a core that the server took meanwhile


class Client:
    """A client that does nothing wrong."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._asked_at = 0.0
        self._good = Good()

    async def measure(self, seconds: float) -> Good:
        """Ping and ask for so long."""
        self._good = Good()
        loop = asyncio.get_running_loop()
        end, ask_at, at = loop.time() + seconds, loop.time() + 0.1, loop.time()
        while (at := at + PING_EVERY_S) < end:
            await asyncio.sleep(at - loop.time())
            self._send("ping", stamp=time.perf_counter())
            if loop.time() >= ask_at:
                ask_at += ASK_EVERY_S
                self._good.lost += self._asked_at > 0
                self._asked_at = time.perf_counter()
                self._send("text", text="What is a comet?")
        await asyncio.sleep(1.0)
        self._good.lost += self._asked_at > 0
        self._asked_at = 0.0
        return self._good

    async def listen(self) -> None:
        """Take what comes."""
        while True:
            first, size = await self._reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack("!H", await self._reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
            payload = await self._reader.readexactly(size)
            if first & 15 == PING:
                self._writer.write(frame(PONG, payload))
            if first & 15 != BINARY:
                continue
            got = msgpack.unpackb(payload)
            match got["type"]:
                case "pong":
                    self._good.pings.append((time.perf_counter() - got["stamp"]) * 1000)
                case "error":
                    print("the good client was told:", got["code"], got["message"], file=sys.stderr)
                case "media" if self._asked_at and got["pts"] == 0 and got["turn"]:
                    self._good.answers.append((time.perf_counter() - self._asked_at) * 1000)
                    self._asked_at = 0.0

    def _send(self, type_: str, **fields: object) -> None:
        self._writer.write(frame(BINARY, message(type_, **fields)))


async def measure(pid: int, port: int, secret: str, kinds: list[str], seconds: float) -> list[tuple[object, ...]]:
    """Return rows of what the good client saw: alone, beside each flood, and alone again."""
    now = time.time()
    good, bad = (issue(secret, name, ("speak",), now=now, lifetime=86_400) for name in ("ada", "eve"))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(opening() + frame(BINARY, message("hello", token=good, audio={"aec": True})))
    await reader.readuntil(b"\r\n\r\n")
    client = Client(reader, writer)
    listening = asyncio.create_task(client.listen())
    await client.measure(3.0)  # warm
    rows: list[tuple[object, ...]] = []
    alone: list[Good] = []

    async def look() -> Good:
        cpu, at = cpu_seconds(pid), time.perf_counter()
        good = await client.measure(seconds)
        good.server = (cpu_seconds(pid) - cpu) / (time.perf_counter() - at) * 100
        return good

    async def quiet() -> None:
        alone.append(await look())

    await quiet()
    seen: list[tuple[str, Good]] = []
    for kind in kinds:
        command = [sys.executable, "-m", "bench.flood", "--attack", kind, "--port", str(port), "--token", bad]
        flood = await asyncio.create_subprocess_exec(*command)
        try:
            await asyncio.sleep(1.0)
            seen.append((kind, await look()))
        finally:
            flood.kill()
            await flood.wait()
        await asyncio.sleep(0.5)
        if len(seen) % 5 == 0:
            await quiet()
    listening.cancel()
    pings = summarize([each for one in alone for each in one.pings])
    answers = summarize([each for one in alone for each in one.answers])
    lost, server = sum(one.lost for one in alone), sum(one.server for one in alone) / len(alone)
    rows.append(_row("alone", pings, answers, lost, server, pings, answers))
    for kind, one in seen:
        rows.append(_row(kind, summarize(one.pings), summarize(one.answers), one.lost, one.server, pings, answers))
    return rows


def _row(
    kind: str, pings: Summary, answers: Summary, lost: int, server: float, alone: Summary, answered: Summary
) -> tuple[object, ...]:
    over = (pings.p99 / alone.p99, answers.worst / answered.worst)
    return (kind, pings.p50, pings.p99, over[0], answers.p50, answers.worst, over[1], lost, server)


def main() -> None:
    """Measure, or be who floods."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    known = [*FLOODS, *COMING]
    parser.add_argument("--only", nargs="*", default=known, choices=known)
    parser.add_argument("--attack", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--token", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attack:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))  # a child inherits SCHED_FIFO
        asyncio.run(attack(options.port, options.attack, options.token))
        return
    secret = secrets.token_hex(32)
    environment = {**os.environ, "COMPANION_AUTH_SECRET": secret, "COMPANION_AUTH_REQUIRED": "true"}
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.serve", "embedded"], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert server.stdout
        port = next(int(line.split()[1]) for line in server.stdout if line.startswith("ready"))
        os.sched_setaffinity(server.pid, {min(os.sched_getaffinity(0))})
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(server.pid, os.SCHED_FIFO, os.sched_param(PRIORITY))
        print(settle(max(os.sched_getaffinity(0))), flush=True)
        with runner() as loop:
            rows = loop.run(measure(server.pid, port, secret, options.only, options.seconds))
    finally:
        server.terminate()
        server.wait()
    head = ("flood", "ping p50", "p99 ms", "over alone", "answer p50", "worst ms", "over alone", "lost", "server %")
    print(table(head, rows))
    worst = max(float(str(row[3])) for row in rows)
    print(
        f"\nThe good client's p99 beside the worst flood is {worst:.2f} times what it is alone; {WANTED:g} is wanted."
    )


if __name__ == "__main__":
    main()
