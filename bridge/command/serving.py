"""Runs the server: until a signal ends it, or as long as somebody talks to it in this terminal."""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, TypeVar

from bridge import wallclock
from bridge.auth import issue
from bridge.command import outlets
from bridge.command.output import tell
from bridge.errors import ConfigError
from bridge.server.server import Server
from bridge.server.tls import tls
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from bridge.setup.languages import named
from bridge.setup.listening import probe, why
from bridge.version import VERSION
from engines import catalogue

T = TypeVar("T")

DAY: Final = 24 * 3600.0  # seconds that the terminal's own token is valid


def loop(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on uvloop where it is installed, else on asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Server]:
    """Start the engines and listen; say on standard output who is where.

    What makes it impossible to listen is found before the engines take their time: ConfigError says what to do.
    """
    try:
        probe(config.server)
    except OSError as error:
        raise ConfigError("cannot_listen", why(config.server, error)) from error
    tls(config.server)
    to = outlets.addresses(config.outlets)
    person = casting.in_language(casting.identity(config.identity.path), config)
    companion = casting.cast(config, person, casting.engine)
    async with lifecycle.started(companion.engines), AsyncExitStack() as stack:
        server = Server(config, companion, person=person)
        try:
            await stack.enter_async_context(server)
        except OSError as error:
            raise ConfigError("cannot_listen", why(config.server, error)) from error
        scheme, page = ("wss", "https") if config.server.tls_cert else ("ws", "http")
        chosen = {job.verb: getattr(companion.engines, job.name) for job in catalogue.JOBS if job.verb}
        how = ", ".join(f"{verb} {engine.name}" for verb, engine in chosen.items() if engine)
        tell(f"Companion Bridge {VERSION}: {companion.name} is at {scheme}://{config.server.host}:{server.port}")
        tell(
            f"talk to {companion.name} in a browser: {config.page.address or f'{page}://{config.server.host}:{server.port}/'}"
        )
        tell(how)
        for gap in casting.lacking(config, person):
            tell(f"{catalogue.job(gap.job).duty} for {named(companion.language)}: {gap.mend}")
        await stack.enter_async_context(outlets.shown(config, server, companion.name, to))
        at_rest()
        yield server


def at_rest() -> None:
    """Take what start-up made out of the garbage collector's sight: it stays, and media must not wait for it.

    For a process that does nothing but serve.
    """
    gc.collect()
    gc.freeze()


async def serve(config: Config, invitation: str = "") -> None:
    """Serve until SIGINT or SIGTERM, then let running replies be heard; `invitation` is said when all is ready."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
            break
    async with opened(config) as server:
        if server.notice:
            tell(server.notice)
        if invitation:
            tell(invitation)
        await stop.wait()
        await server.drain()


async def converse(config: Config) -> int:
    """Serve, and talk to the companion in this terminal; the status of the conversation."""
    from talk import terminal  # it needs numpy, which a server alone may do without

    async with opened(config) as server:
        scheme = "wss" if config.server.tls_cert else "ws"
        url = f"{scheme}://{config.server.host}:{server.port}"
        parser = argparse.ArgumentParser()
        terminal.add_arguments(parser)
        arguments = ["--url", url]
        if config.token_required:
            user = issue(config.auth.secret, "run", ["speak"], now=wallclock.now(), lifetime=DAY)
            arguments += ["--token", user]
        return await terminal.talk(parser.parse_args(arguments))
