"""The core of the Unreal plugin: `python -m bench.unreal`. Nanoseconds and allocations of decoding and playing.

A `media` message of 100 ms and six faces of 55 channels is decoded; a conversation in the middle of a reply is asked
for 10 ms of sound at 48 kHz, resampled from 24 kHz, and for the weights of its face, 20,000 times each.
"""

from __future__ import annotations

import json
import subprocess

from bench.stats import table
from testkit import unreal

HEAD = ("ns", "p50", "p95", "p99", "times", "allocations")


def main() -> None:
    """Build as a game is built, run, and print."""
    if why := unreal.missing():
        raise SystemExit(why)
    program = unreal.programs("fast", "hitch", "speed") / "speed"
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=600, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    rows = [
        (each["what"], *(str(each[name]) for name in ("p50", "p95", "p99", "count", "allocations"))) for each in told
    ]
    print(table(HEAD, rows))


if __name__ == "__main__":
    main()
