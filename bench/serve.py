"""A server for the load client, in a process of its own: `python -m bench.serve floor|companion|embedded [CORE]`.

Prints how it is scheduled and "ready PORT", and serves until it is told to end (SIGTERM). The companion runs with
scripted engines that take the times of `bench.script`; embedded is the product as its command starts it, unpinned.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from bench.machine import runner, settle
from bench.script import BARGE_IN_S, FIRST_WORD_S, MS_PER_WORD, REPLY, STOP_S, WORD_S


async def _until_told() -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()


async def floor() -> None:
    """The floor server."""
    from bench import floor as module  # a process holds only the server that it measures

    async with await module.listen() as server:
        print("ready", server.sockets[0].getsockname()[1], flush=True)
        await _until_told()


async def companion() -> None:
    """The product, as its command would start it, but for the engines and the wait after speech."""
    from bridge.companion import Companion
    from bridge.config import Config, LimitsSection, ServerSection, TurnsSection
    from bridge.server import Server
    from engines.scripted import scripted_engines

    engines = scripted_engines(replies=(REPLY,), first=FIRST_WORD_S, every=WORD_S, ms_per_word=MS_PER_WORD)
    config = Config(
        server=ServerSection(port=0),
        limits=LimitsSection(sessions=200, sessions_per_user=200),
        turns=TurnsSection(endpoint_after_s=0.0, silence_after_s=STOP_S, barge_in_after_s=BARGE_IN_S),
    )
    async with Server(config, Companion(engines, "bench")) as server:
        print("ready", server.port, flush=True)
        await _until_told()


async def embedded() -> None:
    """The product with its default configuration, or what the environment makes of it."""
    from bridge import load
    from bridge.config import load as load_config
    from bridge.server import Server

    config = load_config(None, os.environ, ["server.port=0"])
    person = load.companion(config)
    async with load.started(person.engines), Server(config, person) as server:
        print("ready", server.port, flush=True)
        await _until_told()


def main() -> None:
    """The process that the benchmarks start."""
    kind = sys.argv[1]
    scheduling = "any core" if kind == "embedded" else settle(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(scheduling, flush=True)
    with runner() as loop:
        loop.run({"floor": floor, "companion": companion, "embedded": embedded}[kind]())


if __name__ == "__main__":
    main()
