"""Compares two runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.command.cli import Context
from training.track.compare import compare


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what it takes."""
    parser.add_argument("first", type=Path, metavar="RUN")
    parser.add_argument("second", type=Path, metavar="RUN")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write an HTML page, too")


def run(options: argparse.Namespace, context: Context) -> None:
    """Tell what is different."""
    text, page = compare(options.first, options.second)
    if options.out:
        options.out.write_text(page, encoding="utf-8")
    context.out.done({"text": text, "page": str(options.out or "")}, text)
