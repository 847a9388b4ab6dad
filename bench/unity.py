"""The C# client of the Unity package on mono: `python -m bench.unity [--minutes 10] [--rounds 20]`.

Face against voice and allocations: the package's real components, executed by a simulated display, sound card and
server (`tests/unity/harness`); the card runs 80 ppm off, its callbacks come late and in bursts, and what its
loudspeaker emits is the truth. Decoding: a `media` message of 100 ms and six faces of 55 channels. Reconnecting: the
client, a real bridge and a relay between them that is cut in the middle of a story and stays away; the time runs from
the moment when the relay listens again to the first new sound, the client being told then that the network is back,
as a game's device tells it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.stats import summarize, table
from protocol import messages as m
from protocol.codec import MSGPACK
from testkit.unity import programs
from testkit.unity.player import playing
from testkit.unity.toolchain import ROOT, missing, run

SCENES = {
    "steady": "1024 samples, 72 Hz, callbacks up to 3 ms late",
    "quest": "256 samples, 90 Hz, up to 2 ms",
    "bursts": "4 x 512 samples at once, 72 Hz, up to 3 ms",
    "slow": "1024 samples, 72 Hz, up to 6 ms, card 80 ppm slow",
}
AWAY_S = (0.1, 0.5, 1.0, 2.0)


class Relay:
    """Passes bytes between a client and the bridge until it is cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.port = 0
        self.listen()

    def listen(self) -> None:
        """Take connections, at the same port as before."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def cut(self) -> None:
        """Drop every connection and take no more."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    def close(self) -> None:
        """Cut, and end the thread."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        if self._server:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other, onward = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, onward}
        await asyncio.gather(self._pass(reader, onward), self._pass(other, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except ConnectionError:
            pass
        writer.close()


@contextmanager
def bridge() -> Iterator[int]:
    """Yield a bridge in a process of its own; its port."""
    command = [sys.executable, "-m", "tests.unity.stage"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline().split()[0])
        finally:
            process.terminate()


def loop(minutes: float) -> str:
    """Measure face against voice, and what a frame allocates."""
    rows = []
    for scene, what in SCENES.items():
        told = json.loads(run("Loop.exe", scene, str(minutes), timeout=1200).stdout)
        errors = [f"{told[name]:.2f}" for name in ("p50", "p95", "p99", "p100")]
        counts = [str(told[name]) for name in ("count", "frame_bytes", "sound_bytes", "underruns")]
        rows.append((f"{scene}: {what}", *errors, *counts))
    head = (
        "error of the face, ms",
        "p50",
        "p95",
        "p99",
        "p100",
        "frames",
        "bytes in frames",
        "in callbacks",
        "underruns",
    )
    return f"{minutes:g} simulated minutes each.\n\n{table(head, rows)}"


def speed() -> str:
    """Measure decoding and playing."""
    media = m.Media(turn=1, seq=9, pts=4800, pcm=bytes(4800), face_pts=4800, face=bytes(330), source="exact")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "media.msgpack"
        wire = MSGPACK.encode(media)
        assert isinstance(wire, bytes)
        path.write_bytes(wire)
        lines = [json.loads(line) for line in run("Speed.exe", str(path)).stdout.splitlines()]
    rows = [(line["what"], *(str(line[name]) for name in ("p50", "p95", "p99", "count"))) for line in lines]
    return table(("µs", "p50", "p95", "p99", "count"), rows)


def reconnect(rounds: int) -> str:
    """Measure from the network's return to the first new sound."""
    took: dict[float, list[float]] = {away: [] for away in AWAY_S}
    with bridge() as port:
        relay = Relay(port)
        for number in range(rounds):
            away = AWAY_S[number % len(AWAY_S)]
            with playing(f"ws://127.0.0.1:{relay.port}") as player:
                player.expect("welcome")
                player.tell("say Tell me a story.")
                player.expect("word", text="comet")
                relay.cut()
                player.expect("status", status="Lost")
                player.expect("held")
                time.sleep(away)  # the outage itself, which lasts as long as the table says
                relay.listen()
                back = player.ask("audible", "audible")["since"]
                player.tell("hurry")
                took[away].append(1000 * (player.expect("sound")["at"] - back))
        relay.close()
    rows = [(f"{away:g} s after it ran dry", str(summarize(values))) for away, values in took.items() if values]
    return table(("the network returns", "ms until it is heard again"), rows)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    if why := missing():
        raise SystemExit(why)
    built = programs.build()
    if not built.clean:
        raise SystemExit(built.told)
    print(speed(), "\n", flush=True)
    print(reconnect(options.rounds), "\n", flush=True)
    print(loop(options.minutes), flush=True)


if __name__ == "__main__":
    main()
