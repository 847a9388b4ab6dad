"""How a load session talks to a server: the companion protocol as a client author would write it, or the floor's bytes.

It imports nothing of the product and packs with `msgpack`, so that an independent implementation meets the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import msgpack

from bench.floor import END
from bench.script import CHANNELS, FPS, RATE

Kind: TypeAlias = Literal["welcome", "refused", "start", "media", "end", "interrupted", "other"]


@dataclass(slots=True)
class Heard:
    """What a message means to the load client; `pcm` and `face` in bytes, `pts` in ticks of 1/48000 s."""

    kind: Kind
    turn: int = 0
    seq: int = 0
    pts: int = 0
    pcm: int = 0
    face: int = 0
    note: str = ""


class Dialect(Protocol):
    """One connection's language."""

    subprotocol: str

    def hello(self) -> bytes | None:
        """Return the first message, if there is one."""
        ...

    def mic(self, pts: int, data: bytes) -> bytes:
        """Return a microphone frame that begins at sample `pts`."""
        ...

    def playhead(self, turn: int, pts: int, seq: int) -> bytes | None:
        """Return what is being heard, if the server wants to know."""
        ...

    def read(self, payload: bytes) -> Heard:
        """Return what the server said."""
        ...


class Companion:
    """The companion protocol over MessagePack, full duplex, 60 fps arkit52."""

    subprotocol = "companion.v1.msgpack"

    def hello(self) -> bytes:
        """Ask for a session."""
        audio, face = {"aec": True}, {"profile": "arkit52", "fps": FPS}
        return bytes(msgpack.packb({"type": "hello", "version": 1, "client": "bench", "audio": audio, "face": face}))

    def mic(self, pts: int, data: bytes) -> bytes:
        """Return a `mic` message."""
        return bytes(msgpack.packb({"type": "mic", "pts": pts, "data": data}))

    def playhead(self, turn: int, pts: int, seq: int) -> bytes:
        """Return a `playhead` message."""
        return bytes(msgpack.packb({"type": "playhead", "turn": turn, "pts": pts, "seq": seq}))

    def text(self, text: str) -> bytes:
        """Return a typed `text`."""
        return bytes(msgpack.packb({"type": "text", "text": text}))

    def interrupt(self, turn: int) -> bytes:
        """Return an `interrupt`."""
        return bytes(msgpack.packb({"type": "interrupt", "turn": turn}))

    def read(self, payload: bytes) -> Heard:
        """Return any message, reduced to what is measured."""
        message = msgpack.unpackb(payload)
        turn, seq, pts = message.get("turn", 0), message.get("seq", 0), message.get("pts", 0)
        match message["type"]:
            case "media":
                return Heard("media", turn, seq, pts, len(message.get("pcm", b"")), len(message.get("face", b"")))
            case "welcome":
                return Heard("welcome")
            case "reply_start":
                return Heard("start", turn, seq)
            case "reply_end":
                return Heard("end", turn, seq, pts, note=message.get("reason", "complete"))
            case "interrupted":
                return Heard("interrupted", turn, seq, pts)
            case "error":
                fatal = message.get("fatal", False)
                return Heard("refused" if fatal else "other", turn, note=f"error {message['code']}")
            case kind:
                return Heard("other", turn, seq, pts, note=kind)


class Floor:
    """The floor server's tag bytes; turns are counted here."""

    subprotocol = ""

    def __init__(self) -> None:
        self._turn, self._pts, self._open = 0, 0, False

    def hello(self) -> None:
        """Return nothing: the floor needs none."""

    def mic(self, pts: int, data: bytes) -> bytes:
        """Return the samples."""
        return data

    def playhead(self, turn: int, pts: int, seq: int) -> None:
        """Return nothing: the floor does not ask."""

    def read(self, payload: bytes) -> Heard:
        """Return a sentence, or the end."""
        if payload == END:
            self._open = False
            return Heard("end", self._turn, pts=self._pts, note="complete")
        if not self._open:
            self._turn, self._pts, self._open = self._turn + 1, 0, True
        # A millisecond of a sentence is rate / 1000 samples of two bytes and fps / 1000 frames of CHANNELS bytes.
        ms = round((len(payload) - 1) * 1000 / (RATE * 2 + FPS * CHANNELS))
        heard = Heard("media", self._turn, 0, self._pts, RATE * ms // 1000 * 2, FPS * ms // 1000 * CHANNELS)
        self._pts += 48 * ms
        return heard
