"""What a change costs a spoken turn: `python -m bench.beside OTHER [--sessions 50] [--turns 6] [--rounds 5]`.

OTHER is another checkout. In each round the floor, the other tree's server and this one's play the same turns one after
the other, as in `bench.turn`; what a round says is their ratio to that round's floor, which other work on the machine
moves less than any of them. With `--silent` nobody speaks: what is measured is the cost of open microphones.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.stats import table
from bench.turn import FLOOR_P99_MS, Run, measure


@dataclass(frozen=True, slots=True)
class Round:
    """The floor, the other tree and this one, measured in turn."""

    floor: Run
    other: Run
    here: Run


def report(rounds: Sequence[Round]) -> str:
    """Return the rounds as Markdown, and the smallest, median and largest of each figure."""
    head = ("round", "floor", "other", "this", "other / floor", "this / floor", "this / other", "p50", "p99", "lost")
    rows: list[Sequence[object]] = []
    for number, each in enumerate(rounds, 1):
        floor, other, here = each.floor.cpu_ms, each.other.cpu_ms, each.here.cpu_ms
        late = tuple(_pair(each, which) for which in ("p50", "p99"))
        lost = f"{each.other.lost}, {each.here.lost}"
        rows.append((number, floor, other, here, other / floor, here / floor, here / other, *late, lost))
    figures = [
        ("other / floor", [each.other.cpu_ms / each.floor.cpu_ms for each in rounds]),
        ("this / floor", [each.here.cpu_ms / each.floor.cpu_ms for each in rounds]),
        ("this / other", [each.here.cpu_ms / each.other.cpu_ms for each in rounds]),
    ]
    spread = table(
        ("CPU", "least", "median", "most"),
        [(name, min(values), statistics.median(values), max(values)) for name, values in figures],
    )
    restless = [number for number, each in enumerate(rounds, 1) if each.floor.overhead_ms.p99 > FLOOR_P99_MS]
    note = [f"The floor's own p99 passes {FLOOR_P99_MS:g} ms in rounds {restless}."] if restless else []
    first = rounds[0].here
    intro = (
        f"{first.result.sessions} sessions, rounds: {len(rounds)}; CPU in ms of one core per session-second, p50 and "
        f"p99 of the overhead in ms as other, this and floor; server on {first.scheduling}."
    )
    return "\n\n".join([intro, table(head, rows), spread, *note])


def _pair(each: Round, which: str) -> str:
    runs = (each.other, each.here, each.floor)
    return ", ".join(f"{getattr(run.overhead_ms, which):.1f}" for run in runs)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="another checkout of this repository")
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--turns", type=int, default=6, help="of each session, the first of which is not counted")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--silent", action="store_true", help="nobody speaks: what open microphones cost")
    options = parser.parse_args()
    run = partial(measure, sessions=options.sessions, turns=options.turns, silent=options.silent)
    rounds = []
    for _ in range(options.rounds):
        rounds.append(Round(run("floor"), run("companion", tree=options.other), run("companion")))
        print(report(rounds[-1:]), flush=True)
    print(f"\f{report(rounds)}")


if __name__ == "__main__":
    main()
