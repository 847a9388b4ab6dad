"""A light neural voice in a process of its own, which answers `about` and `speak`: what Piper and Kokoro share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from engines.api import Speech, Stream
from engines.measures.work import Work
from engines.process.child import Child
from engines.process.loop import Fields
from engines.voices.narration import Line
from engines.voices.reading.reader import Reader
from engines.voices.timing import FIRST, LATER, Told, spoken_instead, told


@dataclass(frozen=True, slots=True)
class LightVoice:
    """A voice that is loaded in its process; `about` is what it says of itself."""

    child: Child
    about: Fields

    async def sentences(self, rate: int, **ask: Any) -> list[Told]:
        """Have a line spoken, sentence by sentence; `rate` is that of the sound, in Hz."""
        async with self.child.request("speak", **ask) as replies:
            parts = [Told(reply["pcm"], reply["tokens"]) async for reply in replies]
        self.child.work.credit("speak", audio=sum(len(part.pcm) for part in parts) / 2 / rate)
        return parts


@asynccontextmanager
async def opened(child: Child, reader: Reader) -> AsyncIterator[LightVoice]:
    """Start both processes; EngineError when the voice cannot be loaded."""
    try:
        await child.start()
        await reader.start()
        async with child.request("about") as replies:
            (about,) = [reply async for reply in replies]
        yield LightVoice(child, about)
    finally:
        await reader.close()
        await child.close()


def work(voice: LightVoice | None, reader: Reader) -> tuple[Work, ...]:
    """Measure the voice's process, where there is one, and the reader's."""
    return (*(voice.child.work.work() if voice is not None else ()), *reader.work())


async def pieces(parts: list[Told], rendering: Speech, rate: int, line: Line, pause: float) -> Stream[Speech]:
    """Cut a line into pieces, `pause` seconds of silence at its end; by espeak-ng where the voice has said nothing."""
    if not any(part.pcm for part in parts):
        yield spoken_instead(rendering, rate)
        return
    async with aclosing(told(parts, rendering, rate, pause, FIRST if line.first else LATER)) as made:
        async for piece in made:
            yield piece
