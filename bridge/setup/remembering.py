"""Makes the memory of a server from its configuration, and gives each session its own part of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from bridge import wallclock
from bridge.errors import ConfigError
from bridge.memory.keeper import HOME, Memory, MemoryAway, Terms
from bridge.memory.meaning import Meaning
from bridge.memory.session import Remembered
from bridge.memory.store import Owner
from bridge.setup.config import Config
from engines.memory.embedders import Addressed, Local


def memory(config: Config, *, now: Callable[[], float] = wallclock.now, home: Path = HOME) -> Memory | None:
    """Make the memory that the configuration describes, not opened; None where nobody is to be remembered."""
    section = config.memory
    if section.keep == "never":
        return None
    if section.scrub:
        try:
            import engines.personal.scrub  # noqa: F401 - only whether it can be
        except ImportError as error:
            sentence = f"memory.scrub needs the package {error.name!r}: pip install 'companion-bridge[privacy]'"
            raise ConfigError("missing_package", sentence) from error
    terms = Terms(
        given=section.keep == "always",
        tokens=section.tokens,
        days=section.days,
        scrub=section.scrub,
        model=section.model,
    )
    return Memory(section.store, terms, now=now, home=home, secret=config.auth.secret, meaning=meaning(config))


def meaning(config: Config) -> Meaning | None:
    """Make what finds what other words told, nothing loaded yet; None where recall goes by words alone."""
    given = config.embeddings
    if given.base_url:
        return Meaning(Addressed(given.base_url, given.model, api_key=given.api_key), wait_s=given.wait_s)
    if not given.model:
        return None
    folder = Path(given.model).expanduser()
    if not (folder / "config.json").is_file():
        raise ConfigError("bad_config", f"embeddings.model is no folder of a model: {folder} has no config.json")
    return Meaning(Local(folder), wait_s=given.wait_s)


async def remembered(
    kept: Memory | None, user: str, identity: str, wish: Literal["", "on", "off"]
) -> Remembered | None:
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
