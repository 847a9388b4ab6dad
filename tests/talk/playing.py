"""What the tests of playback share: replies as the client yields them, and reading what is heard."""

from __future__ import annotations

from typing import Any

import msgspec

from talk.client import DEFAULTS
from talk.heard import Heard, Sound
from talk.playout import Playout
from tests.talk.fake import FPS, RANGES, RATE, reply

MS = RATE // 1000


def plain(message: Any) -> dict[str, Any]:
    made = msgspec.to_builtins(message, builtin_types=(bytes,))
    return {**DEFAULTS[made["type"]], **made}


def script(turn: int = 1, samples: int = 24_000, *, chunk: int = 2400) -> list[dict[str, Any]]:
    return [plain(message) for message in reply(turn, "one two three four", samples, chunk=chunk)]


def playout(**changes: Any) -> Playout:
    settings: dict[str, Any] = {"rate": RATE, "fps": FPS, "ranges": RANGES} | changes
    return Playout(**settings)


def play(player: Playout, samples: int, *, block: int = 240) -> tuple[bytes, list[Heard]]:
    air, events = b"", []
    while len(air) < 2 * samples:
        more, due = player.read(min(block, samples - len(air) // 2))
        air += more
        events += due
    return air, events


def of(events: list[Heard], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def spoken(events: list[Heard], turn: int = 1) -> bytes:
    return b"".join(event.pcm for event in of(events, Sound) if event.turn == turn)
