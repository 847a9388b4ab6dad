"""Engines by address beside the same engines in this process: `python -m bench.remote [--address ws://127.0.0.1:8000]`.

Without an address `companion engines` is started in a process of its own. Measured for each way, one request at a time:
a reply's first token and every further one (the dialogue `card`, whose own time is small), and what each 40 ms of
speech cost by the synthesizer and by the recogniser.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from bench.stats import summarize, table
from bridge.command.lending import chosen
from bridge.setup import lifecycle
from bridge.setup.config import load
from engines.api import Message, Phrase, Request, Stream, ToolResult, Voice
from engines.dialogue.remote import RemoteDialogue
from engines.hearing.remote import RemoteStt
from engines.voices.remote import RemoteTts

LINE = "Light bends when it goes from air into water, and that is why a straw in a glass looks broken."
PIECE_S = 0.04
FRAME = 1280  # bytes of 40 ms at 16 kHz


async def _no_tool(name: str, arguments: Mapping[str, object]) -> ToolResult:
    return ToolResult("failed", "there is none")


def _request() -> Request:
    now = datetime(2030, 1, 1, 12, tzinfo=UTC)
    said = (Message("user", "What can you tell me about yourself?"),)
    return Request("bench", "user", said, "", "en", now, {}, (), _no_tool)


async def _phrases() -> Stream[Phrase]:
    yield Phrase(LINE)


async def _sound(pcm: bytes) -> Stream[bytes]:
    for at in range(0, len(pcm), FRAME):
        yield pcm[at : at + FRAME]


async def measured(engines: Mapping[str, Any], rounds: int) -> dict[str, list[float]]:
    """Return milliseconds: of first tokens, of further tokens, and for each 40 ms of speech spoken and heard."""
    found: dict[str, list[float]] = {name: [] for name in ("first token", "token", "spoken", "heard")}
    for _ in range(rounds):
        if "dialogue" in engines:
            began = perf_counter()
            last = 0.0
            async for _piece in engines["dialogue"].reply(_request()):
                now = perf_counter()
                found["token" if last else "first token"].append((now - (last or began)) * 1000)
                last = now
        began, samples = perf_counter(), 0
        async for speech in engines["tts"].speak(_phrases(), Voice()):
            samples += len(speech.pcm) // 2
        found["spoken"].append((perf_counter() - began) * 1000 / (samples / engines["tts"].rate / PIECE_S))
        pcm = bytes(16_000 * 2)
        began = perf_counter()
        async for _heard in engines["stt"].transcribe(_sound(pcm), "en"):
            pass
        found["heard"].append((perf_counter() - began) * 1000 / (len(pcm) / FRAME))
    return found


async def lost(address: str, victim: int) -> str:
    """Kill the process of a voice in the middle of a reply of two phrases; return what came of it."""
    here = chosen(load(None, {}), ("tts",))["tts"]
    there = RemoteTts(address=address)
    await asyncio.gather(here.start(), there.start())

    async def phrases(*, deadly: bool) -> Stream[Phrase]:
        yield Phrase(LINE)
        if deadly:
            await spoken.wait()
            os.kill(victim, signal.SIGKILL)
        yield Phrase("And that is all.")

    async def said(engine: Any, *, deadly: bool) -> bytes:
        pcm = bytearray()
        async for speech in engine.speak(phrases(deadly=deadly), Voice()):
            pcm += speech.pcm
            spoken.set()
        return bytes(pcm)

    spoken = asyncio.Event()
    try:
        whole = await said(here, deadly=False)
        spoken.clear()
        began = perf_counter()
        equal = await said(there, deadly=True) == whole
        took = perf_counter() - began
    finally:
        await lifecycle.end([here, there])
    told = "equal, sample for sample" if equal else "NOT equal"
    return f"replica {victim} killed in mid-reply: {told}; {there.retries} retry; the reply took {took:.2f} s"


@contextmanager
def lent() -> Iterator[str]:
    """Start `companion engines` in a process of its own; yields its address."""
    command = [sys.executable, "-m", "bridge", "engines", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.wait(60)


async def compare(address: str, rounds: int) -> str:
    """Return both ways side by side as Markdown."""
    here = chosen(load(None, {}), ("stt", "dialogue", "tts"))
    there = {kind: made(address=address) for kind, made in
             (("stt", RemoteStt), ("dialogue", RemoteDialogue), ("tts", RemoteTts))}  # fmt: skip
    every = [*here.values(), *there.values()]
    await asyncio.gather(*(engine.start() for engine in every))
    try:
        await measured(here, 3)
        await measured(there, 3)
        ways = {"in this process": await measured(here, rounds), "by address": await measured(there, rounds)}
    finally:
        await lifecycle.end(every)
    rows = []
    for what in ("first token", "token", "spoken", "heard"):
        spreads = [summarize(ways[way][what]) for way in ways]
        added = [spreads[1].p50 - spreads[0].p50, spreads[1].p99 - spreads[0].p99]
        rows.append((what, spreads[0].n, *(value for each in spreads for value in (each.p50, each.p99)), *added))
    head = ("ms of a", "n", "here p50", "p99", "by address p50", "p99", "added p50", "p99")
    return table(head, rows)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="", help="of engines that run already, such as Ray Serve's")
    parser.add_argument("--kill", type=int, metavar="PID", help="the process of a voice there, killed in mid-reply")
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()

    with suppress(KeyboardInterrupt), nullcontext(arguments.address) if arguments.address else lent() as address:
        print(asyncio.run(lost(address, arguments.kill) if arguments.kill else compare(address, arguments.rounds)))


if __name__ == "__main__":
    main()
