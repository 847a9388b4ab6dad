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


async def _silent(end: asyncio.Event) -> AsyncIterator[str]:
    """Type nothing until the end."""
    await end.wait()
    never: tuple[str, ...] = ()
    for line in never:
        yield line


async def crowd(urls: Sequence[str]) -> None:
    """Talk with all of them at once."""
    end = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for url in urls:
            tasks.create_task(talk(parse([url, "--mute", "--quiet"]), out=io.StringIO(), lines=_silent(end)))
        async for _ in Lines():
            pass
        end.set()


if __name__ == "__main__":
    asyncio.run(crowd(sys.argv[1:]))
