"""Sends the face of whoever speaks to other tools: the outlets of the configuration, fed from the newest session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from bridge import wallclock
from bridge.command.output import tell
from bridge.command.performing import Played, performing
from bridge.errors import ConfigError
from bridge.server.server import Server
from bridge.session.mirror import Mirror
from bridge.setup.config import Config
from bridge.setup.sections import OutletsSection
from outlets.address import Address, BadAddress, parse
from outlets.cast import Cast, Tokens
from outlets.cast import opened as cast_opened
from outlets.frame import CHANNELS

EVERY: Final = 1 / 60  # seconds between two looks at what is heard
TOKENS: Final = "~/.companion-bridge/vtube-studio.json"
TOKENS_BYTES: Final = 64 * 1024


def addresses(section: OutletsSection) -> list[Address]:
    """Read where the configuration sends faces to; ConfigError says what is wrong with one."""
    try:
        return [parse(each, abroad=section.abroad) for each in section.to]
    except BadAddress as error:
        raise ConfigError(error.code, str(error)) from error


@asynccontextmanager
async def shown(config: Config, server: Server, name: str, to: Sequence[Address]) -> AsyncIterator[None]:
    """Show the newest session of `server` at these addresses, as long as the block lasts."""
    performer = config.outlets.performer
    if not to:
        if performer:
            raise ConfigError("no_outlet", "outlets.performer has a face to show and nowhere to: name an --outlet")
        yield
        return
    loop = asyncio.get_running_loop()
    midnight = wallclock.here()
    passed = midnight.hour * 3600 + midnight.minute * 60 + midnight.second + midnight.microsecond / 1e6 - loop.time()
    kept = tokens(config.outlets, to)
    try:
        async with cast_opened(to, name, kept, midnight=passed) as cast, performing(server, performer) as played:
            server.tells_of(lambda: [(each.tool, each.state, each.why) for each in cast.standings()])
            for each in to:
                tell(f"its face goes to {each} too")
            async with mirrored(server, cast, played):
                yield
    except BadAddress as error:
        raise ConfigError(error.code, str(error)) from error


@asynccontextmanager
async def mirrored(server: Server, cast: Cast, played: Played = lambda now: None) -> AsyncIterator[None]:
    """Feed the outlets from the newest session of `server`, and between replies with who performs."""
    mirror = Mirror(cast, played, CHANNELS)
    # From the first word on: a viewer that comes later gets nothing of what was sent before.
    server.told.append(mirror.follow)
    mirroring = asyncio.get_running_loop().create_task(_mirror(server, mirror))
    try:
        yield
    finally:
        server.told.remove(mirror.follow)
        mirroring.cancel()
        await asyncio.gather(mirroring, return_exceptions=True)


async def _mirror(server: Server, mirror: Mirror) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        session = server.newest
        mirror.follow(session if session is not None and not session.over else None)
        now = loop.time()
        mirror.show(now)
        due = max(due + EVERY, now)
        await asyncio.sleep(due - now)


def tokens(section: OutletsSection, to: Sequence[Address]) -> dict[str, Tokens]:
    """Return VTube Studio's tokens by address, as they are kept."""
    file = Path(section.tokens or TOKENS).expanduser()
    return {str(each): Tokens(_token(file, str(each)), partial(_keep, file, str(each))) for each in to}


def _token(file: Path, address: str) -> str:
    """Return the token that was kept for an address, "" without one."""
    try:
        held = json.loads(file.read_bytes()[:TOKENS_BYTES])
    except (OSError, ValueError):
        return ""
    token = held.get(address) if isinstance(held, dict) else None
    return token if isinstance(token, str) else ""


def _keep(file: Path, address: str, token: str) -> None:
    """Keep a token where only its owner reads it."""
    try:
        held = json.loads(file.read_bytes()[:TOKENS_BYTES])
    except (OSError, ValueError):
        held = {}
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".new")
    beside.touch(0o600)
    beside.write_text(json.dumps((held if isinstance(held, dict) else {}) | {address: token}), encoding="utf-8")
    beside.replace(file)
