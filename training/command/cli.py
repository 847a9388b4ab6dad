"""Runs `companion train COMMAND`: it loads the module of the one command that was asked for.

A failure becomes a sentence, or with `--json` an object with a code.
"""

from __future__ import annotations

import argparse
import ssl
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, TypeAlias, cast

from engines.api import EngineError
from engines.identity import IdentityError
from studio.command.output import ForPeople, ForPrograms, Output
from studio.errors import StudioError
from training.errors import TrainingError

Clock: TypeAlias = Callable[[], float]


class Gate(Protocol):
    """A door to listen at: the address, the certificate, and who is let in.

    `admit` takes a token and returns whom it names ("" for anybody) and why it is refused ("" when it is not).
    """

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def tls(self) -> ssl.SSLContext | None: ...

    def admit(self, token: str) -> tuple[str, str]: ...


Gates: TypeAlias = Callable[[Path | None, str, int], Gate]  # a configuration, and an address instead of its own


@dataclass(frozen=True, slots=True)
class Context:
    """What a command is given besides its options: where it tells, seconds of the clock, and today (ISO 8601).

    `gate` opens the door of the bridge's configuration, None where there is no bridge.
    """

    out: Output
    clock: Clock
    created: str
    gate: Gates | None = None


class Command(Protocol):
    """What the module of a command holds."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what it takes."""
        ...

    def run(self, options: argparse.Namespace, context: Context) -> None:
        """Do it and tell."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One command: its module and what it does."""

    name: str
    module: str
    help: str


COMMANDS: Final = (
    Row("data", "training.command.data", "read, clean and part dialogues; write a data card"),
    Row("tune", "training.command.tune", "teach an identity a manner, from dialogues"),
    Row("prefer", "training.command.prefer", "teach an identity what people preferred (DPO)"),
    Row("attributes", "training.command.attributes", "train a head that reads attributes out of descriptions"),
    Row("pretrain", "training.command.pretrain", "train a base model from text"),
    Row("augment", "training.command.augment", "make varied copies of dialogues or sounds"),
    Row("portrait", "training.command.portrait", "train a painter of portraits, on renders or your own pictures"),
    Row("federate", "training.command.federate", "learn one adapter at several places that share no line"),
    Row("explain", "training.command.explain", "say what a run changed, why, how sure it is, what throws it off"),
    Row("compare", "training.command.compare", "compare two runs"),
)


def main(
    argv: Sequence[str] | None = None, *, prog: str, clock: Clock, created: str = "", gate: Gates | None = None
) -> int:
    """Run one command; return 0 when it worked, 1 when it failed, 2 for a wrong command line."""
    given = list(sys.argv[1:] if argv is None else argv)
    out: Output = ForPrograms() if "--json" in given else ForPeople()
    name = next((each for each in given if not each.startswith("-")), "")
    if not name:
        sys.stdout.write(usage(prog))
        return 0 if given else 2
    given.remove(name)
    row = next((row for row in COMMANDS if row.name == name), None)
    if row is None:
        out.failed("no_command", f"there is no command {name!a}; {prog} --help lists them")
        return 2
    return _run(row, _parser(row, prog), given, Context(out, clock, created, gate))


def check(given: Sequence[str]) -> None:
    """Read a command line as `main` does, and do nothing; SystemExit for a wrong one."""
    name = next((each for each in given if not each.startswith("-")), "")
    row = next((row for row in COMMANDS if row.name == name), None)
    if row is None:
        sys.stderr.write(f"there is no command {name!a}\n")
        raise SystemExit(2)
    parser = _parser(row, "train")
    cast("Command", import_module(row.module)).add_arguments(parser)
    parser.parse_args([each for each in given if each != name])


def _parser(row: Row, prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"{prog} {row.name}", description=f"{row.help[:1].upper()}{row.help[1:]}.")
    parser.add_argument("--json", action="store_true", help="tell progress and result as one JSON object a line")
    return parser


def _run(row: Row, parser: argparse.ArgumentParser, given: Sequence[str], context: Context) -> int:
    out = context.out
    try:
        command = cast("Command", import_module(row.module))
        command.add_arguments(parser)
        command.run(parser.parse_args(given), context)
    except (TrainingError, StudioError, IdentityError, EngineError) as error:
        out.failed(error.code, error.message)
    except ImportError as error:
        out.failed(
            "missing_package", f"training needs more packages ({error.name}): pip install 'companion-bridge[train]'"
        )
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        out.failed("unwritable", f"{where}{error.strerror or error}")
    except KeyboardInterrupt:
        out.failed("stopped", "stopped; run the same command again to go on from the last checkpoint")
    else:
        return 0
    return 1


def usage(prog: str) -> str:
    """Write what there is to run."""
    width = max(len(row.name) for row in COMMANDS)
    lines = [f"  {row.name:<{width}}  {row.help}" for row in COMMANDS]
    more = f"{prog} COMMAND --help says more; docs/TRAINING.md explains it to whoever has never trained a model."
    return "\n".join([f"usage: {prog} COMMAND [--json] ...", "", *lines, "", more, ""])
