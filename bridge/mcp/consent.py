"""Decides what of an MCP server's tools is offered, and how much of what it says is taken. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from bridge.errors import ConfigError
from engines.api import Tool

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
LONGEST: Final = 64  # characters of a tool's name
DESCRIPTION: Final = 1024
PARAMETERS: Final = 16_384  # characters of a schema
MOST: Final = 32  # tools of one server


@dataclass(frozen=True, slots=True)
class Place:
    """Where an MCP server is: an address, or (`command`) a program to start."""

    name: str
    address: str = ""
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool as the dialogue is offered it, and what its server calls it."""

    tool: Tool
    server: str
    theirs: str


def place(setting: str) -> Place:
    """Read `NAME=ADDRESS` or `NAME=COMMAND ARGUMENTS`; ConfigError when it is neither."""
    name, separator, rest = (part.strip() for part in setting.partition("="))
    if not separator or not NAME.fullmatch(name) or not rest:
        sentence = "mcp.servers has entries such as clock=python -m clock, or notes=https://example.org/mcp"
        raise ConfigError("bad_config", sentence)
    if rest.startswith(("http://", "https://")):
        return Place(name, address=rest)
    try:
        command = tuple(shlex.split(rest))
    except ValueError as error:
        raise ConfigError("bad_config", f"mcp.servers: the command of {name} cannot be read: {error}") from error
    return Place(name, command=command)


def allowed(server: str, tool: str, allow: Iterable[str]) -> bool:
    """Say whether somebody has consented to a tool: by `SERVER.TOOL`, or a pattern such as `SERVER.*`."""
    return any(fnmatchcase(f"{server}.{tool}", pattern) for pattern in allow)


def offers(
    server: str, listed: Sequence[tuple[str, str, Mapping[str, object]]], allow: Sequence[str]
) -> tuple[list[Offer], list[str]]:
    """Return what is offered of a server's tools (name, description, schema), and the names of those that are not."""
    found: list[Offer] = []
    left: list[str] = []
    for theirs, description, parameters in listed:
        name = re.sub(r"[^A-Za-z0-9_-]", "_", f"{server}_{theirs}")[:LONGEST]
        taken = any(offer.tool.name == name for offer in found)
        fits = len(found) < MOST and not taken and len(json.dumps(parameters)) <= PARAMETERS
        if fits and allowed(server, theirs, allow):
            found.append(Offer(Tool(name, plain(description, DESCRIPTION), parameters), server, theirs))
        else:
            left.append(theirs)
    return found, left


def plain(text: str, most: int) -> str:
    """Return what a stranger says without control characters, and no longer than `most`."""
    kept = "".join(char if char.isprintable() or char in "\n\t" else " " for char in text[: 2 * most])
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"
