"""Engines on Ray Serve: `python deploy/ray/serving.py`, with the package installed and a Ray cluster at hand.

Each job is a deployment with replicas of its own behind `/stt`, `/dialogue`, `/tts` and `/face`; a bridge reaches them
with `engines.stt = "remote_stt"` and `remote.address = "ws://HEAD:8000"`. A replica runs the very engines that a bridge
would run itself, chosen by the same configuration (COMPANION_CONFIG and the environment), and batches by itself what
it works on at once. Whoever gives up closes the WebSocket, and that cancels; a replica that is lost is asked again
elsewhere.
"""

# No `from __future__ import annotations`: FastAPI reads the endpoint's annotation in the replica.
import asyncio
import hmac
import math
import os
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from ray import serve

from bridge.command.lending import chosen
from bridge.setup.config import Config, load
from engines.remote.desk import Desk

Make: TypeAlias = Callable[[Config, Sequence[str]], dict[str, Any]]

JOBS: Final = tuple(os.environ.get("ENGINES_JOBS", "stt,dialogue,tts,face").split(","))
PLACES: Final = int(os.environ.get("ENGINES_PLACES", "16"))  # requests that a replica works on at once
LEAST: Final = int(os.environ.get("ENGINES_LEAST", "1"))  # replicas
MOST: Final = int(os.environ.get("ENGINES_MOST", "8"))
AHEAD: Final = 64  # connections that bridges have opened ahead and not used yet: Ray counts them as requests
WAIT: Final = float(os.environ.get("ENGINES_WAIT_S", "0.1"))  # seconds in line that are too long


def configuration() -> Config:
    """Load the configuration as the command does."""
    path = os.environ.get("COMPANION_CONFIG")
    return load(Path(path) if path else None, os.environ)


def by_queue_time(context: Any) -> tuple[int, dict[str, Any]]:
    """Return how many replicas there should be: more where requests wait longer than WAIT, fewer where none waits."""
    told = context.aggregated_metrics or {}
    waits = [float(value) for value in (told.get("waited_s") or {}).values()]
    longest, now = max(waits, default=0.0), context.current_num_replicas
    if longest > WAIT:
        wanted = math.ceil(now * min(2.0, longest / WAIT))
    elif context.total_num_requests < (now - 1) * PLACES / 2:
        wanted = now - 1
    else:
        wanted = now
    return max(LEAST, min(MOST, wanted)), {}


def scaled(least: int, most: int) -> dict[str, Any]:
    """Return how many replicas Ray is to run: as many as are needed, or always the same number."""
    if least == most:
        return {"num_replicas": least}
    scaling = {
        "min_replicas": least,
        "max_replicas": most,
        "policy": {"policy_function": by_queue_time},
        "upscale_delay_s": 2.0,
        "downscale_delay_s": 120.0,
    }
    return {"autoscaling_config": scaling}


def deployment(job: str, *, make: Make = chosen, least: int = LEAST, most: int = MOST, places: int = PLACES) -> Any:
    """Make the deployment of one job, whose replicas each have the engine that `make` gives."""
    door = FastAPI()

    @serve.deployment(
        name=job,
        max_ongoing_requests=4 * places + AHEAD,
        **scaled(least, most),
        graceful_shutdown_timeout_s=60.0,
        health_check_period_s=5.0,
    )
    @serve.ingress(door)
    class Replica:
        """One process with the engine of the job."""

        def __init__(self) -> None:
            config = configuration()
            self._key = f"Bearer {config.remote.api_key}" if config.remote.api_key else ""
            self._engines = make(config, (job,))
            self._desk = Desk(self._engines, places=places)
            self._started: asyncio.Task[None] | None = None

        async def _ready(self) -> None:
            if self._started is None:
                self._started = asyncio.ensure_future(self._engines[job].start())
            await asyncio.shield(self._started)

        async def check_health(self) -> None:
            """Start the engine with the first check: a replica whose engine does not start is not healthy."""
            await self._ready()

        def record_autoscaling_stats(self) -> dict[str, float]:
            """Tell how long the last request has waited, or that nobody waits."""
            turns = self._desk.turns[job]
            return {"waited_s": turns.waited if turns.waiting else 0.0}

        @door.websocket("/")
        async def take(self, socket: WebSocket) -> None:
            """Serve one request."""
            given = socket.headers.get("authorization", "")
            if self._key and not hmac.compare_digest(given.encode(), self._key.encode()):
                await socket.close(1008, "the key is wrong")
                return
            await socket.accept()
            await self._ready()
            try:
                await self._desk.serve(_incoming(socket), socket.send_bytes)
                await socket.close()
            except* (WebSocketDisconnect, RuntimeError):
                pass

    return Replica.bind()


async def _incoming(socket: WebSocket) -> AsyncIterator[bytes]:
    try:
        while True:
            yield await socket.receive_bytes()
    except WebSocketDisconnect:
        return


def run(jobs: tuple[str, ...] = JOBS) -> None:
    """Deploy every job."""
    for job in jobs:
        serve.run(deployment(job), name=job, route_prefix=f"/{job}")


if __name__ == "__main__":
    run()
    import signal

    signal.pause()
