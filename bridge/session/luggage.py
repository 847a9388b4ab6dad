"""What a session takes along into another process, as bytes: it goes on there as if nothing had happened.

A session travels between two turns only, so nothing that runs is in it: no reply, no utterance, no open tool call.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from bridge.core.outbox import Kept
from engines.api import Message, Tool
from protocol import messages as m

VERSION: Final = 1  # of what is written here: an older process may hand over to a newer one


class BadLuggage(Exception):
    """What came is no session that this process can take over."""


class Memories(Struct, frozen=True):
    """What is to be remembered of the user, and what of a long session is told in short."""

    on: bool
    lines: tuple[str, ...]
    noted_at: int
    last: tuple[int, ...]
    greeted: tuple[int, ...]
    waiting: tuple[tuple[str, int], ...]
    unread: tuple[str, ...]
    summary: str
    covers: int  # contributions of the history


class Sent(Struct, frozen=True):
    """What was sent: the newest number, what a resume may still need, and from where it can begin."""

    seq: int
    acked: int
    lost: int
    kept: tuple[Kept[m.ServerMessage], ...]


class Luggage(Struct, frozen=True, kw_only=True):
    """One session. Durations are in seconds up to the moment of packing; `away` is None while a client is connected."""

    version: int = VERSION
    name: str
    token: str
    watch: str
    user: str
    hello: m.Hello
    seed: int
    note: str
    turn: int
    utterance: int
    said: tuple[Message, ...]
    states: dict[str, str]
    tools: tuple[Tool, ...]
    calls: int
    sent: Sent
    memories: Memories
    frame: int  # of the life clock
    mood: tuple[str, float]
    instructions: str
    gone: bool
    hushed: bool
    age: float
    silent: float
    away: float | None


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Luggage)


def packed(luggage: Luggage) -> bytes:
    """Return the bytes that travel."""
    return _ENCODER.encode(luggage)


def unpacked(data: bytes) -> Luggage:
    """Return what was packed; BadLuggage for anything else, and for what another version packed."""
    try:
        luggage = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadLuggage(str(error)) from error
    if luggage.version != VERSION:
        raise BadLuggage(f"version {luggage.version} instead of {VERSION}")
    return luggage
