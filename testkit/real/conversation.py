"""A spoken conversation with `companion serve` in a process of its own, at the speed of life."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from talk.client import Companion

RATE: Final = 16_000
FRAME: Final = 320


@contextlib.asynccontextmanager
async def served(settings: list[str]) -> AsyncIterator[int]:
    """Serve with these arguments in a process of its own; gives the port, and ends it at the end."""
    path = [str(Path(entry).absolute()) for entry in sys.path]  # noqa: ASYNC240 - before anything is served
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(path),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge", "serve", "--port", "0", *settings,
        stderr=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip
    assert process.stderr is not None
    told: list[str] = []
    try:
        while True:
            line = (await process.stderr.readline()).decode()
            assert line, f"the server did not start:\n{''.join(told)}"
            told.append(line)
            with contextlib.suppress(ValueError):
                record = json.loads(line)
                if isinstance(record, dict) and "port" in record:
                    port = int(record["port"])
                    break
        draining = asyncio.ensure_future(process.stderr.read())
        try:
            yield port
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await draining
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class Heard:
    """What the client got of one turn; `pcm` is s16le at 24 kHz, `open_mouth` counts frames."""

    def __init__(self) -> None:
        self.question = ""
        self.answer = ""
        self.reason = ""
        self.pcm = b""
        self.frames = 0
        self.mind = ""
        self.waited = 0.0  # s from the last of the question to the first of the answer's sound
        self.open_mouth = 0
        self.gaps = 0


async def converse(port: int, sound: bytes) -> Heard:
    """Speak `sound` at the speed of life and listen to the answer, as a client does."""
    heard = Heard()
    async with (
        Companion.connect(
            f"ws://127.0.0.1:{port}", user="Ada", audio={"aec": True}, face={"profile": "arkit52", "fps": 60}
        ) as companion,
        asyncio.TaskGroup() as group,
    ):
        loop = asyncio.get_running_loop()
        speaking, begun, jaw = group.create_task(speak(companion, sound)), loop.time(), 0
        async for message in companion:
            match message["type"]:
                case "welcome":
                    heard.mind = message["engines"]["dialogue"]
                    jaw = message["face"]["names"].index("jawOpen")
                    width = len(message["face"]["names"])
                case "transcript" if message["final"]:
                    heard.question = message["text"]
                case "media" if message["turn"]:
                    heard.waited = heard.waited or loop.time() - begun - len(sound) / 2 / RATE
                    heard.gaps += message["pts"] != len(heard.pcm)  # two bytes and two ticks a sample of 24 kHz
                    heard.pcm += message["pcm"]
                    face = message["face"]
                    heard.frames += len(face) // width
                    heard.open_mouth += sum(face[i + jaw] > 20 for i in range(0, len(face), width))
                    await companion.playhead(message["turn"], len(heard.pcm))
                case "error" if message["code"] != "stt_slow":
                    raise RuntimeError(f"the server says: {message}")
                case "reply_end":
                    heard.reason = message["reason"]
                    heard.answer = message["text"]
                    break
        speaking.cancel()
    return heard


async def speak(companion: Companion, sound: bytes) -> None:
    """Play the microphone: the sound, then silence until it is cancelled."""
    loop = asyncio.get_running_loop()
    begun, number = loop.time(), 0
    while True:
        frame = sound[number * 2 * FRAME :][: 2 * FRAME]
        await companion.mic(frame.ljust(2 * FRAME, b"\0"), pts=number * FRAME)
        number += 1
        await asyncio.sleep(begun + number * FRAME / RATE - loop.time())
