"""From a typed line to speech with a face, with the default engines: `python -m bench.typed [--samples 200]`.

The server runs in a process of its own with its default engines and identity, scheduled as any program; the client
types a line, waits for the first message that has both sound and face frames, and interrupts. Lines are typed one at a
time and take their turn from a list.
"""

from __future__ import annotations

import argparse
import asyncio
from time import perf_counter

from bench.dialects import Companion
from bench.machine import runner
from bench.process import serving
from bench.stats import Summary, summarize
from bench.wire import connect

LINES = (
    "Hello!",
    "Who are you?",
    "What can you tell me about this place?",
    "My name is Ada.",
    "What time is it?",
    "Can you explain that again?",
    "Thank you.",
    "I do not know.",
)
WARM_UP = 5
REST_S = 0.15


async def type_lines(port: int, samples: int) -> list[float]:
    """Return seconds from each line to its first speech and face."""
    dialect, first, stopped = Companion(), asyncio.Event(), asyncio.Event()
    came_at, turn, took = 0.0, 0, []

    def receive(payload: bytes) -> None:
        nonlocal came_at, turn
        heard = dialect.read(payload)
        if heard.kind == "media" and heard.turn > turn and heard.pcm and heard.face:
            came_at, turn = perf_counter(), heard.turn
            first.set()
        elif heard.kind == "interrupted":
            stopped.set()

    wire = await connect(port, receive, subprotocol=dialect.subprotocol)
    wire.send(dialect.hello())
    await asyncio.sleep(0.5)
    for number in range(WARM_UP + samples):
        first.clear()
        stopped.clear()
        asked_at = perf_counter()
        wire.send(dialect.text(LINES[number % len(LINES)]))
        async with asyncio.timeout(20):
            await first.wait()
            if number >= WARM_UP:
                took.append(came_at - asked_at)
            wire.send(dialect.interrupt(turn))
            await stopped.wait()
        await asyncio.sleep(REST_S)
    wire.close()
    return took


def measure(samples: int) -> Summary:
    """Run the server and type, faster than people may; in ms."""
    with serving("embedded", COMPANION_LIMITS_TURNS_PER_S="1000") as server, runner() as loop:
        return summarize(1000 * seconds for seconds in loop.run(type_lines(server.port, samples)))


def report(spread: Summary) -> str:
    """Return the result as Markdown."""
    return f"Typed line to first speech and face at the client, ms, default engines: {spread}"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=200)
    print(report(measure(parser.parse_args().samples)))


if __name__ == "__main__":
    main()
