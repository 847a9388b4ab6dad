"""Starts the engines of a companion side by side, and closes them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from engines.api import EngineError
from engines.jobs import Engine, Engines

log = logging.getLogger("bridge.setup.lifecycle")


@asynccontextmanager
async def started(engines: Engines) -> AsyncIterator[None]:
    """Start all engines side by side; close them at the end, whatever happens. Raises the first EngineError."""
    every = engines.all()
    try:
        await begin(every, engines)
        yield
    finally:
        await end(every)


async def begin(some: Sequence[Engine], engines: Engines) -> None:
    """Start some of the engines side by side. Raises the first EngineError; those that have started stay so."""
    await asyncio.gather(*(_begin(engine, engines) for engine in some))


async def end(some: Sequence[Engine]) -> None:
    """Close engines, whatever happens."""
    await asyncio.gather(*(engine.close() for engine in some), return_exceptions=True)


async def _begin(engine: Engine, engines: Engines) -> None:
    """Start one engine; a dialogue that is away for now may be, if an understudy can speak in its stead.

    A duplex model may be too: every conversation calls it until it is there.
    """
    try:
        await engine.start()
    except EngineError as error:
        spared = engine is engines.duplex or (engine is engines.dialogue and engines.understudy is not None)
        if not spared or not error.retryable:
            raise
        log.warning("the language model is away", extra={"code": error.code, "reason": error.message})
