"""Runs the benchmarks and writes docs/BENCHMARKS.md: `python -m bench.report [--quick] [--only KEY ...]`.

Each runs as its own command, so that one's pinning does not reach the next; what it prints is what is written. With
`--only` the other sections stay as the page has them: every section says on what machine, and when, it was measured.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.machine import describe
from bench.sections import SECTIONS, Section
from bench.stats import table

PAGE = Path(__file__).parent.parent / "docs" / "BENCHMARKS.md"
INTRO = """# Benchmarks

Written by `make bench` (`python -m bench.report`), never by hand. `python -m bench.report --only KEY` measures one
section anew and leaves the others; the command under each title repeats it alone. The methods stand in
[bench/README.md](../bench/README.md) and at the head of each module in `bench/`. Percentiles are by nearest rank.
"""
MARK = re.compile(r"^<!-- section (\w+) -->\n", re.MULTILINE)


def measured(section: Section, arguments: tuple[str, ...], printed: str, machine: str) -> str:
    """Return a section's part of the page, from what its run printed."""
    command = f"python -m {section.module} {' '.join(arguments)}".rstrip()
    # A run prints what it has as it goes; its last report, after a form feed, holds everything.
    report = printed.split("\f")[-1].strip()
    return f"## {section.title}\n\n`{command}`\n\n{section.wanted}\n\n{report}\n\n{machine}"


def known(page: str) -> dict[str, str]:
    """Return the sections that a page has, by key."""
    parts = MARK.split(page)
    return {key: text.strip() + "\n" for key, text in zip(parts[1::2], parts[2::2], strict=True)}


def assembled(parts: Mapping[str, str]) -> str:
    """Return the page, with its sections in the order of SECTIONS; one that was never measured says so."""
    texts = [INTRO]
    for section in SECTIONS:
        pending = " on a machine with a GPU; none was at hand" if section.gpu else ""
        missing = f"## {section.title}\n\nNot measured yet: `python -m bench.report --only {section.key}`{pending}.\n"
        texts.append(f"<!-- section {section.key} -->\n{parts.get(section.key, missing)}")
    return "\n".join(texts)


def run(section: Section, quick: bool, peers: str) -> str:
    """Measure one section; RuntimeError when it fails."""
    arguments = section.quick if quick else section.full
    if section.peers and peers:
        arguments = (*arguments, "--peers", peers)
    machine = f"<details><summary>Measured {datetime.now(UTC):%Y-%m-%d} on</summary>\n\n"
    machine += f"{table(('what', 'value'), describe())}\n\n</details>\n"
    print(f"... python -m {section.module} {' '.join(arguments)}", flush=True)
    command = [sys.executable, "-m", section.module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"{section.module} failed")
    print(done.stdout, flush=True)
    shown = tuple("FOLDER" if argument == peers else argument for argument in arguments)
    return measured(section, shown, done.stdout, machine)


def main() -> None:
    """Run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few minutes instead of twenty")
    parser.add_argument("--only", nargs="+", choices=[section.key for section in SECTIONS], metavar="KEY", default=[])
    parser.add_argument("--peers", default=os.environ.get("LIPS_PEERS", ""), help="for lips: see bench/README.md")
    ask = parser.parse_args()
    PAGE.parent.mkdir(exist_ok=True)
    failed: list[str] = []
    for section in SECTIONS:
        if section.key in ask.only or not (ask.only or section.gpu or section.long):
            try:
                part = run(section, ask.quick, ask.peers)
            except RuntimeError as error:
                failed.append(str(error))
                continue
            # Written after each, so that a later failure loses nothing.
            page = PAGE.read_text("utf-8") if PAGE.exists() else ""
            PAGE.write_text(assembled(known(page) | {section.key: part}), "utf-8")
    print(f"written: {PAGE}")
    if failed:
        sys.exit("; ".join(failed))


if __name__ == "__main__":
    main()
