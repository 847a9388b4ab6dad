"""Runs every benchmark and writes docs/BENCHMARKS.md: `python -m bench.report [--quick]`.

Each runs as its own command, so that one's pinning does not reach the next; what it prints is what is written.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from bench.machine import describe
from bench.stats import table

PAGE = Path(__file__).parent.parent / "docs" / "BENCHMARKS.md"
INTRO = """# Benchmarks

Written by `make bench` (`python -m bench.report`); every section names the command that repeats it alone. The methods
stand at the head of each module in `bench/`. Percentiles are by nearest rank.
"""

# Title, module, arguments, arguments of a quick run, what the numbers should be.
SECTIONS = (
    (
        "A spoken turn",
        "bench.turn",
        ("--sessions", "1,10,50,200", "--turns", "11"),
        ("--sessions", "1,10,50", "--turns", "4"),
        (
            "Wanted at N = 50 on one core: overhead p50 under 3 ms and p99 under 15 ms, under 4 ms of CPU per "
            "session-second, nothing lost, wire/PCM within `allowed`, under 60 MB before an engine is loaded."
        ),
    ),
    (
        "Interrupting",
        "bench.barge",
        ("--sessions", "10", "--rounds", "12"),
        ("--sessions", "10", "--rounds", "4"),
        "Wanted: `interrupted` within 10 ms of the decision, and nothing of the turn after it.",
    ),
    (
        "Typed line to speech and face",
        "bench.typed",
        ("--samples", "200"),
        ("--samples", "40"),
        "Wanted: p50 under 60 ms.",
    ),
    (
        "Face against sound",
        "bench.skew",
        ("--minutes", "60"),
        ("--minutes", "20"),
        "Wanted: p99 under 5 ms, the same in every ten minutes.",
    ),
    (
        "The page in a browser",
        "bench.page",
        ("--loads", "20", "--turns", "6"),
        ("--loads", "5", "--turns", "2"),
        "Without a graphics card; on a machine that does nothing else.",
    ),
)


def section(title: str, module: str, arguments: tuple[str, ...], wanted: str) -> str:
    """One benchmark's part of the page; RuntimeError when it fails."""
    command = ["-m", module, *arguments]
    print(f"... python {' '.join(command)}", flush=True)
    done = subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"{module} failed")
    print(done.stdout, flush=True)
    # A run prints what it has as it goes; its last report holds everything.
    return f"## {title}\n\n`python {' '.join(command)}`\n\n{wanted}\n\n{done.stdout.split(chr(12))[-1].strip()}\n"


def main() -> None:
    """Runs, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about three minutes instead of ten")
    quick = parser.parse_args().quick
    machine = f"## Machine\n\n{table(('what', 'value'), describe())}\n"
    parts = [
        section(title, module, short if quick else full, wanted) for title, module, full, short, wanted in SECTIONS
    ]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text("\n".join([INTRO, machine, *parts]), encoding="utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
