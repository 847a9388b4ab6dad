"""The core of the Unreal plugin: `python -m bench.unreal`. Nanoseconds and allocations of decoding and playing.

A `media` message of 100 ms and six faces of 55 channels is decoded; a conversation in the middle of a reply is asked
for 10 ms of sound at 48 kHz, resampled from 24 kHz, and for the weights of its face, 20,000 times each. `share` is the
p99 by the time that the work is for: 100 ms of a message, 10 ms of sound, a frame of 60 a second.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

from bench.stats import table
from testkit import unreal

HEAD = ("ns", "p50", "p95", "p99", "share", "times", "allocations")
FOR_NS = {"decode": 100e6, "fill": 10e6, "weights": 1e9 / 60}


def main() -> None:
    """Build as a game is built, run, and print."""
    if why := unreal.missing():
        raise SystemExit(why)
    program = unreal.programs("fast", "hitch", "speed") / "speed"
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=600, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    print(table(HEAD, [row(each) for each in told]))


def row(told: dict[str, Any]) -> tuple[str, ...]:
    """Return a line of the table from what the program told of one kind of work."""
    share = told["p99"] / FOR_NS[told["what"].partition(":")[0]]
    times = [str(told[name]) for name in ("p50", "p95", "p99")]
    return (told["what"], *times, f"{100 * share:.4f} %", str(told["count"]), str(told["allocations"]))


if __name__ == "__main__":
    main()
