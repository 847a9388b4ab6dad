"""The rooms of a server: opened by who comes first, entered by those who know the key, gone when the last has left."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Protocol, TypeAlias

from bridge.core.rooms.names import folded
from bridge.errors import AuthError, Overloaded
from bridge.rooms.part import Part
from bridge.rooms.room import Room
from bridge.rooms.seat import Seat
from bridge.session.companion import Companion
from bridge.session.opening import Opening, Shared
from bridge.session.role import Release
from engines.api import Rig
from protocol import messages as m
from protocol.errors import RemoteProtocolError

MAIN = "main"


class Engaged(Protocol):
    """A companion that is held for a room: `release` lets go of the one that it begins with."""

    companion: Companion
    release: Release

    def follow(self, recast: Callable[[Companion, Release], None]) -> None:
        """Have later versions of it told to `recast`."""
        ...

    def leave(self) -> None:
        """Follow it no longer."""
        ...


# By identity, language and voice; BridgeError where there is none.
Engage: TypeAlias = Callable[[str, str, str], Coroutine[None, None, Engaged]]


class Rooms:
    """All rooms; `engage` gets a companion, `rig` the face of one, `run` runs a room's task."""

    def __init__(
        self,
        shared: Shared,
        *,
        most: int,
        people: int,
        companions: int,
        retry_after: float,
        engage: Engage,
        rig: Callable[[Companion, m.HelloFace], Rig],
        run: Callable[[Room], None],
    ) -> None:
        self._shared = shared
        self._most, self._people, self._companions = most, people, companions
        self._retry_after = retry_after
        self._engage, self._rig, self._run = engage, rig, run
        self._rooms: dict[str, Room] = {}
        self._opening: dict[str, asyncio.Lock] = {}

    def __len__(self) -> int:
        return len(self._rooms)

    async def enter(self, hello: m.Hello, user: str) -> tuple[Room, Seat]:
        """Return the room that is asked for, and a place in it; opens it where nobody is in it.

        Raises RemoteProtocolError, AuthError or Overloaded; whoever gets a place must take or abandon it.
        """
        asked = hello.room
        assert asked is not None, "somebody asks for a room"
        lock = self._opening.setdefault(asked.name, asyncio.Lock())
        try:
            async with lock:
                room = self._rooms.get(asked.name)
                if room is None or room.over:
                    room = await self._open(asked, hello)
                elif not secrets.compare_digest(room.key.encode(), asked.key.encode()):
                    raise AuthError("forbidden", "this room has another key")
                if room.full:
                    raise self._crowded(f"there are {room.most} people in this room already")
                return room, room.seat(hello, user)
        finally:
            if not lock.locked() and self._opening.get(asked.name) is lock:
                del self._opening[asked.name]

    async def _open(self, asked: m.HelloRoom, hello: m.Hello) -> Room:
        if len(self._rooms) >= self._most:
            raise self._crowded("there are as many rooms as there may be")
        cast = asked.cast or (m.CastMember(identity=hello.identity, voice=hello.voice),)
        if len(cast) > self._companions:
            raise self._crowded(f"a room may have {self._companions} companions")
        engaged: list[Engaged] = []
        try:
            for member in cast:
                each = await self._engage(member.identity, hello.language, member.voice)
                engaged.append(each)
            room = self._made(asked, cast, engaged, hello)
        except BaseException:
            for each in engaged:
                each.release()
            raise
        for each, part in zip(engaged, room.parts.values(), strict=True):
            each.follow(part.recast)
        self._rooms[asked.name] = room
        room.ended.append(lambda: self._closed(asked.name, room, engaged))
        self._run(room)
        await room.started.wait()
        return room

    def _made(self, asked: m.HelloRoom, cast: tuple[m.CastMember, ...], engaged: list[Engaged], hello: m.Hello) -> Room:
        first = engaged[0].companion
        room = Room(asked, self._shared, first.language, most=self._people)
        room.face = hello.face
        rig = self._rig(first, hello.face)
        for number, (member, each) in enumerate(zip(cast, engaged, strict=True)):
            companion = each.companion
            name = MAIN if not number else member.companion or companion.id or companion.name
            alike = {folded(part.name) for part in room.parts.values()} | {folded(known) for known in room.parts}
            if {folded(name), folded(companion.name)} & alike:
                raise RemoteProtocolError("unsupported", f"two of the cast are called {companion.name}")
            if self._rig(companion, hello.face).names != rig.names:
                raise RemoteProtocolError("unsupported", f"{companion.name} has another kind of face than the others")
            room.parts[name] = Part(
                name,
                replace(self._shared, companion=companion),
                Opening(
                    name=secrets.token_hex(8),
                    token="",
                    watch="",
                    user="",
                    hello=m.Hello(face=hello.face, features=("idle_face",)),
                    rig=rig,
                    seed=secrets.randbits(31),
                ),
                each.release,
                spread=room.spread(name),
                calls=room.calls,
                happened=room.heard,
                wake=room.alarm.ring,
                place=member.place,
            )
        return room

    def _closed(self, name: str, room: Room, engaged: list[Engaged]) -> None:
        for each in engaged:
            each.leave()
        if self._rooms.get(name) is room:
            del self._rooms[name]

    def _crowded(self, sentence: str) -> Overloaded:
        return Overloaded("server_full", sentence, retry_after=self._retry_after)
