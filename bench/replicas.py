"""Throughput of engines on Ray Serve by replicas: `python -m bench.replicas`, in an environment with `ray[serve]`.

A scripted voice serves one request at a time, as an engine does that has one device. Two kinds of service: asleep for
a fixed time, as while a GPU of its own works (replicas cannot get in each other's way there, so it shows what Ray's
routing costs), and a fixed amount of hashing on a CPU (where cores are few, Ray's own processes and this one take their
part of them). Eight requests are always under way. Ray is started here and ended, on this machine alone.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final, Literal, TypeAlias

from bench.stats import summarize, table
from engines.api import Phrase, Speech, Stream, Voice
from engines.remote.turns import Turns
from engines.voices.remote import RemoteTts

ROOT: Final = Path(__file__).parents[1]
RATE: Final = 24_000
SECOND: Final = 2 * RATE  # bytes
BLOCK: Final = bytes(1 << 20)
MIB: Final = 40  # that are hashed for an item
UNDER_WAY: Final = 8
PORT: Final = 8000
PATIENCE: Final = 60.0

Kind: TypeAlias = Literal["asleep", "hashing"]
Ask: TypeAlias = Callable[[], Awaitable[None]]


class Worker:
    """A voice that says a second of silence for each phrase, after a service of one kind."""

    name = "worker"
    rate = RATE

    def __init__(self, kind: Kind, seconds: float) -> None:
        self._kind: Kind = kind
        self._seconds = seconds

    async def start(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """Serve each phrase."""
        async with aclosing(phrases):
            async for _ in phrases:
                if self._kind == "asleep":
                    await asyncio.sleep(self._seconds)
                else:
                    await asyncio.to_thread(_hash)
                yield Speech(bytes(SECOND), RATE, source="audio")


def _hash() -> None:
    made = hashlib.sha256()
    for _ in range(MIB):
        made.update(BLOCK)


def workers(kind: Kind, seconds: float, config: object, jobs: Sequence[str]) -> dict[str, Any]:
    """Make the engines of a replica."""
    return {job: Worker(kind, seconds) for job in jobs}


async def _phrase() -> Stream[Phrase]:
    yield Phrase("Hello.")


async def _spoken(voice: Any) -> None:
    async with aclosing(voice.speak(_phrase(), Voice())) as speech:
        async for _ in speech:
            pass


async def loaded(ask: Ask, seconds: float) -> tuple[float, list[float]]:
    """Keep requests under way for so long; return those a second, and what each took in ms."""
    took: list[float] = []
    began = perf_counter()

    async def client() -> None:
        while perf_counter() - began < seconds:
            at = perf_counter()
            await ask()
            took.append((perf_counter() - at) * 1000)

    async with asyncio.TaskGroup() as group:
        for _ in range(UNDER_WAY):
            group.create_task(client())
    return len(took) / (perf_counter() - began), took


async def here(kind: Kind, service: float, seconds: float) -> tuple[float, list[float]]:
    """Measure one such voice in this process."""
    turns, voice = Turns(1), Worker(kind, service)

    async def ask() -> None:
        async with turns.turn(0, PATIENCE):
            await _spoken(voice)

    return await loaded(ask, seconds)


async def there(seconds: float) -> tuple[float, list[float]]:
    """Measure what runs on Ray Serve."""
    voice = RemoteTts(address=f"ws://127.0.0.1:{PORT}", patience_s=PATIENCE)
    await voice.start()
    try:
        await loaded(partial(_spoken, voice), min(3.0, seconds))
        return await loaded(partial(_spoken, voice), seconds)
    finally:
        await voice.close()


def measured(replicas: Sequence[int], service: float, seconds: float) -> str:
    """Start Ray, measure each number of replicas, and return the table."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "deploy" / "ray")))
    sys.path.insert(0, str(ROOT / "deploy" / "ray"))
    os.environ["PYTHONPATH"] = paths
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")
    import ray  # which reads these variables
    import serving
    from ray import serve

    most = max(replicas)
    environment = {"env_vars": {"PYTHONPATH": paths}}
    ray.init(num_cpus=most + 4, include_dashboard=False, runtime_env=environment, _node_ip_address="127.0.0.1")
    rows: list[Sequence[object]] = []
    try:
        for kind in ("asleep", "hashing"):
            rows.append(_row(kind, "in this process", asyncio.run(here(kind, service, seconds))))
            for count in replicas:
                make = partial(workers, kind, service)
                serve.run(serving.deployment("tts", make=make, least=count, most=count, places=1), name="tts",
                          route_prefix="/tts")  # fmt: skip
                rows.append(_row(kind, f"Ray Serve, {count} replicas", asyncio.run(there(seconds))))
                serve.delete("tts")
    finally:
        serve.shutdown()
        ray.shutdown()
    told = f"{UNDER_WAY} requests under way; a service is {1000 * service:.0f} ms asleep or {MIB} MiB hashed;"
    head = ("service", "where", "items a second", "ms p50", "p99", "n")
    return f"{told} {os.cpu_count()} cores\n\n{table(head, rows)}"


def _row(kind: Kind, where: str, found: tuple[float, list[float]]) -> tuple[object, ...]:
    a_second, took = found
    spread = summarize(took)
    return kind, where, a_second, spread.p50, spread.p99, spread.n


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", default="1,2")
    parser.add_argument("--service-ms", type=float, default=100.0, help="how long a service sleeps")
    parser.add_argument("--seconds", type=float, default=30.0, help="of load, each")
    given = parser.parse_args()
    counts = [int(each) for each in given.replicas.split(",")]
    print(measured(counts, given.service_ms / 1000, given.seconds))


if __name__ == "__main__":
    main()
