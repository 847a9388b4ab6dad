"""Reads from the imports who knows whom, and writes the table of rooms in docs/ARCHITECTURE.md.

`python -m tools.rooms` prints the table, `--write` puts it into the page. A room is a folder with one job, the
modules on a package's ground floor, or one module with a floor of its own. The table stands in the order of the floors:
a room knows rooms above it only.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "ARCHITECTURE.md"
BEGIN: Final = "<!-- rooms: made by `python -m tools.rooms --write` -->"
END: Final = "<!-- end of rooms -->"

# Every room of the product, lowest floor first, with what it is for.
ROOMS: Final = {
    "protocol": "what travels: messages, codec, error codes, golden vectors, playout traces; the judge of both ends",
    "engines.text": "texts in any job: ways of writing Chinese, what is hidden from readers",
    "engines": "the values engines take and give",
    "engines.measures": "what engines tell of their work: counts, times, spans",
    "engines.catalogue": "every engine by name, what it needs, and the models it loads",
    "engines.sound": "resampling, phones, array names",
    "engines.device": "one bounded worker for each device: batches, priorities, memory",
    "engines.process": "engines in processes of their own",
    "engines.remote": "engines by address: what travels, who asks, who serves",
    "engines.identity": "who a companion is: cards, bundles, lorebooks",
    "engines.words": "words, stems, numbers: what a text is made of in each language",
    "engines.memory": "what is remembered of a user: read from their words, recalled, put into words",
    "engines.personal": "what texts say of people: found, replaced, put back",
    "engines.provenance": "the AI notice, marks, labels, seals, the record of reviews",
    "engines.guard": "content safety: lists, a classifier, help for people in need, the review queue",
    "engines.knowledge": "what a companion knows from documents: passages, facts, rules, and the gate for them",
    "engines.duplex": "models that hear and speak by themselves, by address",
    "engines.jobs": "what every engine does: a protocol for each job",
    "engines.hearing": "voice detection, recognition, endpointing by words",
    "engines.dialogue": "the card engine, endpoints, local language models",
    "engines.voices": "synthesizers, and the times of what they say",
    "engines.face": "lips, mood, emphasis, life between words",
    "engines.sight": "faces in pictures: where they are, where they look, what they do",
    "studio": "makes identities: a stage is a folder of a person, and files to add to it; never imported at serve time",
    "training": "trains what ships and what identities learn; never imported at serve time",
    "bridge": "errors, authentication, logs, metrics, version, the wall clock",
    "bridge.core": "decisions: no clock, no I/O",
    "bridge.memory": "keeps what is remembered: a database, a thread for it, what travels of it",
    "bridge.shared": "what all bridges of one service know together: who is there, what was spent",
    "bridge.session": "one conversation",
    "bridge.rooms": "several people and companions in one conversation: one floor, one clock",
    "bridge.realtime": "OpenAI's Realtime events as a session's messages, and back: no I/O",
    "bridge.mcp": "tools of MCP servers: by whose consent, within what bounds",
    "bridge.web": "the page and the drawn face",
    "bridge.setup": "from a configuration to a companion that is ready",
    "bridge.server": "sockets, HTTP, resume, draining",
    "bridge.fleet": "several processes that serve as one: a front, workers, the way from one to another",
    "outlets": "the same face in other tools' formats",
    "stacks": "a face for voice agents of other frameworks",
    "show": "the chat of a stream: where it comes from, what of it is answered when",
    "talk": "the reference client and the terminal client",
    "bridge.command": "the command `companion`",
}
OUTSIDE: Final = ("tools", "testkit", "bench", "tests")  # of the wheel; they may import everything
ROUTES: Final = ("protocol", "engines", "bridge", "talk", "training", "studio", "outlets", "stacks", "show", *OUTSIDE)


@dataclass(frozen=True, slots=True)
class Module:
    """A source file as an importer."""

    name: str
    tree: ast.Module

    def imports(self) -> tuple[str, ...]:
        """Return every module imported anywhere in it, names imported from a package included."""
        return _imports(self.tree)


@cache
def _imports(tree: ast.Module) -> tuple[str, ...]:
    found: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [alias.name for alias in names]
            case ast.ImportFrom(module=str(origin), names=names, level=0):
                submodules = [f"{origin}.{alias.name}" for alias in names if is_module(f"{origin}.{alias.name}")]
                found += submodules or [origin]
            case ast.ImportFrom():
                found.append(f"relative import in line {node.lineno}")
    return tuple(found)


def modules(*packages: str) -> list[Module]:
    """Read all modules of the packages; a package that does not exist has none."""
    return [module for package in packages for module in _read(package)]


@cache
def _read(package: str) -> tuple[Module, ...]:
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, ast.parse(path.read_text(encoding="utf-8"))))
    return tuple(found)


def within(name: str, root: str) -> bool:
    """Say whether a module is `root` or lies in it."""
    return name == root or name.startswith(root + ".")


def room(name: str) -> str:
    """Name the room that a module of the product lies in, "" for everything else."""
    if name == "bridge.__main__":  # `python -m bridge` is the command
        return "bridge.command"
    return max((each for each in ROOMS if within(name, each)), key=len, default="")


def arrows(read: Iterable[Module]) -> dict[str, set[str]]:
    """Collect which rooms each room imports from, itself left out."""
    found: dict[str, set[str]] = {each: set() for each in ROOMS}
    for module in read:
        if here := room(module.name):
            found[here] |= {room(name) for name in module.imports()} - {"", here}
    return found


def running_back(found: dict[str, set[str]]) -> list[str]:
    """List the arrows that do not run to a lower floor."""
    floor = {each: number for number, each in enumerate(ROOMS)}
    return [f"{here} -> {there}" for here in ROOMS for there in sorted(found[here]) if floor[there] > floor[here]]


def table(found: dict[str, set[str]]) -> str:
    """Write the rooms and their arrows as Markdown."""
    rows = ["| room | is | imports from |", "|---|---|---|"]
    for here, purpose in ROOMS.items():
        known = ", ".join(f"`{there}`" for there in ROOMS if there in found[here]) or "nothing of ours"
        rows.append(f"| `{here}` | {purpose} | {known} |")
    return "\n".join(rows)


def page(text: str) -> str:
    """Put today's table between the marks of the page."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{table(arrows(modules(*ROUTES)))}\n\n{END}{tail}"


@cache
def is_module(name: str) -> bool:
    """Say whether a package or a module of that name is there."""
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write(table(arrows(modules(*ROUTES))) + "\n")
