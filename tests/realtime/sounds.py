"""What a microphone sends, as far as the scripted detector hears, and a companion that is quick."""

from __future__ import annotations

import math
from array import array

from testkit.scripted.engines import ScriptedTts
from tests.bridge.scenario import Cast, listening, replies


def tone(seconds: float, *, rate: int = 24_000) -> bytes:
    """A voice."""
    count = round(seconds * rate)
    return array("h", (round(12_000 * math.sin(2 * math.pi * 250 * i / rate)) for i in range(count))).tobytes()


def quiet(seconds: float, *, rate: int = 24_000) -> bytes:
    """Nobody's."""
    return bytes(2 * round(seconds * rate))


def quick(*texts: str, heard: str = "tell me something", ms: int = 100) -> Cast:
    """A companion that says a word in `ms`."""
    return Cast(replies(*texts), tts=ScriptedTts(ms_per_word=ms), stt=listening(heard, delay=0.0))
