"""Shows what the content filter flagged, checks that nobody changed it, and decides (`companion review`)."""

from __future__ import annotations

import argparse
import getpass
import json
from typing import TYPE_CHECKING, Final

from bridge import wallclock
from bridge.command.output import tell
from bridge.errors import BridgeError, ConfigError
from bridge.setup.config import Config
from bridge.setup.guarding import place
from engines.identity.fields import Json

if TYPE_CHECKING:
    from engines.guard.desk import Desk, Item

COLUMNS: Final = ("at", "side", "ruling", "category", "why")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `companion review` takes."""
    parser.add_argument("action", choices=("list", "show", "check", "decide", "allow", "deny"))
    parser.add_argument("what", nargs="*", help="show ID; decide ID right|wrong|deny|off; allow or deny PHRASE")
    parser.add_argument("--all", action="store_true", help="list what was decided too")
    parser.add_argument("--phrase", default="", help="the words to allow or deny, instead of the whole text")
    parser.add_argument("--by", default="", help="who decides (default: this account)")
    parser.add_argument("--note", default="", help="why")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(options: argparse.Namespace, config: Config) -> int:
    """Do what is asked; 0 when it was done, 1 when the queue was changed by somebody."""
    folder = place(config.guard.queue)
    if folder is None:
        raise ConfigError("no_queue", "there is no review queue: guard.queue is none")
    # The filter needs numpy, which no other command should wait for.
    from engines.guard.desk import Desk, DeskError

    desk = Desk(folder)
    try:
        return _act(options, desk)
    except DeskError as error:
        raise BridgeError(error.code, error.message) from error


def _act(options: argparse.Namespace, desk: Desk) -> int:
    by, at = options.by or getpass.getuser(), wallclock.here().isoformat(timespec="seconds")
    match options.action, options.what:
        case "list", []:
            for item in desk.items(undecided=not options.all):
                _show(item, as_json=options.json)
        case "show", [str(name)]:
            item = desk.item(name)
            tell(json.dumps({"id": item.id, "decided": item.decided, **item.entry}, ensure_ascii=False, indent=2))
        case "check", []:
            tell(f"{desk.check()} flags, and nobody has changed them")
        case "decide", [str(name), str(decision)]:
            item = desk.decide(name, decision, by=by, at=at, phrase=options.phrase, note=options.note)
            _show(item, as_json=options.json)
        case "allow" | "deny" as action, [_, *_] as words:
            desk.put("wrong" if action == "allow" else "deny", " ".join(words), by=by, at=at)
            tell(f"{'allowed' if action == 'allow' else 'denied'} from the next turn on: {' '.join(words)}")
        case _:
            raise BridgeError(
                "bad_arguments", "companion review list | show ID | check | decide ID right|wrong|deny|off"
            )
    return 0


def _show(item: Item, *, as_json: bool) -> None:
    if as_json:
        entry: dict[str, Json] = {"id": item.id, "decided": item.decided, **item.entry}
        tell(json.dumps(entry, ensure_ascii=False))
        return
    told = "  ".join(str(item.entry.get(name, "")) for name in COLUMNS)
    words = item.entry.get("text", f"({item.entry.get('length', 0)} characters, not kept)")
    tell(f"{item.id}  {told}  {item.decided or 'open'}  {words}")
