"""Keeps a source going: it is opened again when it breaks, sooner at first, and says why it waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from show.lines import Line

log = logging.getLogger("show.sources")

FIRST_S: Final = 1.0  # before the second try
MOST_S: Final = 30.0


class Trouble(Exception):
    """A source cannot go on: `code` for machines, the text for people; `final` where another try is of no use."""

    def __init__(self, code: str, message: str, *, final: bool = False, wait: float = 0.0) -> None:
        super().__init__(message)
        self.code, self.final, self.wait = code, final, wait


async def mended(
    name: str, opened: Callable[[], AsyncGenerator[Line, None]], told: Callable[[str], None] = lambda sentence: None
) -> AsyncGenerator[Line, None]:
    """Yield the lines of a source, opened again each time it breaks; ends when it says that it is over for good."""
    pause = FIRST_S
    while True:
        try:
            async with aclosing(opened()) as lines:
                async for each in lines:
                    pause = FIRST_S
                    yield each
            trouble = Trouble("source_ended", f"{name} has ended the connection")
        except Trouble as error:
            trouble = error
        except OSError as error:
            trouble = Trouble("source_unreachable", f"{name} cannot be reached: {error.strerror or error}")
        told(str(trouble))
        log.warning("a source of chat broke", extra={"source": name, "code": trouble.code})
        if trouble.final:
            return
        await asyncio.sleep(max(pause, trouble.wait))
        pause = min(MOST_S, 2 * pause)
