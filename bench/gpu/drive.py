"""Talking sessions: each speaks, listens to the answer as long as it sounds, and speaks again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgpack

from bench.wire import Wire, connect

RATE, FRAME = 16_000, 320
TICKS = 48_000
PLAYHEAD_S = 0.2
FACE = {"profile": "arkit52", "fps": 60}


@dataclass(slots=True)
class Outcome:
    """What all sessions saw; milliseconds from the last frame of speech."""

    final_ms: list[float] = field(default_factory=list)
    token_ms: list[float] = field(default_factory=list)  # the first token of the answer
    first_ms: list[float] = field(default_factory=list)  # the first sound with a face
    late: int = 0  # media that came after its instant of playing, counted from the first sound
    gaps: int = 0  # silences that this made, for a player that starts at once and waits for what is late
    gap_ms: float = 0.0  # all of them together
    media: int = 0
    turns: int = 0
    failed: dict[str, int] = field(default_factory=dict)


class Session:
    """One of them."""

    def __init__(self, sound: bytes, outcome: Outcome) -> None:
        self._sound, self._outcome = sound, outcome
        self._loop = asyncio.get_running_loop()
        self._wire: Wire | None = None
        self._welcome = asyncio.Event()
        self._over = asyncio.Event()
        self._spoke_at = 0.0
        self._turn = 0
        self._first_at = 0.0
        self._begun_at = 0.0
        self._waited = 0.0
        self._end = 0
        self._pts = 0
        self._seq = 0

    async def run(self, port: int, turns: int, delay: float) -> None:
        """Hold the conversation."""
        self._wire = await connect(port, self._receive, subprotocol="companion.v1.msgpack")
        self._send("hello", version=1, client="bench", audio={"aec": True}, face=FACE, features=["timings"])
        await self._welcome.wait()
        await asyncio.sleep(delay)
        for _ in range(turns):
            self._over.clear()
            self._first_at = self._spoke_at = self._begun_at = self._waited = 0.0
            await self._speak()
            try:
                async with asyncio.timeout(60):
                    await self._listen()
            except TimeoutError:
                self._fail("no answer in 60 s")
        self._send("bye")
        self._wire.close()

    async def _speak(self) -> None:
        begun, count = self._loop.time(), -(-len(self._sound) // (2 * FRAME))
        self._spoke_at = begun + count * FRAME / RATE
        for number in range(count):
            self._mic(self._sound[number * 2 * FRAME :][: 2 * FRAME].ljust(2 * FRAME, b"\0"))
            await asyncio.sleep(begun + (number + 1) * FRAME / RATE - self._loop.time())

    async def _listen(self) -> None:
        """Send silence and playheads until the answer has been heard."""
        due, told = self._loop.time(), self._loop.time()
        while not (self._over.is_set() and self._heard() >= self._end):
            self._mic(bytes(2 * FRAME))
            if self._first_at and self._loop.time() - told > PLAYHEAD_S:
                told = self._loop.time()
                self._send("playhead", turn=self._turn, pts=self._heard(), seq=self._seq)
            due += FRAME / RATE
            await asyncio.sleep(due - self._loop.time())
        if self._first_at:
            self._send("playhead", turn=self._turn, pts=self._end, seq=self._seq)

    def _heard(self) -> int:
        if not self._first_at:
            return 0
        return min(self._end, round((self._loop.time() - self._first_at - self._waited) * TICKS))

    def _receive(self, payload: bytes) -> None:
        message, now = msgpack.unpackb(payload), self._loop.time()
        self._seq = max(self._seq, message.get("seq", 0))
        match message["type"]:
            case "welcome":
                self._welcome.set()
            case "transcript" if message.get("final") and self._spoke_at:
                self._outcome.final_ms.append((now - self._spoke_at) * 1000)
            case "reply_start":
                self._begun_at = now
            case "state" if (timings := message.get("timings")) and self._spoke_at:
                # The server's own clock from the beginning of the reply; 0 for a token that was there before.
                token = (self._begun_at - self._spoke_at) * 1000 + timings.get("first_token", 0.0)
                self._outcome.token_ms.append(token)
            case "media" if message.get("turn"):
                self._media(message, now)
            case "reply_end":
                self._outcome.turns += 1
                if (reason := message.get("reason", "complete")) not in ("complete", "cut"):  # by its limit of tokens
                    self._fail(reason)
                self._over.set()
            case "error":
                self._fail(message["code"])
                self._over.set()

    def _media(self, message: dict[str, object], now: float) -> None:
        pcm, pts = message.get("pcm", b""), message.get("pts", 0)
        assert isinstance(pcm, bytes)
        assert isinstance(pts, int)
        if not self._first_at and pcm and message.get("face"):
            self._first_at, self._turn = now, int(str(message["turn"]))
            self._outcome.first_ms.append((now - self._spoke_at) * 1000)
            if now < self._spoke_at:
                self._fail("cut in")
        self._end = pts + len(pcm)  # two bytes and two ticks a sample
        self._outcome.media += 1
        if self._first_at and pcm:
            behind = now - self._first_at - pts / TICKS
            self._outcome.late += behind > 0
            if behind > self._waited:
                self._outcome.gaps += 1
                self._outcome.gap_ms += (behind - self._waited) * 1000
                self._waited = behind

    def _mic(self, data: bytes) -> None:
        self._send("mic", pts=self._pts, data=data)
        self._pts += FRAME

    def _send(self, kind: str, **fields: object) -> None:
        assert self._wire is not None
        self._wire.send(bytes(msgpack.packb({"type": kind, **fields})))

    def _fail(self, why: str) -> None:
        self._outcome.failed[why] = self._outcome.failed.get(why, 0) + 1


async def drive(port: int, sessions: int, turns: int, sounds: Sequence[bytes]) -> Outcome:
    """Run all sessions, begun over one second so that they do not speak in step."""
    outcome = Outcome()
    async with asyncio.TaskGroup() as group:
        for number in range(sessions):
            session = Session(sounds[number % len(sounds)], outcome)
            group.create_task(session.run(port, turns, number / sessions))
    return outcome
