"""A scripted companion server on loopback, on msgspec and the wire's own structs: it shares nothing with the client."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from protocol import messages as wire

NAMES = ("jawOpen", "mouthClose", "headYaw")
RANGES = ((0.0, 1.0), (0.0, 1.0), (-0.5, 127 / 256))
RATE, FPS, CHUNK = 24_000, 60, 2400
DECODE: dict[str, Callable[[Any], Any]] = {
    wire.SUBPROTOCOLS[0]: msgspec.msgpack.Decoder(wire.ClientMessage).decode,
    wire.SUBPROTOCOLS[1]: msgspec.json.Decoder(wire.ClientMessage).decode,
}


def sound(turn: int, samples: int) -> bytes:
    """Samples that tell where they belong: no two stretches of a turn, and no two turns, are alike."""
    return ((np.arange(samples) * 7919 + turn * 10_007) % 65_536 - 32_768).astype("<i2").tobytes()


def face(turn: int, samples: int) -> bytes:
    frames = -(-samples * FPS // RATE)
    grid = np.arange(frames)[:, None] * 3 + np.arange(len(NAMES)) * 50 + turn
    return (grid % 256).astype(np.uint8).tobytes()


def reply(turn: int, words: str, samples: int, *, chunk: int = CHUNK) -> list[Any]:
    """A whole reply without seq: words evenly over it, media of `chunk` samples."""
    spoken, at = words.split(), 0
    step = samples // max(1, len(spoken))
    out: list[Any] = [
        wire.ReplyStart(turn=turn, seq=1),
        wire.CueAt(turn=turn, seq=1, pts=0, kind="emotion", name="happy"),
    ]
    weights, width = face(turn, samples), len(NAMES)
    while at < samples:
        count = min(chunk, samples - at)
        for index, word in enumerate(spoken):
            if at <= index * step < at + count:
                out.append(wire.WordText(turn=turn, seq=1, text=word, pts=2 * index * step, end=2 * (index + 1) * step))
        first, last = -(-at * FPS // RATE), -(-(at + count) * FPS // RATE)
        out.append(
            wire.Media(
                turn=turn,
                seq=1,
                pts=2 * at,
                pcm=sound(turn, samples)[2 * at : 2 * (at + count)],
                face_pts=first * 48_000 // FPS,
                face=weights[first * width : last * width],
                source="exact",
            )
        )
        at += count
    out.append(wire.ReplyEnd(turn=turn, seq=1, pts=2 * samples, text=words))
    return out


@dataclass
class Fake:
    """One session at a time; `got` holds every message that clients sent, in order."""

    answer: str = "Hello there, it is good to see you."
    samples: int = 24_000
    token: str = ""
    refusal: tuple[wire.Error, int] | None = None
    notice: str = ""
    features: tuple[str, ...] = ("mic", "text", "resume")
    resume_s: float = 60.0
    sever_after: int = 0  # replayable messages, once
    forgets: bool = False  # loses its session with the socket
    extra: list[bytes] = field(default_factory=list)  # raw, right after the welcome
    fail: str = ""  # an error code instead of answers
    got: list[Any] = field(default_factory=list)
    outbox: list[Any] = field(default_factory=list)
    turn: int = 0
    sessions: int = 0
    connections: int = 0
    playing: int = 0
    url: str = ""
    server: Any = None
    socket: ServerConnection | None = None
    _loud: int = 0
    _still: int = 0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Fake]:
        protocols = [str(name) for name in wire.SUBPROTOCOLS]
        async with serve(self._handle, "127.0.0.1", 0, subprotocols=protocols, compression=None) as self.server:  # type: ignore[arg-type]
            port = next(iter(self.server.sockets)).getsockname()[1]
            self.url = f"ws://127.0.0.1:{port}"
            yield self

    def of(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.got if isinstance(message, kind)]

    async def send(self, message: Any) -> None:
        """Number what is replayable, keep it, and send it if somebody is there."""
        if getattr(message, "seq", 0):
            message = msgspec.structs.replace(message, seq=len(self.outbox) * 2 + 1)
            self.outbox.append(message)
        if self.socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self.socket.send(self.encode(message))
        if self.sever_after and len(self.outbox) >= self.sever_after and self.socket is not None:
            self.sever_after = 0
            self.sever()

    def sever(self) -> None:
        assert self.socket is not None
        self.socket.transport.abort()
        self.socket = None

    def encode(self, message: Any) -> str | bytes:
        assert self.socket is not None
        if self.socket.subprotocol == wire.SUBPROTOCOLS[1]:
            return msgspec.json.encode(message).decode()
        return msgspec.msgpack.encode(message)

    async def _handle(self, socket: ServerConnection) -> None:
        self.connections += 1
        decode = DECODE[str(socket.subprotocol or wire.SUBPROTOCOLS[0])]
        with contextlib.suppress(ConnectionClosed):
            hello = decode(await socket.recv())
            self.got.append(hello)
            self.socket = socket
            refusal = self.refusal
            if self.token and hello.token != self.token:
                refusal = wire.Error(code="unauthorized", message="this token is not one of ours", fatal=True), 4010
            if refusal:
                await self.send(refusal[0])
                await socket.close(refusal[1], refusal[0].code)
                return
            await self._welcome(hello)
            async for data in socket:
                message = decode(data)
                self.got.append(message)
                if isinstance(message, wire.Bye):
                    await socket.close()
                else:
                    await self._react(message)

    async def _welcome(self, hello: wire.Hello) -> None:
        resumed = bool(hello.resume or hello.watch) and not self.forgets and self.sessions > 0
        if not resumed:
            self.sessions += 1
            self.outbox, self.turn, self.playing = [], 0, 0
        held = hello.resume or hello.watch
        fps = hello.face.fps
        await self.send(
            wire.Welcome(
                version=1,
                server="fake",
                session=f"s{self.sessions}",
                token="secret",
                resumed=resumed,
                seq=held.seq if resumed and held else 0,
                reason="session_expired" if hello.resume and not resumed else "",
                resume_s=self.resume_s,
                lead_ms=300,
                audio=wire.WelcomeAudio(rate=RATE),
                face=wire.WelcomeFace(profile=hello.face.profile, fps=fps, names=NAMES, ranges=RANGES),
                identity=wire.WelcomeIdentity(name="Ada"),
                engines={"tts": "fake"},
                limits=wire.WelcomeLimits(message_bytes=65_536, text_chars=8192, messages_per_s=200, idle_s=600),
                features=self.features,
                notice=self.notice,
            )
        )
        for raw in self.extra:
            assert self.socket is not None
            await self.socket.send(raw)
        if resumed and held:
            for message in [kept for kept in self.outbox if kept.seq > held.seq]:
                assert self.socket is not None
                await self.socket.send(self.encode(message))
        elif hello.greet:
            await self.speak("Welcome!")

    async def speak(self, words: str = "") -> None:
        self.turn += 1
        await self.send(wire.StateChange(state="thinking"))
        self.playing = self.turn
        await self.send(wire.StateChange(state="speaking", turn=self.turn))
        for message in reply(self.turn, words or self.answer, self.samples):
            await self.send(message)

    async def stop(self, pts: int = 0) -> None:
        if self.playing:
            late = wire.Media(turn=self.playing, seq=1, pts=2 * self.samples, pcm=b"\1\0" * 240, source="exact")
            turn, self.playing = self.playing, 0
            await self.send(late)
            await self.send(wire.Interrupted(turn=turn, seq=1, pts=pts))
            await self.send(late)
            await self.send(wire.StateChange(state="idle"))

    async def _react(self, message: Any) -> None:
        match message:
            case wire.UserText() if self.fail:
                await self.send(wire.Error(code=self.fail, message="the voice is broken"))
            case wire.UserText():
                await self.stop()
                await self.speak()
            case wire.Interrupt():
                await self.stop(message.pts or 0)
            case wire.Mic():
                await self._listen(message.data)
            case wire.Talk(on=False):
                await self._understood()
            case wire.Context(respond="auto"):
                await self.speak("How curious.")
            case wire.Ping():
                await self.send(wire.Pong(stamp=message.stamp, server=1.0))
            case wire.Playhead() if message.turn == self.playing and message.pts >= 2 * self.samples:
                self.playing = 0
                await self.send(wire.StateChange(state="idle"))
            case _:
                pass

    async def _listen(self, data: bytes) -> None:
        """An endpointer of sorts: half a second without a sample after some sound."""
        if any(data):
            self._loud, self._still = self._loud + 1, 0
            if self._loud == 1:
                await self.send(wire.StateChange(state="listening"))
            if self._loud in (10, 20):
                await self.send(wire.TranscriptText(utterance=1, text="who are"[: self._loud // 3], final=False))
        elif self._loud:
            self._still += 1
            if self._still == 25:
                await self._understood()

    async def _understood(self) -> None:
        self._loud = self._still = 0
        await self.send(wire.TranscriptText(utterance=1, text="who are you", final=True, seq=1))
        await self.speak()
