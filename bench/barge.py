"""How fast a reply stops: `python -m bench.barge [--sessions 10] [--rounds 12]`.

Each session has a reply running for a second, then stops it, in turns by its client's `interrupt` and by talking over
it. Measured at the client, from the message that decides (the `interrupt`; or the microphone frame with which the
talk is long enough, plus the configured wait) to the arrival of `interrupted`: an upper bound of what the server took.
Anything of the turn that comes after it is counted.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from bench.dialects import Companion
from bench.machine import runner, settle
from bench.process import CLIENT_CORE, serving
from bench.script import BARGE_IN_S, FRAME_S, LOUD, QUIET
from bench.stats import Summary, summarize, table
from bench.wire import Wire, connect

STARTS_AFTER = 3  # loud frames: with the third, 60 ms of sound, speech has begun
REST_S = 0.4  # to see what still comes


@dataclass(slots=True)
class Stops:
    """What the sessions measured, in ms, and what came of a turn after `interrupted`."""

    by_client_ms: list[float] = field(default_factory=list)
    by_voice_ms: list[float] = field(default_factory=list)
    strays: int = 0
    missed: int = 0


class Talker:
    """One session that never lets the companion finish."""

    def __init__(self, stops: Stops) -> None:
        self._stops, self._dialect = stops, Companion()
        self._loud = 0  # loud frames still to be sent
        self._decided_at = 0.0
        self._turn, self._cut = 0, 0
        self._playing, self._stopped = asyncio.Event(), asyncio.Event()
        self._stopped_at = 0.0
        self._frame = 0
        self._wire: Wire | None = None

    async def talk(self, port: int, rounds: int, delay: float) -> None:
        """Connect and run its rounds."""
        self._wire = wire = await connect(port, self._receive, subprotocol=self._dialect.subprotocol)
        wire.send(self._dialect.hello())
        await asyncio.sleep(delay)
        async with asyncio.TaskGroup() as tasks:
            microphone = tasks.create_task(self._microphone(wire))
            for number in range(rounds):
                await self._round(wire, voice=number % 2 == 1)
            microphone.cancel()
        wire.close()

    async def _round(self, wire: Wire, *, voice: bool) -> None:
        self._playing.clear()
        wire.send(self._dialect.text("Go on."))
        await self._playing.wait()
        await asyncio.sleep(1.0)
        self._stopped.clear()
        turn = self._turn
        if voice:
            self._loud = STARTS_AFTER + round(BARGE_IN_S / FRAME_S) + 10
        else:
            self._decided_at = perf_counter()
            wire.send(self._dialect.interrupt(turn))
        try:
            async with asyncio.timeout(2.0):
                await self._stopped.wait()
        except TimeoutError:
            self._stops.missed += 1
        else:
            took = (self._stopped_at - self._decided_at) * 1000
            (self._stops.by_voice_ms if voice else self._stops.by_client_ms).append(took)
        await asyncio.sleep(REST_S)

    async def _microphone(self, wire: Wire) -> None:
        loop = asyncio.get_running_loop()
        start, heard = loop.time(), 0
        while True:
            await asyncio.sleep(max(0.0, start + self._frame * FRAME_S - loop.time()))
            wire.send(self._dialect.mic(self._frame * 320, LOUD if self._loud else QUIET))
            self._frame += 1
            heard = heard + 1 if self._loud else 0
            if heard == STARTS_AFTER:
                self._decided_at = perf_counter() + BARGE_IN_S
            self._loud = max(0, self._loud - 1)

    def _receive(self, payload: bytes) -> None:
        heard = self._dialect.read(payload)
        if heard.kind == "interrupted":
            if heard.turn == self._turn and not self._stopped.is_set():
                self._stopped_at = perf_counter()
                self._stopped.set()
            self._cut = max(self._cut, heard.turn)
        elif heard.turn and heard.turn <= self._cut and heard.note != "state":
            self._stops.strays += 1
        elif heard.kind == "media" and heard.turn:
            self._turn = heard.turn
            self._playing.set()


async def stop(port: int, sessions: int, rounds: int) -> Stops:
    """Run all sessions, evenly phased."""
    stops = Stops()
    async with asyncio.TaskGroup() as tasks:
        for index in range(sessions):
            tasks.create_task(Talker(stops).talk(port, rounds, 0.5 + index * 1.5 / sessions))
    return stops


def measure(sessions: int, rounds: int) -> Stops:
    """Run the server and the sessions."""
    with serving("companion") as server:
        settle(CLIENT_CORE)
        with runner() as loop:
            return loop.run(stop(server.port, sessions, rounds))


def report(sessions: int, stops: Stops) -> str:
    """Return the result as Markdown."""
    rows: list[Sequence[object]] = []
    for name, values in (("client's `interrupt`", stops.by_client_ms), ("talking over it", stops.by_voice_ms)):
        spread: Summary = summarize(values)
        rows.append((name, spread.n, spread.p50, spread.p95, spread.p99, spread.worst))
    return (
        f"{sessions} sessions; ms from the decision to `interrupted` at the client. "
        f"Of interrupted turns {stops.strays} messages came afterwards; {stops.missed} interruptions were missed.\n\n"
        + table(("decided by", "n", "p50", "p95", "p99", "max"), rows)
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=12, help="interruptions in each session, half of them by voice")
    arguments = parser.parse_args()
    print(report(arguments.sessions, measure(arguments.sessions, arguments.rounds)))


if __name__ == "__main__":
    main()
