"""Times a duplex model: talked to directly, and through a bridge in a third process."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as dial

from bench.dialects import Companion
from bench.machine import runner, settle
from bench.process import CLIENT_CORE, serving
from bench.script import FRAME_S, LOUD, QUIET, SPEECH_FRAMES
from bench.wire import Wire, connect
from engines.api import MIC_RATE
from engines.sound.audio import resample
from testkit.scripted.duplex import RATE

REST_S: Final = 0.5
OVER_AFTER_S: Final = 0.8  # of an answer, before it is talked over
PATIENCE_S: Final = 15.0
TYPED, SPOKEN, OVER = "typed line to first sound", "end of speech to first sound", "speech over an answer to its end"


class Line(Protocol):
    """A conversation, with the model or with the bridge."""

    def type(self) -> None:
        """Type a line that is to be answered."""
        ...

    def frame(self, number: int, *, loud: bool) -> None:
        """Send a frame of the microphone."""
        ...


@dataclass(slots=True)
class Heard:
    """What came: the instants of the first sound of an answer and of the end of one, and the times in ms."""

    sounds: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    at: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)

    def sound(self) -> None:
        """Note that sound came."""
        if not self.sounds.is_set():
            self.at = perf_counter()
            self.sounds.set()

    def end(self) -> None:
        """Note that the answer is over."""
        if not self.ended.is_set():
            self.at = perf_counter()
            self.ended.set()


class Direct:
    """The model's own server."""

    def __init__(self, socket: ClientConnection, heard: Heard) -> None:
        self._socket, self._heard = socket, heard
        self._tasks: set[asyncio.Task[None]] = set()

    async def receive(self) -> None:
        """Take what comes."""
        async for data in self._socket:
            match json.loads(data)["type"]:
                case "response.output_audio.delta":
                    self._heard.sound()
                case "input_audio_buffer.speech_started":
                    self._heard.end()

    def type(self) -> None:
        """Type a line."""
        content = [{"type": "input_text", "text": "Go on."}]
        item = {"type": "message", "role": "user", "content": content}
        self._send({"type": "conversation.item.create", "event_id": "a", "item": item})
        self._send({"type": "response.create", "event_id": "b"})

    def frame(self, number: int, *, loud: bool) -> None:
        """Send a frame, at the model's rate."""
        pcm = resample(LOUD if loud else QUIET, MIC_RATE, RATE)
        audio = base64.b64encode(pcm).decode()
        self._send({"type": "input_audio_buffer.append", "event_id": "c", "audio": audio})

    def _send(self, event: dict[str, Any]) -> None:
        task = asyncio.create_task(self._socket.send(json.dumps(event)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Bridged:
    """The bridge before it."""

    def __init__(self, heard: Heard) -> None:
        self._heard, self._dialect = heard, Companion()
        self._turn = 0
        self.wire: Wire | None = None

    def receive(self, payload: bytes) -> None:
        """Take what comes; sound of a turn that has gone by is none."""
        heard = self._dialect.read(payload)
        if heard.kind == "media" and heard.turn > self._turn and heard.pcm:
            self._turn = heard.turn
            self._heard.sound()
        elif heard.kind in ("interrupted", "end"):
            self._heard.end()

    def type(self) -> None:
        """Type a line."""
        assert self.wire is not None
        self.wire.send(self._dialect.text("Go on."))

    def frame(self, number: int, *, loud: bool) -> None:
        """Send a frame."""
        assert self.wire is not None
        self.wire.send(self._dialect.mic(number * len(LOUD) // 2, LOUD if loud else QUIET))


class Talker:
    """Somebody with a microphone who types, speaks, and talks over an answer, again and again."""

    def __init__(self, line: Line, heard: Heard) -> None:
        self._line, self._heard = line, heard
        self._loud = 0
        self._quiet_at = self._loud_at = 0.0

    async def microphone(self) -> None:
        """Send frames as they come."""
        loop = asyncio.get_running_loop()
        start, number = loop.time(), 0
        while True:
            await asyncio.sleep(max(0.0, start + number * FRAME_S - loop.time()))
            loud = self._loud > 0
            self._line.frame(number, loud=loud)
            number += 1
            self._loud -= loud
            if loud:
                self._quiet_at = perf_counter()
                self._loud_at = self._loud_at or self._quiet_at

    async def round(self) -> None:
        """Go through all three."""
        begun = perf_counter()
        self._listen()
        self._line.type()
        await self._until(self._heard.sounds)
        self._took(TYPED, begun)
        await asyncio.sleep(OVER_AFTER_S)
        self._listen()
        self._loud, self._loud_at = SPEECH_FRAMES, 0.0
        await self._until(self._heard.ended)
        self._took(OVER, self._loud_at)
        await self._until(self._heard.sounds)
        self._took(SPOKEN, self._quiet_at)
        await asyncio.sleep(OVER_AFTER_S)
        # So that the next round finds nobody speaking.
        self._listen()
        self._loud, self._loud_at = SPEECH_FRAMES, 0.0
        await self._until(self._heard.sounds)
        await asyncio.sleep(REST_S)

    def _listen(self) -> None:
        self._heard.sounds.clear()
        self._heard.ended.clear()

    def _took(self, what: str, since: float) -> None:
        self._heard.times.setdefault(what, []).append(1000 * (self._heard.at - since))

    async def _until(self, event: asyncio.Event) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await event.wait()


async def talk(line: Line, heard: Heard, rounds: int) -> dict[str, list[float]]:
    """Talk for so many rounds; the first does not count."""
    talker = Talker(line, heard)
    await asyncio.sleep(REST_S)
    async with asyncio.TaskGroup() as tasks:
        ears = tasks.create_task(talker.microphone())
        for number in range(rounds + 1):
            await talker.round()
            if not number:
                heard.times.clear()
        ears.cancel()
    return heard.times


async def direct(port: int, rounds: int) -> dict[str, list[float]]:
    """Talk to the model's own server."""
    heard = Heard()
    async with dial(f"ws://127.0.0.1:{port}", compression=None) as socket:
        line = Direct(socket, heard)
        reading = asyncio.create_task(line.receive())
        try:
            return await talk(line, heard, rounds)
        finally:
            reading.cancel()


async def bridged(port: int, rounds: int) -> dict[str, list[float]]:
    """Talk to the bridge before it."""
    heard = Heard()
    line = Bridged(heard)
    line.wire = await connect(port, line.receive, subprotocol=Companion.subprotocol)
    line.wire.send(Companion().hello())
    try:
        return await talk(line, heard, rounds)
    finally:
        line.wire.close()


def timed(rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Measure both."""
    with serving("peer") as peer, serving("duplex", BENCH_PEER=f"ws://127.0.0.1:{peer.port}") as bridge:
        settle(CLIENT_CORE)
        with runner() as loop:
            return loop.run(direct(peer.port, rounds)), loop.run(bridged(bridge.port, rounds))
