"""A reply as a server sends it: a burst of the lead, then in real time, 100 ms a message."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from protocol import messages as m
from protocol.conformance.client.stage import FPS, LEAD_S, RATE, TICKS, ClientStage
from protocol.conformance.play import Scene

CHUNK_S: Final = 0.1
SAMPLES: Final = round(CHUNK_S * RATE)
SENTENCE: Final = "This is said to try out whether you play, show and tell what you have heard as you should"
WORDS: Final = SENTENCE.split()


@cache
def tone(chunk: int) -> bytes:
    """Return a quiet tone's samples: 220 Hz, so that there is something to hear."""
    first = chunk * SAMPLES
    wave = (round(3000 * math.sin(2 * math.pi * 220 * n / RATE)) for n in range(first, first + SAMPLES))
    return b"".join(sample.to_bytes(2, "little", signed=True) for sample in array("h", wave))


def faces(chunk: int) -> bytes:
    """Return the frames that begin in a chunk: a mouth that opens and shuts."""
    first, count = round(chunk * CHUNK_S * FPS), round(CHUNK_S * FPS)
    rows = (round(127 * (1 - math.cos(0.4 * frame))) for frame in range(first, first + count))
    return b"".join(bytes((row, row // 3, 9, 128)) for row in rows)


@dataclass
class Speech:
    """Turn `turn`, `seconds` long; `more` are fields that nobody knows, in each message."""

    stage: ClientStage
    turn: int
    seconds: float
    face: bool = True
    more: Mapping[str, Any] | None = None
    frames: int = 1  # WebSocket frames for each message
    reason: str = "complete"
    chunk: int = 0
    _base: float | None = None

    @property
    def chunks(self) -> int:
        return round(self.seconds / CHUNK_S)

    @property
    def words(self) -> list[str]:
        return WORDS[: max(1, self.chunks // 4)]

    def _send(self, message: m.ServerMessage) -> None:
        self.stage.send(message, more=self.more, frames=self.frames)

    def start(self) -> None:
        """Begin the turn."""
        self._send(m.ReplyStart(turn=self.turn, seq=1))
        self._send(m.StateChange(state="thinking", turn=self.turn))
        self._base = self.stage.now

    def burst(self, chunks: int) -> None:
        """Send so much at once."""
        for _ in range(min(chunks, self.chunks - self.chunk)):
            self._media()

    def _media(self) -> None:
        chunk, step = self.chunk, round(CHUNK_S * TICKS)
        if chunk % 4 == 0 and chunk // 4 < len(self.words):
            gap = "" if chunk == 0 else " "
            self._send(
                m.WordText(
                    turn=self.turn,
                    seq=1,
                    text=self.words[chunk // 4],
                    pts=chunk * step,
                    end=(chunk + 3) * step,
                    gap=gap,
                )
            )
        if chunk == 0:
            self._send(m.CueAt(turn=self.turn, seq=1, pts=0, kind="emotion", name="happy"))
        face = faces(chunk) if self.face else b""
        face_pts = chunk * step if self.face else 0
        self._send(
            m.Media(
                turn=self.turn, seq=1, pts=chunk * step, pcm=tone(chunk), face_pts=face_pts, face=face, source="exact"
            )
        )
        if chunk == 0:
            self._send(m.StateChange(state="speaking", turn=self.turn))
        self.chunk += 1

    def go(self, seconds: float = math.inf) -> Scene:
        """Send as time goes by, for so long or to the end of the sound."""
        stage, end = self.stage, self.stage.now + seconds
        if self._base is None:
            self.start()
        while self.chunk < self.chunks:
            assert self._base is not None
            due = max(stage.now, self._base + self.chunk * CHUNK_S - LEAD_S)
            if due > end:
                break
            yield from stage.rest(due - stage.now)
            self._media()
        if math.isfinite(seconds):
            yield from stage.rest(end - stage.now)

    def late(self) -> None:
        """Take the time as it is now for the one in which the next message is due."""
        self._base = self.stage.now + LEAD_S - self.chunk * CHUNK_S

    def end(self) -> None:
        """Say that everything has been sent."""
        pts = self.chunk * round(CHUNK_S * TICKS)
        text = " ".join(self.words)
        message = m.ReplyEnd(turn=self.turn, seq=1, pts=pts, text=text)
        more = {**(self.more or {}), "reason": self.reason} if self.reason != "complete" else self.more
        self.stage.send(message, more=more, frames=self.frames)

    def whole(self) -> Scene:
        """Send all of it."""
        yield from self.go()
        self.end()

    def cut(self, pts: int) -> None:
        """Interrupt it."""
        self._send(m.Interrupted(turn=self.turn, seq=1, pts=pts))
        self._send(m.StateChange(state="listening", turn=self.turn))
