"""Finds whose face the outlets show while the companion is silent: the client's user, or somebody tracked elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import degrees
from typing import Final, TypeAlias

from bridge.command.output import tell
from bridge.core.performing import FRESH_S
from bridge.errors import ConfigError
from bridge.server.server import Server
from engines.api import Seen, SeenFace
from outlets.address import parse
from outlets.frame import CHANNELS, Frame
from outlets.intake import PORT, listening

Played: TypeAlias = Callable[[float], SeenFace | None]

CLIENT: Final = "client"
SHOWN_EVERY: Final = 1 / 15  # seconds between two faces of a performer that the companion is shown
SIZE: Final = 0.4  # of a performer, who sits before their own camera


@asynccontextmanager
async def performing(server: Server, performer: str) -> AsyncIterator[Played]:
    """Give what says who performs at an instant, as long as the block lasts.

    Raises ConfigError for what is no performer, and BadAddress where nobody can listen.
    """
    if not performer:
        yield lambda now: None
        return
    if performer == CLIENT:
        tell("between replies the face of the user is shown")
        yield lambda now: _of_client(server, now)
        return
    address = parse(performer if "://" in performer else f"{performer}://")
    if address.tool != "vmc" or address.options:
        sentence = (
            f"outlets.performer is {CLIENT!r} or an address such as vmc://127.0.0.1:{PORT}, not {performer[:80]!r}"
        )
        raise ConfigError("bad_performer", sentence)
    if ":" not in performer.partition("://")[2].rpartition("]")[2]:
        address = parse(f"vmc://{address.host}:{PORT}")
    async with listening(address) as intake:
        tell(f"between replies the face is shown that comes to {intake.address}")

        def played(now: float) -> SeenFace | None:
            frame = intake.face(now, FRESH_S)
            return None if frame is None else face_of(frame)

        showing = asyncio.get_running_loop().create_task(_show(server, played))
        try:
            yield played
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)


def face_of(frame: Frame) -> SeenFace:
    """Return a performer's frame as a face that is seen."""
    weights = dict(zip(CHANNELS, frame.weights, strict=False))
    return SeenFace(
        1, weights, degrees(frame.yaw), degrees(frame.pitch), degrees(frame.roll), place=(0.0, 0.0), size=SIZE
    )


def _of_client(server: Server, now: float) -> SeenFace | None:
    session = server.newest
    return None if session is None or session.over else session.performer(now)


async def _show(server: Server, played: Played) -> None:
    """Let the newest session see the performer."""
    loop = asyncio.get_running_loop()
    while True:
        face, session = played(loop.time()), server.newest
        if face is not None and session is not None:
            session.sees(Seen((face,)))
        await asyncio.sleep(SHOWN_EVERY)
