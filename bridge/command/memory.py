"""Shows what is remembered of people, and exports, erases or imports it (`companion memory`)."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bridge import wallclock
from bridge.command.output import tell
from bridge.errors import BridgeError, ConfigError
from bridge.memory.carrying import read, unpacked, written
from bridge.memory.database import DatabaseError, absent, opened
from bridge.memory.keeper import HOME, taken
from bridge.memory.store import Owner, Store
from bridge.setup import casting
from bridge.setup.config import Config
from bridge.setup.people import identifier
from engines.memory.telling import sentence

LARGEST: Final = 16 * 2**20  # bytes of a file that is imported


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `companion memory` takes."""
    parser.add_argument("action", choices=("list", "export", "erase", "import"))
    parser.add_argument("--user", help="of whom: the user that tokens name; for one without tokens the empty name")
    parser.add_argument(
        "--by", default="", metavar="IDENTITY", help="what this identity remembers (default: --identity)"
    )
    parser.add_argument("--file", type=Path, metavar="FILE", help="where an export goes or an import comes from")
    parser.add_argument("--all", action="store_true", help="list what was replaced too; erase everybody")
    parser.add_argument("--json", action="store_true", help="list as JSON")


def run(options: argparse.Namespace, config: Config) -> int:
    """Do what is asked; 0 when it was done."""
    if config.memory.keep == "never":
        raise ConfigError("no_memory", "nothing is remembered here: memory.keep is never")
    home = HOME.expanduser()
    if options.action != "import" and absent(config.memory.store, home):
        tell("nobody is remembered here")
        return 0
    try:
        store = Store(opened(config.memory.store, home))
    except (DatabaseError, OSError) as error:
        raise BridgeError("memory_failed", str(error)) from error
    try:
        return _act(options, config, store)
    finally:
        store.close()


def _act(options: argparse.Namespace, config: Config, store: Store) -> int:
    owner = None
    if options.user is not None:
        owner = Owner(options.user, options.by or identifier(casting.identity(config.identity.path).origin))
    match options.action:
        case "list" if owner is None:
            _everybody(store, as_json=options.json)
        case "list":
            _one(store, owner, options)
        case "erase" if owner is None and options.all:
            everybody = store.owners()
            for each, _ in everybody:
                store.leave(each)
            tell(f"{len(everybody)} memories are erased")
        case _ if owner is None:
            raise BridgeError("bad_arguments", "say whose memory: companion memory ACTION --user NAME")
        case "erase":
            count = store.erase(owner)
            store.leave(owner)
            tell(f"erased: {count} facts of {owner.who!r} by {owner.identity!r}")
        case "export":
            data = written(owner, store.everything(owner))
            if options.file is None:
                tell(data.decode().rstrip())
            else:
                options.file.write_bytes(data)
                tell(f"{options.file}")
        case _:
            if options.file is None:
                raise BridgeError(
                    "bad_arguments", "say what to import: companion memory import --user NAME --file FILE"
                )
            if options.file.stat().st_size > LARGEST:
                raise BridgeError("bad_memory", f"{options.file} is larger than {LARGEST // 2**20} MiB")
            carried = read(options.file.read_bytes())
            # Who has the files of a server may say who has agreed.
            store.consent(owner, True, wallclock.now())
            tell(f"imported: {len(taken(store, owner, unpacked(carried)))} facts")
    return 0


def _everybody(store: Store, *, as_json: bool) -> None:
    for owner, standing in store.owners():
        if as_json:
            told = {"user": owner.who, "identity": owner.identity, "agreed": standing.consent, "facts": standing.facts}
            tell(json.dumps(told, ensure_ascii=False))
        else:
            agreed = "agreed" if standing.consent else "refused"
            tell(f"{owner.who or '(no token)'}  {owner.identity}  {agreed}  {standing.facts} facts")


def _one(store: Store, owner: Owner, options: argparse.Namespace) -> None:
    kept = store.everything(owner, older=options.all)
    for each in kept.facts:
        day = datetime.fromtimestamp(each.seen, UTC).date().isoformat()
        line = sentence(each.fact, "en")
        if options.json:
            fact = each.fact
            told = {"id": each.number, "kind": fact.kind, "about": fact.about, "value": fact.value, "said": fact.said}
            more = {"day": day, "session": each.session, "turn": each.turn, "confidence": fact.confidence}
            tell(json.dumps({**told, **more, "replaced": each.replaced}, ensure_ascii=False))
        else:
            tell(f"{each.number}  {day}  {line}{'  (replaced)' if each.replaced else ''}")
    if not options.json:
        for episode in kept.episodes:
            day = datetime.fromtimestamp(episode.at, UTC).date().isoformat()
            tell(f"-  {day}  they said: {episode.text}")
