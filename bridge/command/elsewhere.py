"""Looks whether the tools that the face goes to are there: each is connected to as the server would, for a moment."""

from __future__ import annotations

import asyncio
from typing import Final

from bridge.command.finding import Finding, Verdict
from bridge.command.outlets import addresses, tokens
from bridge.errors import BridgeError
from bridge.setup.sections import OutletsSection
from outlets.cast import Cast, opened
from outlets.standing import Standing

PATIENCE: Final = 5.0  # seconds in which a tool must have answered
EVERY: Final = 0.05
TOLD: Final = {
    "works": "is there",
    "waits": "waits",
    "away": "is not there",
    "refused": "refuses",
}
# Nobody answers a datagram.
DATAGRAMS: Final = "is sent to; whether anybody takes it cannot be seen from here"


async def elsewhere(section: OutletsSection, name: str) -> list[Finding]:
    """Return how each outlet of the configuration stands; none is needed for a conversation."""
    try:
        to = addresses(section)
    except BridgeError as error:
        return [Finding("outlets", "broken", error.message)]
    if not to:
        return []
    async with opened(to, name, tokens(section, to)) as cast:
        standings = await _settled(cast)
    return [_finding(str(address), each) for address, each in zip(to, standings, strict=True)]


async def _settled(cast: Cast) -> tuple[Standing, ...]:
    """Return how they stand as soon as all work or refuse, at the latest when patience ends."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while any(each.state in ("away", "waits") for each in cast.standings()):
        if loop.time() >= until:
            break
        await asyncio.sleep(EVERY)
    return cast.standings()


def _finding(address: str, standing: Standing) -> Finding:
    verdict: Verdict = "works" if standing.state == "works" else "broken" if standing.state == "refused" else "missing"
    there = TOLD[standing.state] if standing.tool in ("vts", "obs") or verdict != "works" else DATAGRAMS
    return Finding(f"outlet: {address}", verdict, f"{there}: {standing.why}" if standing.why else there, needed=False)
