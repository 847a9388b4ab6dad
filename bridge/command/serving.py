"""Runs the server: until a signal ends it, or as long as somebody talks to it in this terminal."""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Final, TypeVar

from bridge import wallclock
from bridge.auth import issue
from bridge.command import outlets
from bridge.command.output import tell
from bridge.errors import ConfigError
from bridge.fleet.abroad import Abroad
from bridge.fleet.front import Front, processes
from bridge.fleet.place import Places, placed
from bridge.fleet.worker import work
from bridge.server.neighbours import Alone, Neighbours
from bridge.server.server import Server
from bridge.server.tls import tls
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from bridge.setup.languages import named
from bridge.setup.listening import bound, probe, why
from bridge.version import VERSION
from engines.catalogue import table as catalogue

T = TypeVar("T")

NEW_OBJECTS: Final = 50_000  # that come before the garbage collector looks at them; 700 by default
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
        server = Server(config, companion, person=person, neighbours=_others(config))
        try:
            await stack.enter_async_context(server)
        except OSError as error:
            raise ConfigError("cannot_listen", why(config.server, error)) from error
        scheme, page = ("wss", "https") if config.server.tls_cert else ("ws", "http")
        idle = ("stt", "dialogue", "tts") if companion.engines.duplex is not None else ()
        jobs = [job for job in catalogue.JOBS if job.verb and job.name not in idle]
        chosen = {job.verb: getattr(companion.engines, job.name) for job in jobs}
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


@asynccontextmanager
async def seated(config: Config, neighbours: Neighbours) -> AsyncIterator[Server]:
    """Start the engines for a server that listens nowhere, as one of several."""
    person = casting.in_language(casting.identity(config.identity.path), config)
    companion = casting.cast(config, person, casting.engine)
    async with (
        lifecycle.started(companion.engines),
        Server(config, companion, person=person, neighbours=neighbours, listens=False) as server,
    ):
        at_rest()
        yield server


def at_rest() -> None:
    """Take what start-up made out of the garbage collector's sight: it stays, and media must not wait for it.

    Of what is made later little is in cycles, so the collector looks less often, too. For a process that does nothing
    but serve.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


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


def _others(config: Config) -> Neighbours:
    """Return the bridges of other machines, where there are any."""
    if not config.cluster.peers:
        return Alone()
    return Abroad(Places(_place(config), signing(config)), config.cluster.peers)


def _place(config: Config) -> str:
    if not config.cluster.peers:
        return "here"  # the name of the machine is nobody's business where nobody needs it
    return config.cluster.place or placed(socket.gethostname())


def signing(config: Config) -> bytes:
    """Return what the names of sessions are signed with: the same everywhere if there is a secret, else of this run."""
    secret = config.auth.secret
    return hashlib.sha256(b"places\0" + secret.encode()).digest() if secret else secrets.token_bytes(32)


async def serve_together(config: Config, given: Sequence[str]) -> None:
    """Serve with several processes until SIGINT or SIGTERM; SIGHUP puts new ones in their place.

    `given` is the command line, by which each is started.
    """
    stop, again = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number, event in ((signal.SIGINT, stop), (signal.SIGTERM, stop), (signal.SIGHUP, again)):
        loop.add_signal_handler(number, event.set)
    tls(config.server)
    person = casting.identity(config.identity.path)
    try:
        listener = bound(config.server)
    except OSError as error:
        raise ConfigError("cannot_listen", why(config.server, error)) from error

    def command(end: int) -> list[str]:
        return [sys.executable, "-m", "bridge", *given, "--seat", str(end)]

    count = config.server.workers
    front = Front(
        listener,
        count,
        processes(command),
        place=_place(config),
        secret=signing(config),
        drain_s=config.server.drain_s,
    )
    async with front:
        scheme = "wss" if config.server.tls_cert else "ws"
        tell(f"Companion Bridge {VERSION}: {person.name} is at {scheme}://{config.server.host}:{front.port}")
        tell(f"{count} workers; a new configuration or version: kill -HUP {os.getpid()}")
        async with asyncio.TaskGroup() as group:
            replacing = group.create_task(_replace(front, again))
            await stop.wait()
            replacing.cancel()


async def _replace(front: Front, again: asyncio.Event) -> None:
    while True:
        await again.wait()
        again.clear()
        tell("workers are replaced")
        tell("all workers are new" if await front.replace() else "not all workers could be replaced; see the log")


async def sit(config: Config, end: int) -> None:
    """Be one of several processes that serve together; `end` is the file descriptor of its way to the front."""
    await work(end, config.cluster.peers, partial(seated, config))


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
