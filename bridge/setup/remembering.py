"""Makes the memory of a server from its configuration, and gives each session its own part of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridge import wallclock
from bridge.memory.keeper import HOME, Memory, MemoryAway, Terms
from bridge.memory.session import Remembered
from bridge.memory.store import Owner
from bridge.setup.config import Config
from protocol import messages as m


def memory(config: Config, *, now: Callable[[], float] = wallclock.now, home: Path = HOME) -> Memory | None:
    """Make the memory that the configuration describes, not opened; None where nobody is to be remembered."""
    section = config.memory
    if section.keep == "never":
        return None
    terms = Terms(
        given=section.keep == "always",
        tokens=section.tokens,
        days=section.days,
        scrub=section.scrub,
        model=section.model,
    )
    return Memory(section.store, terms, now=now, home=home, secret=config.auth.secret)


async def remembered(kept: Memory | None, user: str, identity: str, wish: m.Wish) -> Remembered | None:
    """Return what a session of `user` with `identity` is given; `wish` is what the user says to being remembered."""
    if kept is None:
        return None
    owner = Owner(user, identity)
    agreed = False
    try:
        if wish:
            await kept.agree(owner, wish == "on")
            agreed = wish == "on"
        else:
            agreed = await kept.standing(owner)
    except MemoryAway:
        agreed = False
    return Remembered(kept, owner, agreed)
