"""A client of a call: aiortc for the connection, the `openai` package for the offer, both as they are."""

from __future__ import annotations

import asyncio
import fractions
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from openai import AsyncOpenAI

from bridge.server.server import Server
from tests.realtime.schema import faults

RATE = 48_000
PIECE = 960


class Microphone(MediaStreamTrack):
    """Says what it is given, and silence else."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.pcm = bytearray()
        self._pieces = 0
        self._began = 0.0

    async def recv(self) -> av.AudioFrame:
        loop = asyncio.get_running_loop()
        self._began = self._began or loop.time()
        await asyncio.sleep(max(0.0, self._began + self._pieces / 50 - loop.time()))
        frame = av.AudioFrame(format="s16", layout="mono", samples=PIECE)
        frame.planes[0].update(bytes(self.pcm[: 2 * PIECE]).ljust(2 * PIECE, b"\0"))
        del self.pcm[: 2 * PIECE]
        frame.pts, frame.sample_rate, frame.time_base = self._pieces * PIECE, RATE, fractions.Fraction(1, RATE)
        self._pieces += 1
        return frame


class Caller:
    """One call; `seen` are the events, `heard` the sound by its RTP timestamp less that of the first packet."""

    def __init__(self, connection: RTCPeerConnection) -> None:
        self.connection = connection
        self.microphone = Microphone()
        self.seen: list[dict[str, Any]] = []
        self.heard: dict[int, np.ndarray[Any, Any]] = {}
        self.channel = connection.createDataChannel("oai-events")
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        connection.addTrack(self.microphone)
        connection.on("track", self._listen)
        self.channel.on("message", self._told)

    def send(self, kind: str, **fields: Any) -> None:
        self.channel.send(json.dumps({"type": kind, **fields}))

    def says(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})

    async def until(self, kind: str) -> dict[str, Any]:
        while True:
            event = await self._events.get()
            if event["type"] == kind:
                return event

    def sound(self) -> tuple[int, np.ndarray[Any, Any]]:
        """The RTP timestamp at which the sound begins, and one channel of it without a gap."""
        first = min(self.heard)
        whole = np.zeros(max(self.heard) + PIECE - first, dtype=np.int16)
        for at, piece in self.heard.items():
            whole[at - first : at - first + len(piece)] = piece
        (receiver,) = self.connection.getReceivers()
        origin = receiver._RTCRtpReceiver__timestamp_mapper._origin  # the library tells only differences
        return (origin + first) % 2**32, whole

    def _told(self, message: str) -> None:
        event = json.loads(message)
        event_as_published = {key: value for key, value in event.items() if key != "rtp"}
        assert [*faults(event_as_published)] == []
        self.seen.append(event)
        self._events.put_nowait(event)

    def _listen(self, track: MediaStreamTrack) -> None:
        async def listen() -> None:
            try:
                while True:
                    frame = await track.recv()
                    self.heard[frame.pts] = frame.to_ndarray()[0, ::2].astype(np.int16)
            except MediaStreamError:
                pass

        self._tasks.add(asyncio.ensure_future(listen()))

    async def hang_up(self) -> None:
        await self.connection.close()
        await asyncio.gather(*self._tasks)


@asynccontextmanager
async def calling(server: Server, key: str = "none", **session: Any) -> AsyncIterator[Caller]:
    """A call that has begun."""
    caller = Caller(RTCPeerConnection(RTCConfiguration(iceServers=[])))
    openai = AsyncOpenAI(api_key=key, base_url=f"http://127.0.0.1:{server.port}/v1", max_retries=0)
    try:
        async with openai:
            await caller.connection.setLocalDescription(await caller.connection.createOffer())
            answer = await openai.realtime.calls.create(
                sdp=caller.connection.localDescription.sdp, session={"type": "realtime", **session}
            )
            await caller.connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        await caller.until("session.created")
        yield caller
    finally:
        await caller.hang_up()
