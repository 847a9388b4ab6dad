"""Sends the sessions of a server to another process, each as soon as it rests, with its clients' sockets."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Final, cast

from bridge.errors import BridgeError
from bridge.fleet.letters import Moving
from bridge.server.connection import Connection
from bridge.server.server import Server, Wire
from bridge.session.luggage import packed
from bridge.session.session import Session
from protocol.errors import ProtocolError

log = logging.getLogger("bridge.fleet.leaving")

LOOK: Final = 0.02  # seconds between two looks at who rests
CUT: Final = 3.0  # seconds that are left for those whose replies were cut because time was up
GREETING: Final = 2.0  # seconds in which those who have just come may still say who they are
VIEWERS: Final = 64  # that move along; others come again

Send = Callable[[Moving, list[socket.socket], bytes], Awaitable[bool]]


async def leave(server: Server, send: Send, *, within: float) -> None:
    """Send away every session that can go, within so many seconds; what is being said then is cut where it is heard.

    `send` tells whether the session has arrived; where not, it goes on here until the next try.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    cut = False
    async with asyncio.TaskGroup() as group:
        moving: dict[str, asyncio.Task[None]] = {}
        while (now := loop.time()) < end + CUT:
            sessions = [each for each in server.sessions.all() if not each.over]
            if now >= end and not cut:
                cut = True
                for session in sessions:
                    session.skip()
            moving = {name: task for name, task in moving.items() if not task.done()}
            for session in sessions:
                if session.name not in moving and _may_go(session, now):
                    moving[session.name] = group.create_task(_move(server, session, send))
            late = server.waiting and now < end - within + GREETING
            if not moving and not late and not any(each.movable for each in sessions):
                return
            await asyncio.sleep(LOOK)


def _may_go(session: Session, now: float) -> bool:
    """Return whether the session rests, and everything that was posted to its clients has left."""
    if not session.at_rest(now):
        return False
    speaker, viewers = session.links
    links = cast("list[Connection]", [link for link in (speaker, *viewers) if link is not None])
    return all(link.portable or not link.movable for link in links)


async def _move(server: Server, session: Session, send: Send) -> None:
    loop = asyncio.get_running_loop()
    speaker, viewers = cast("tuple[Connection | None, tuple[Connection, ...]]", session.links)
    luggage = session.pack(loop.time())
    session.leave()
    wires: list[Wire | None] = [_parted(speaker)] if speaker is not None else [None]
    wires += [_parted(each) for each in viewers[:VIEWERS]]
    for each in viewers[VIEWERS:]:
        each.restart()
    first, others = wires[0], [wire for wire in wires[1:] if wire is not None]
    kept = [wire for wire in (first, *others) if wire is not None]
    letter = Moving(luggage.name, luggage.user, first[1] if first is not None else None, tuple(w[1] for w in others))
    copies = [socket.socket(fileno=os.dup(taken.fileno())) for taken, _ in kept]
    if await send(letter, copies, packed(luggage)):
        for taken, _ in kept:
            taken.close()
        return
    log.warning("a session could not move", extra={"session": luggage.name})
    try:
        await server.settle(luggage, first, others)
    except (BridgeError, ProtocolError) as error:
        log.warning("a session is lost", extra={"session": luggage.name, "code": error.code})


def _parted(link: Connection) -> Wire | None:
    """Return the client's socket; None where it cannot go along, and the client has to come again."""
    if link.portable:
        return link.give_up()
    link.restart()
    return None
