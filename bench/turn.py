"""What the server adds to an ideal spoken turn, and what it costs: `python -m bench.turn [--sessions 1,10,50,200]`.

For each number of sessions the floor server and the companion play the same turns in processes of their own, one after
the other, pinned alike: server on core 0, load client on core 1. Overhead is the first sound with a face, minus 340 ms
after the last frame of speech. A run whose floor has a p99 above 10 ms says more about the machine than about the
server and is reported as invalid.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load import Result
from bench.machine import cpu_seconds, memory_mb
from bench.process import CLIENT_CORE, serving
from bench.script import CHANNELS, FPS, IDEAL_S, RATE
from bench.stats import Summary, summarize, table

FLOOR_P99_MS = 10.0


@dataclass(frozen=True, slots=True)
class Run:
    """One server under one load."""

    server: str
    scheduling: str
    result: Result
    overhead_ms: Summary
    late_ms: Summary
    cpu_ms: float  # of one core, per session and second
    base_mb: float
    peak_mb: float

    @property
    def wire(self) -> float:
        """Bytes received for each byte of PCM."""
        return self.result.bytes_in / self.result.pcm if self.result.pcm else float("nan")

    @property
    def allowed(self) -> float:
        """What `wire` may be: 1.05, and 4 kB for each second of speech with a face."""
        return 1.05 + 4000 / (2 * RATE)

    @property
    def lost(self) -> int:
        """Turns that did not arrive whole."""
        result = self.result
        return result.unanswered + result.incomplete + result.gaps + result.strays + result.closed


@dataclass(frozen=True, slots=True)
class Pair:
    """The companion beside its floor; `tries` is how many pairs were run until the floor held still."""

    floor: Run
    companion: Run
    tries: int

    @property
    def valid(self) -> bool:
        """Whether the machine was quiet enough."""
        return self.floor.overhead_ms.p99 <= FLOOR_P99_MS


def measure(server: str, sessions: int, turns: int, tree: Path | None = None, *, silent: bool = False) -> Run:
    """Run one server under one load; that of `tree`, another checkout, if one is given. `silent`: nobody speaks."""
    with serving(server, tree) as process:
        base, _ = memory_mb(process.pid)
        command = [sys.executable, "-m", "bench.load", str(process.port), server, str(sessions), str(turns)]
        command += [str(CLIENT_CORE), *(["silent"] if silent else [])]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdout
            _expect(client.stdout.readline(), "begin")
            spent = cpu_seconds(process.pid)
            _expect(client.stdout.readline(), "end")
            spent = cpu_seconds(process.pid) - spent
            result = Result(**json.loads(client.stdout.readline()))
        _, peak = memory_mb(process.pid)
    return Run(
        server,
        process.scheduling,
        result,
        summarize(ms - IDEAL_S * 1000 for ms in result.first_ms),
        summarize(result.late_ms),
        spent * 1000 / (max(1, result.served) * result.measured_s),
        base,
        peak,
    )


def compare(sessions: int, turns: int, *, tries: int = 3) -> Pair:
    """Return the companion beside its floor, tried again while the floor is not still."""
    for number in range(1, tries + 1):
        floor = measure("floor", sessions, turns)
        if floor.overhead_ms.p99 <= FLOOR_P99_MS or number == tries:
            break
    return Pair(floor, measure("companion", sessions, turns), number)


def report(pairs: Sequence[Pair]) -> str:
    """Return the results as Markdown."""
    head = ("N", "server", "p50", "p95", "p99", "CPU", "lost", "refused", "wire/PCM", "allowed", "MB base", "MB peak")
    rows: list[Sequence[object]] = []
    notes: list[str] = []
    for pair in pairs:
        for run in (pair.floor, pair.companion):
            spread, result = run.overhead_ms, run.result
            refused = sum(result.refused.values())
            numbers = (spread.p50, spread.p95, spread.p99, run.cpu_ms, run.lost, refused)
            sizes = (f"{run.wire:.3f}", f"{run.allowed:.3f}", f"{run.base_mb:.0f}", f"{run.peak_mb:.0f}")
            rows.append((result.sessions, run.server, *numbers, *sizes))
            for kind, counts in (("refused", result.refused), ("errors", result.errors)):
                if counts:
                    notes.append(f"N={result.sessions} {run.server}: {kind} {counts}.")
        if pair.tries > 1:
            notes.append(f"N={pair.floor.result.sessions}: {pair.tries} floors were run until one was still.")
        if not pair.valid:
            notes.append(
                f"**N={pair.floor.result.sessions} is INVALID**: the floor's own p99 passes {FLOOR_P99_MS:g} ms."
            )
    first = pairs[0].companion
    intro = (
        f"Overhead in ms over the ideal turn ({IDEAL_S * 1000:.0f} ms), CPU in ms of one core per session-second; "
        f"server on {first.scheduling}, client on core {CLIENT_CORE}; "
        f"{FPS} fps of {CHANNELS} channels; {pairs[-1].companion.overhead_ms.n} turns counted at the largest N. "
        f"The client's own frames left late by p99 {max(p.companion.late_ms.p99 for p in pairs):.2f} ms at worst."
    )
    return "\n\n".join([intro, table(head, rows), *notes])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", default="1,10,50,200", help="numbers of sessions, with commas between")
    parser.add_argument(
        "--turns", type=int, default=11, help="turns of each session, the first of which is not counted"
    )
    arguments = parser.parse_args()
    pairs = []
    for sessions in (int(n) for n in arguments.sessions.split(",")):
        pairs.append(compare(sessions, arguments.turns))
        print(f"{report(pairs[-1:])}\n", flush=True)
    # The form feed divides what was printed on the way from the whole.
    print(f"\f{report(pairs)}")


def _expect(line: str, word: str) -> None:
    if line.strip() != word:
        raise RuntimeError(f"the load client said {line!r} instead of {word!r}")


if __name__ == "__main__":
    main()
