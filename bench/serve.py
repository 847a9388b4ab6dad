"""A server for the load client, in a process of its own: `python -m bench.serve KIND [CORE]`.

KIND is floor, companion, breathing, embedded, peer or duplex. Prints how it is scheduled and "ready PORT", and serves
until it is told to end (SIGTERM). The companion runs with scripted engines that take the times of `bench.script`;
breathing has a silence before the first word, too; peer is a scripted duplex model, duplex a bridge before the one at
the address BENCH_PEER; embedded is the product as its command starts it, unpinned.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from bench.machine import runner, settle
from bench.script import BARGE_IN_S, FIRST_WORD_S, LEAD_MS, MS_PER_WORD, REPLY, STOP_S, WORD_S


async def _until_told() -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()


async def floor() -> None:
    """Serve the floor."""
    from bench import floor as module  # a process holds only the server that it measures

    async with await module.listen() as server:
        print("ready", server.sockets[0].getsockname()[1], flush=True)
        await _until_told()


async def companion(lead_ms: int = 0) -> None:
    """Serve the product as its command would, but for the engines and the wait after speech."""
    from bridge.command.serving import at_rest
    from bridge.server.server import Server
    from bridge.session.companion import Companion
    from bridge.setup.config import Config
    from bridge.setup.sections import LimitsSection, ServerSection, TurnsSection
    from testkit.scripted.engines import ScriptedTts, scripted_engines

    engines = scripted_engines(replies=(REPLY,), first=FIRST_WORD_S, every=WORD_S, ms_per_word=MS_PER_WORD)
    engines = replace(engines, tts=ScriptedTts(ms_per_word=MS_PER_WORD, lead_ms=lead_ms))
    config = Config(
        server=ServerSection(port=0),
        limits=LimitsSection(sessions=200, sessions_per_user=200),
        turns=TurnsSection(endpoint_after_s=0.0, silence_after_s=STOP_S, barge_in_after_s=BARGE_IN_S),
    )
    async with Server(config, Companion(engines, "bench")) as server:
        at_rest()
        print("ready", server.port, flush=True)
        await _until_told()


async def peer() -> None:
    """Serve a duplex model that says its answer at once, 100 ms after it was asked."""
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    from testkit.scripted.duplex import ScriptedServer

    async def conversation(client: ServerConnection) -> None:
        model = ScriptedServer(REPLY, think=FIRST_WORD_S, ms_per_word=MS_PER_WORD)
        socket = await model.dial()

        async def speak() -> None:
            with suppress(ConnectionClosed):
                while True:
                    await client.send(await socket.recv())

        async with asyncio.TaskGroup() as tasks:
            speaking = tasks.create_task(speak())
            with suppress(ConnectionClosed):
                async for data in client:
                    await socket.send(str(data))
            speaking.cancel()
        model.lose()

    async with serve(conversation, "127.0.0.1", 0, compression=None) as server:
        print("ready", next(iter(server.sockets)).getsockname()[1], flush=True)
        await _until_told()


async def duplex() -> None:
    """Serve the product before a duplex model at an address, with the embedded voice as its reader and a real face."""
    from bridge.command.serving import at_rest
    from bridge.server.server import Server
    from bridge.session.companion import Companion
    from bridge.setup import lifecycle
    from bridge.setup.config import Config
    from bridge.setup.sections import ServerSection
    from engines.duplex.realtime.engine import RealtimeDuplex
    from engines.face.engine import ArticulationFace
    from engines.identity import load_identity, shipped
    from engines.voices.espeak.engine import EspeakTts
    from testkit.scripted.engines import scripted_engines

    model = RealtimeDuplex(identity=load_identity(shipped()["teacher"]), url=os.environ["BENCH_PEER"])
    engines = replace(scripted_engines(replies=(REPLY,)), tts=EspeakTts(), face=ArticulationFace(), duplex=model)
    config = Config(server=ServerSection(port=0))
    async with lifecycle.started(engines), Server(config, Companion(engines, "bench")) as server:
        at_rest()
        print("ready", server.port, flush=True)
        await _until_told()


async def embedded() -> None:
    """Serve the product with its default configuration, or what the environment makes of it."""
    from bridge.command.serving import at_rest
    from bridge.server.server import Server
    from bridge.setup import casting, lifecycle
    from bridge.setup.config import load as load_config

    config = load_config(None, os.environ, ["server.port=0"])
    person = casting.companion(config)
    async with lifecycle.started(person.engines), Server(config, person) as server:
        at_rest()
        print("ready", server.port, flush=True)
        await _until_told()


def main() -> None:
    """Run the process that the benchmarks start."""
    kind = sys.argv[1]
    scheduling = "any core" if kind == "embedded" else settle(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(scheduling, flush=True)
    with runner() as loop:
        kinds: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "floor": floor,
            "companion": companion,
            "breathing": partial(companion, LEAD_MS),
            "embedded": embedded,
            "peer": peer,
            "duplex": duplex,
        }
        loop.run(kinds[kind]())


if __name__ == "__main__":
    main()
