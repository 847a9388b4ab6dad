"""Compares the reports of two people, or of one before and after."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.command.output import Output
from studio.evaluate.comparing import Difference, compared


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the two."""
    parser.add_argument("before", type=Path, metavar="A", help="a person's folder, or a report's file")
    parser.add_argument("after", type=Path, metavar="B", help="the other")
    parser.add_argument("--all", action="store_true", help="show what is the same, too")


def run(options: argparse.Namespace, out: Output) -> None:
    """Tell every measure that differs."""
    found = compared(options.before, options.after)
    shown = [each for each in found if options.all or each.change != "same"]
    counts = {change: sum(each.change == change for each in found) for change in ("better", "worse", "same")}
    summary = ", ".join(f"{count} {change}" for change, count in counts.items())
    out.done(
        {"measures": [each.as_json() for each in shown], "counts": {**counts}},
        "\n".join([*(_line(each) for each in shown), summary]),
    )


def _line(each: Difference) -> str:
    before, after = (" – " if value is None else f"{value:.4g}" for value in (each.before, each.after))
    passed = f"  {each.outcomes[0]} → {each.outcomes[1]}" if each.outcomes[0] != each.outcomes[1] else ""
    return f"{each.change:<8} {each.name:<32} {before:>9} → {after:<9}{passed}"
