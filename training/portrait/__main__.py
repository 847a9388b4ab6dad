"""Trains a painter: `python -m training.portrait RUN --data FOLDER --minutes 20`."""

from __future__ import annotations

import argparse
import sys

from engines.identity import IdentityError
from studio.errors import StudioError
from training.portrait import command


def main(words: list[str] | None = None) -> int:
    """Train and write lines; 1 where something was wrong with what was given."""
    parser = argparse.ArgumentParser(prog="python -m training.portrait", description=command.__doc__)
    command.add_arguments(parser)

    def say(done: float, sentence: str) -> None:
        print(f"{done:4.0%} {sentence}", flush=True)

    try:
        return command.train(parser.parse_args(words), say)
    except (StudioError, IdentityError) as error:
        print(error.message, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
