"""Runs `python -m studio COMMAND`, which `companion identity COMMAND` hands over to.

It loads the module of the one command that was asked for, and turns a failure into a sentence or, with `--json`, into
an object with a code.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from engines.api import EngineError
from engines.identity import IdentityError
from studio import stages
from studio.command.output import ForPeople, ForPrograms, Output
from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.video.track import Speaker


class Command(Protocol):
    """What the module of a command holds."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what it takes."""
        ...

    def run(self, options: argparse.Namespace, out: Output) -> None:
        """Do it and tell `out`."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One command that is no stage: its module and what it does."""

    name: str
    module: str
    help: str


STAGE: Final = "studio.command.stage"
VIDEO: Final = "studio.command.video"
COMMANDS: Final = (
    Row("new", "studio.command.new", "make a person of a sentence"),
    Row("variations", "studio.command.variations", "make several people of one wish, to choose from"),
    Row("list", "studio.command.list", "list the people in a folder"),
    Row("show", "studio.command.show", "show a person: attributes, files, where they come from"),
    Row("keys", "studio.command.keys", "make the keys that seals are signed with"),
    Row("verify", "studio.command.verify", "say whether a person or a file is as it was sealed, and by whom"),
    Row("pack", "studio.command.pack", "write a person as one file: .charx, or .png with the card in it"),
    Row("compare", "studio.command.compare", "compare two reports, measure by measure"),
    Row("video", VIDEO, "make a talking video, of one person or of a script's scenes"),
    Row("study", "studio.command.study", "study many people of a writer: spread, likeness, what tells of what"),
)


def main(
    argv: Sequence[str] | None = None,
    *,
    prog: str = "python -m studio",
    created: str = "",
    speaker: Speaker | None = None,
) -> int:
    """Run one command; return 0 when it worked, 1 when it failed, 2 for a wrong command line.

    `created` (ISO 8601) is when, for the lineage of what is made; `speaker` says what films say.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    out: Output = ForPrograms() if "--json" in given else ForPeople()
    name = next((each for each in given if not each.startswith("-")), "")
    if not name:
        sys.stdout.write(usage(prog))
        return 0 if given else 2
    given.remove(name)
    row = next((row for row in (*COMMANDS, *_stages()) if row.name == name), None)
    if row is None:
        out.failed("no_command", f"there is no command {name!a}; {prog} --help lists them")
        return 2
    parser = _parser(row, prog, created)
    if row.module == VIDEO:
        parser.set_defaults(speaker=speaker)
    return _run(row, parser, given, out)


def check(given: Sequence[str]) -> None:
    """Read a command line as `main` does, and do nothing; SystemExit for a wrong one."""
    name = next((each for each in given if not each.startswith("-")), "")
    row = next((row for row in (*COMMANDS, *_stages()) if row.name == name), None)
    if row is None:
        sys.stderr.write(f"there is no command {name!a}\n")
        raise SystemExit(2)
    parser = _parser(row, "identity", "")
    cast("Command", import_module(row.module)).add_arguments(parser)
    parser.parse_args([each for each in given if each != name])


def _parser(row: Row, prog: str, created: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"{prog} {row.name}", description=f"{row.help[:1].upper()}{row.help[1:]}.")
    parser.add_argument("--json", action="store_true", help="tell progress and result as one JSON object a line")
    parser.add_argument("--created", default=created, metavar="ISO", help="when it is made, for the lineage")
    parser.set_defaults(command=row.name)
    return parser


def _run(row: Row, parser: argparse.ArgumentParser, given: Sequence[str], out: Output) -> int:
    try:
        command = cast("Command", import_module(row.module))
        command.add_arguments(parser)
        command.run(parser.parse_args(given), out)
    except (StudioError, IdentityError, EngineError) as error:
        out.failed(error.code, error.message)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        out.failed("unwritable", f"{where}{error.strerror or error}")
    except KeyboardInterrupt:
        out.failed("stopped", "stopped; what was finished before is kept")
    else:
        return 0
    return 1


def usage(prog: str) -> str:
    """Write what there is to run."""
    rows = (*COMMANDS, *_stages())
    width = max(len(row.name) for row in rows)
    lines = [f"  {row.name:<{width}}  {row.help}" for row in rows]
    return "\n".join([f"usage: {prog} COMMAND [--json] ...", "", *lines, "", f"{prog} COMMAND --help says more.", ""])


def _stages() -> tuple[Row, ...]:
    """Return a command for each stage that can be run alone."""
    return tuple(Row(row.name, STAGE, row.help) for row in stages.STAGES)
