"""A light neural voice in a process of its own, which answers `about` and `speak`: what Piper and Kokoro share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from engines.api import EngineError, Speech, Stream
from engines.child import Child
from engines.child_loop import Fields
from engines.narration import Line
from engines.reader import Reader
from engines.timing import FIRST, LATER, Told, spoken_instead, told
from engines.voice_files import CODE


@asynccontextmanager
async def opened(child: Child, reader: Reader) -> AsyncIterator[Fields]:
    """Both processes, started, and what the voice says about itself; EngineError when it cannot be loaded."""
    try:
        await child.start()
        await reader.start()
        async with child.request("about") as replies:
            (about,) = [reply async for reply in replies]
        yield about
    finally:
        await reader.close()
        await child.close()


async def sentences(child: Child | None, rate: int, **ask: Any) -> list[Told]:
    """What the voice says, sentence by sentence."""
    if child is None:
        raise EngineError(CODE, "The voice is not loaded.")
    async with child.request("speak", **ask) as replies:
        parts = [Told(reply["pcm"], reply["tokens"]) async for reply in replies]
    child.work.credit("speak", audio=sum(len(part.pcm) for part in parts) / 2 / rate)
    return parts


async def pieces(parts: list[Told], rendering: Speech, rate: int, line: Line, pause: float) -> Stream[Speech]:
    """A line in pieces, `pause` seconds of silence at its end; by espeak-ng where the voice has said nothing."""
    if not any(part.pcm for part in parts):
        yield spoken_instead(rendering, rate)
        return
    async with aclosing(told(parts, rendering, rate, pause, FIRST if line.first else LATER)) as made:
        async for piece in made:
            yield piece
