"""The bridge that the C# client talks to, in a process of its own: `python -m tests.unity.stage [PORT]`.

Its companion notices speech, speaks and moves with the embedded engines; what it understands is scripted, since a
recogniser takes its time on a busy machine. It says after the user what the user said, tells a long
story when asked for one, and opens the door of the scene when a door is mentioned. Prints its port, and serves until it
is told to end (SIGTERM).
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from tempfile import TemporaryDirectory

from bridge.server.server import Server
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from bridge.setup.sections import AuthSection, MemorySection, ServerSection
from engines.api import Request, Stream
from testkit.scripted.engines import ScriptedDialogue, ScriptedStt

SECRET = "only for these tests, and long enough"
QUESTION = "what is the weather today"
STORY = (
    "Once there was a comet that came back every seventy six years. Each time it passed the sun it lost a little of "
    "its ice, and each time the people below looked up and told their children that they would see it again."
)
SAGA = " ".join([STORY] * 5)  # which is always cut short, however late a busy machine comes to it


def _words(request: Request) -> str:
    return request.history[-1].text if request.history else "Hello."


class Doorkeeper(ScriptedDialogue):
    """Echoes, tells the story or the saga, or opens the door."""

    async def reply(self, request: Request) -> Stream[str]:
        """Words of the reply."""
        words = _words(request)
        if "door" in words.lower() and request.tools:
            answer = await request.call("open_door", {"door": "north"})
            yield f"Very well. {answer.value}"
        elif "story" in words.lower():
            yield STORY
        elif "saga" in words.lower():
            yield SAGA
        else:
            yield words


async def serve(port: int) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    person = casting.companion(Config())
    engines = replace(person.engines, stt=ScriptedStt((QUESTION,)), dialogue=Doorkeeper(_words))
    person = replace(person, engines=engines)
    async with AsyncExitStack() as stack:
        memory = MemorySection(store=f"{stack.enter_context(TemporaryDirectory())}/memory.sqlite", model=False)
        open_ = Config(server=ServerSection(port=port), memory=memory)
        locked = Config(server=ServerSection(port=0), auth=AuthSection(secret=SECRET, required=True), memory=memory)
        await stack.enter_async_context(lifecycle.started(engines))
        server = await stack.enter_async_context(Server(open_, person))
        guarded = await stack.enter_async_context(Server(locked, person))
        print(server.port, guarded.port, flush=True)
        await told.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
