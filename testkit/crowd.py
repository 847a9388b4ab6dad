"""Several of `companion talk` in one process: `python -m testkit.crowd URL ...`, until its standard input ends.

They play to nowhere, and in time. A fault of one that is no sentence for its user ends all of them with a traceback.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Sequence

from talk.lines import Lines
from talk.terminal import parse, talk


class Silence:
    """Lines of somebody who types nothing until the end."""

    def __init__(self, end: asyncio.Event) -> None:
        self._end = end

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        """Wait for the end."""
        await self._end.wait()
        raise StopAsyncIteration


async def crowd(urls: Sequence[str]) -> None:
    """Talk with all of them at once."""
    end = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for url in urls:
            tasks.create_task(talk(parse([url, "--mute", "--quiet"]), out=io.StringIO(), lines=Silence(end)))
        async for _ in Lines():
            pass
        end.set()


if __name__ == "__main__":
    asyncio.run(crowd(sys.argv[1:]))
