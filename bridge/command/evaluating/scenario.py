"""Reads a scenario: who talks, what they say, and what must come of it. Everything in it is typed and bounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from bridge.errors import BridgeError
from protocol.messages import RoomKind, RoomOp

LARGEST: Final = 262_144  # bytes of a file
Words: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2000)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64)]
Few: TypeAlias = Annotated[tuple[Words, ...], Meta(max_length=64)]
Milliseconds: TypeAlias = Annotated[float, Meta(gt=0, le=600_000)]


class Budget(Struct, frozen=True, forbid_unknown_fields=True):
    """What a reply may take: ms to its first sound and of sound without a face, words; None: as much as it likes."""

    first_sound_ms: Milliseconds | None = None
    lips_ms: Milliseconds | None = None
    words: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    """What a reply must be like.

    `by` is the companion that answers, `has` and `lacks` are words in it (without regard to case), `matches` is a
    regular expression, `complete` says that it is whole. The rest is a budget of its own.
    """

    by: str = ""
    has: Few = ()
    any_of: Few = ()
    lacks: Few = ()
    matches: Annotated[str, Meta(max_length=1000)] = ""
    complete: bool = True
    first_sound_ms: Milliseconds | None = None
    lips_ms: Milliseconds | None = None
    words: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that happens: somebody says something, or does something in the room, or time passes.

    `interrupt_s` has them press stop so long after the first sound. `expect` is `"silence"` where nobody is to answer.
    """

    by: Name = ""
    say: Words | None = None
    do: RoomOp | None = None
    to: str = ""
    wait: Annotated[float, Meta(ge=0, le=600)] = 0.0
    interrupt_s: Annotated[float, Meta(ge=0, le=60)] | None = None
    expect: Expected | Literal["silence"] | None = None


class Hall(Struct, frozen=True, forbid_unknown_fields=True):
    """The room that all enter; without one each person has a conversation of their own."""

    name: Name = "eval"
    kind: RoomKind = "talk"
    cast: Annotated[tuple[Name, ...], Meta(max_length=8)] = ()
    agenda: Annotated[tuple[Words, ...], Meta(max_length=32)] = ()


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """One conversation; `minutes` must be in the minutes of the meeting when all is over."""

    name: Name
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=200)]
    people: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=16)] = ("Visitor",)
    language: Annotated[str, Meta(max_length=35)] = ""
    identity: Annotated[str, Meta(max_length=64)] = ""
    room: Hall | None = None
    budget: Budget = Budget()
    patience_s: Annotated[float, Meta(gt=0, le=600)] = 30.0
    minutes: Few = ()


def load(path: Path) -> Scenario:
    """Read a scenario of YAML or JSON; BridgeError `bad_scenario` says what is wrong with it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BridgeError("bad_scenario", f"cannot read {path}: {error.strerror}") from error
    if len(data) > LARGEST:
        raise BridgeError("bad_scenario", f"{path} has more than {LARGEST} bytes")
    try:
        scenario = msgspec.convert(_parsed(path, data.decode("utf-8-sig")), Scenario)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BridgeError("bad_scenario", f"{path}: {error}") from error
    for number, step in enumerate(scenario.steps, 1):
        if step.by and step.by not in scenario.people:
            raise BridgeError("bad_scenario", f"{path}: step {number} is by {step.by}, who is not among the people")
        if step.do and scenario.room is None:
            raise BridgeError("bad_scenario", f"{path}: step {number} does something in a room, and there is none")
    return scenario


def _parsed(path: Path, text: str) -> object:
    if path.suffix == ".json":
        return json.loads(text)
    try:
        import yaml
    except ImportError as error:
        sentence = "reading YAML needs PyYAML: pip install 'companion-bridge[eval]', or write the scenario as JSON"
        raise BridgeError("no_yaml", sentence) from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
