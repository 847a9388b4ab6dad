"""What of a memory travels: a JSON file for people, and a signed blob that a game keeps in its own save."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from bridge.errors import BridgeError
from bridge.memory.store import EPISODE, EPISODES, FACTS, Kept, Owner
from engines.memory.facts import ABOUT, SAID, VALUE, Episode, Fact, Kind, Stored

VERSION: Final = 1
BLOB: Final = 65_536  # bytes
MAC: Final = 32  # bytes of a signature
MARK: Final = b"cbm1"
KEY_FILE: Final = "memory.key"
Instant = Annotated[float, Meta(ge=0, le=253_402_300_799)]


class CarriedFact(Struct, frozen=True, omit_defaults=True):
    """One fact of a file or blob."""

    kind: Kind
    value: Annotated[str, Meta(max_length=VALUE)]
    seen: Instant
    about: Annotated[str, Meta(max_length=ABOUT)] = ""
    said: Annotated[str, Meta(max_length=SAID)] = ""
    session: Annotated[str, Meta(max_length=64)] = ""
    turn: Annotated[int, Meta(ge=0, le=2**53)] = 0
    confidence: Annotated[float, Meta(ge=0, le=1)] = 0.9


class CarriedEpisode(Struct, frozen=True, omit_defaults=True):
    """What one session was about."""

    at: Instant
    text: Annotated[str, Meta(max_length=EPISODE)]
    session: Annotated[str, Meta(max_length=64)] = ""


class Carried(Struct, frozen=True, omit_defaults=True):
    """A memory as it travels; `who` and `identity` say whose it is."""

    version: int
    identity: Annotated[str, Meta(max_length=256)]
    who: Annotated[str, Meta(max_length=64)] = ""
    facts: Annotated[tuple[CarriedFact, ...], Meta(max_length=FACTS)] = ()
    episodes: Annotated[tuple[CarriedEpisode, ...], Meta(max_length=EPISODES)] = ()


class BadMemory(BridgeError):
    """What was to be imported is no memory, or somebody else's."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_memory", message)


def packed(owner: Owner, kept: Kept, *, who: bool = True) -> Carried:
    """Return a memory as it travels."""
    facts = tuple(
        CarriedFact(
            kind=each.fact.kind,
            value=each.fact.value,
            seen=max(0.0, each.seen),
            about=each.fact.about,
            said=each.fact.said,
            session=each.session,
            turn=each.turn,
            confidence=each.fact.confidence,
        )
        for each in kept.facts
        if not each.replaced
    )
    episodes = tuple(CarriedEpisode(each.at, each.text, each.session) for each in kept.episodes)
    return Carried(VERSION, owner.identity, owner.who if who else "", facts[:FACTS], episodes[:EPISODES])


def unpacked(carried: Carried) -> Kept:
    """Return what travelled as a memory."""
    facts = tuple(
        Stored(
            number=0,
            fact=Fact(each.kind, each.value, each.about, each.said, each.confidence),
            session=each.session,
            turn=each.turn,
            at=each.seen,
            seen=each.seen,
        )
        for each in carried.facts
    )
    return Kept(facts, tuple(Episode(each.session or "imported", each.at, each.text) for each in carried.episodes))


def written(owner: Owner, kept: Kept) -> bytes:
    """Write a memory as JSON for people."""
    return msgspec.json.format(msgspec.json.encode(packed(owner, kept)), indent=2) + b"\n"


def read(data: bytes) -> Carried:
    """Read a JSON file of `written`; BadMemory when it is none."""
    try:
        return _current(msgspec.json.decode(data, type=Carried))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadMemory(f"this is no exported memory: {error}") from error


def sealed(owner: Owner, kept: Kept, key: bytes) -> bytes:
    """Sign a memory as a blob of at most BLOB bytes; of one that is larger the best and newest go along."""
    best = sorted(kept.facts, key=lambda each: (-each.fact.importance, -each.seen, each.number))
    newest = sorted(kept.episodes, key=lambda each: -each.at)
    while True:
        body = msgspec.msgpack.encode(packed(owner, Kept(tuple(best), tuple(newest))))
        if len(body) + MAC + len(MARK) <= BLOB or not (best or newest):
            return MARK + _signature(key, body) + body
        best, newest = best[: len(best) * 3 // 4], newest[: len(newest) // 2]


def opened(blob: bytes, owner: Owner, key: bytes) -> Kept:
    """Return the memory of a blob; BadMemory when it was changed, is no such blob, or is another's."""
    mark, signature, body = blob[: len(MARK)], blob[len(MARK) : len(MARK) + MAC], blob[len(MARK) + MAC :]
    if len(blob) > BLOB or mark != MARK:
        raise BadMemory("this is no memory that was exported here")
    if not hmac.compare_digest(signature, _signature(key, body)):
        raise BadMemory("this memory was changed, or was exported by another server")
    try:
        carried = _current(msgspec.msgpack.decode(body, type=Carried))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadMemory("this memory cannot be read") from error
    if Owner(carried.who, carried.identity) != owner:
        raise BadMemory("this memory is of somebody else, or of another companion")
    return unpacked(carried)


def key_of(secret: str, home: Path) -> bytes:
    """Return the key that signs blobs: made from the secret of the tokens, else kept in a file of `home`."""
    if secret:
        return hmac.new(secret.encode(), b"companion-bridge memory blob", hashlib.sha256).digest()
    file = home.expanduser() / KEY_FILE
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(base64.b64encode(secrets.token_bytes(32)))
        try:
            os.link(beside, file)  # of two servers that begin at once the first has made it
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return base64.b64decode(file.read_bytes())


def _signature(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()


def _current(carried: Carried) -> Carried:
    if carried.version != VERSION:
        raise BadMemory("this memory was exported by another version of this program")
    return carried
