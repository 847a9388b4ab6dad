"""Serves engines to bridges elsewhere: the same classes as in a bridge's own process, by address."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import Final

from bridge.command.output import tell
from bridge.errors import ConfigError
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from bridge.version import VERSION
from engines.jobs import Engine
from engines.remote.desk import Desk
from engines.remote.serving import serving

JOBS: Final = ("stt", "dialogue", "tts", "face", "diarizer")


def chosen(config: Config, jobs: Sequence[str]) -> dict[str, Engine]:
    """Make the engines of these jobs, not started; ConfigError for a job that nobody can lend."""
    found: dict[str, Engine] = {}
    person = casting.in_language(casting.identity(config.identity.path), config)
    for job in jobs:
        if job not in JOBS:
            raise ConfigError("bad_config", f"{job!r} cannot be lent: there are {', '.join(JOBS)}")
        if getattr(config.engines, job) == f"remote_{job}":
            raise ConfigError("bad_config", f"engines.{job} is remote_{job}: choose here what is to be lent")
        engine = casting.engine(config, job, person)
        if engine is not None:
            found[job] = engine
    return found


async def lend(config: Config, jobs: Sequence[str], places: int) -> None:
    """Serve engines until SIGINT or SIGTERM; what runs then has `server.drain_s` to finish."""
    if not config.loopback and not config.remote.api_key:
        raise ConfigError("no_secret", f"lending engines on {config.server.host} needs a key: set remote.api_key")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engines = chosen(config, jobs)
    every = list(engines.values())
    try:
        await asyncio.gather(*(engine.start() for engine in every))
        desk = Desk(engines, places=places)
        async with serving(desk, config.server.host, config.server.port, config.remote.api_key) as (server, door):
            port = server.sockets[0].getsockname()[1]
            tell(f"Companion Bridge {VERSION}: engines are at ws://{config.server.host}:{port}")
            tell(", ".join(f"{job} {engine.name}" for job, engine in engines.items()))
            await stop.wait()
            door.draining = True
            try:
                async with asyncio.timeout(config.server.drain_s):
                    await desk.quiet()
            except TimeoutError:
                pass
    finally:
        await lifecycle.end(every)
