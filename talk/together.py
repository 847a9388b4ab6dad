"""What `companion talk` says of a room that it opens or enters, and what its user does there beside speaking."""

from __future__ import annotations

import argparse
import re
from typing import Any, Final

from talk.client import Companion

KINDS: Final = ("talk", "meeting", "class")
HELP: Final = "/hand  /lower  /give NAME  /next  /minutes  /end    /ask text  to the companion alone"
# A title, and its minutes at the end: "Lenses, 10" or "Lenses 10 min".
_TIMED: Final = re.compile(r"(.*?)[\s,:]+(\d{1,3})\s*(?:min(?:utes?|\.)?)?")
_MOST_MINUTES: Final = 600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options of a room."""
    add = parser.add_argument
    add("--room", default="", metavar="NAME[:KEY]", help="share a room with others, as --user")
    add("--kind", default="", choices=KINDS, help="with --room: by what rules people speak there, if you open it")
    add("--cast", default="", metavar="ID,ID", help="with --room: the companions in it, if you open it")
    add(
        "--agenda", default="", metavar="'TITLE, MIN; ...'", help="with --room: what a meeting is about, if you open it"
    )


def wanted(options: argparse.Namespace) -> dict[str, Any] | None:
    """Return `hello.room`, None without --room; raises ValueError for options that go with one."""
    name, _, key = options.room.partition(":")
    for given in ("kind", "cast", "agenda"):
        if getattr(options, given) and not name:
            raise ValueError(f"--{given} goes with --room")
    if not name:
        return None
    if options.agenda and options.kind != "meeting":
        raise ValueError("--agenda goes with --kind meeting")
    cast = [{"identity": each.strip()} for each in options.cast.split(",") if each.strip()]
    asked = {"name": name, "key": key, "kind": options.kind, "cast": cast, "agenda": agenda(options.agenda)}
    return {field: value for field, value in asked.items() if value}


def agenda(text: str) -> list[dict[str, Any]]:
    """Read an agenda: its items stand between semicolons, each with its minutes at the end if it has any."""
    items: list[dict[str, Any]] = []
    for each in filter(None, (part.strip() for part in text.split(";"))):
        found = _TIMED.fullmatch(each)
        if found and found[1]:
            items.append({"title": found[1], "minutes": min(_MOST_MINUTES, float(found[2]))})
        else:
            items.append({"title": each})
    return items


async def does(companion: Companion, line: str) -> bool:
    """Do what `line` asks for in the room; False where it is no command of a room."""
    command, _, rest = line.partition(" ")
    rest = rest.strip()
    match command:
        case "/hand" | "/lower" | "/next" | "/minutes" | "/end" if not rest:
            await companion.room(command[1:])
        case "/give" if rest:
            await companion.room("give", to=rest)
        case "/ask" if rest:
            await companion.text(rest, private=True)
        case _:
            return False
    return True
