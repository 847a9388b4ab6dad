"""The floor: the least that a server can do to play the benchmark's turn, on the same library and loop as the product.

One binary message in is a microphone frame; out come whole sentences, PCM and face frames behind one tag byte, unpaced.
It has no protocol, no history, no interruption, no limits and no engines: it is not a product.
"""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import Server, ServerConnection, serve

from bench.script import (
    CHANNELS,
    FIRST_WORD_S,
    FPS,
    FRAME_S,
    MS_PER_WORD,
    RATE,
    REPLY,
    STOP_S,
    WORD_S,
)

MEDIA, END = b"m", b"e"
THRESHOLD = 655


async def answer(connection: ServerConnection, asked: float) -> None:
    """Write words at their deadlines and speak a sentence as soon as it is complete."""
    loop = asyncio.get_running_loop()
    words = 0
    for number, word in enumerate(REPLY.split()):
        await asyncio.sleep(max(0.0, asked + FIRST_WORD_S + number * WORD_S - loop.time()))
        words += 1
        if word.endswith("."):
            ms = words * MS_PER_WORD
            await connection.send(MEDIA + bytes(RATE * ms // 1000 * 2) + bytes(FPS * ms // 1000 * CHANNELS))
            words = 0
    await connection.send(END)


async def talk(connection: ServerConnection) -> None:
    """Serve one session: an energy gate, and a reply when it has been quiet for long enough after speech."""
    quiet, spoke = 0, False
    stop = round(STOP_S / FRAME_S)
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as tasks:
        async for frame in connection:
            assert isinstance(frame, bytes)
            samples = memoryview(frame).cast("h")[::5]
            if max(max(samples), -min(samples)) > THRESHOLD:
                quiet, spoke = 0, True
                continue
            quiet += 1
            if spoke and quiet == stop:
                spoke = False
                tasks.create_task(answer(connection, loop.time()))


async def listen() -> Server:
    """Return the floor server on a free port of this machine."""
    return await serve(talk, "127.0.0.1", 0, compression=None, ping_interval=None)
