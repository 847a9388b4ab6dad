"""The server under measurement, in a process of its own: the product with the models of the bench.

Prints "ready PORT", serves until SIGTERM, then prints one JSON object: how late the event loop was, what each stage of
the models did, and how much memory the device gave.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import sys
from typing import Any

from bench.stats import summarize
from bridge.server.server import Server
from bridge.setup import casting, lifecycle
from bridge.setup.config import load as load_config
from bridge.work import distinct
from engines.measures.work import Measured

BEAT_S = 0.005


async def heartbeat(late_ms: list[float]) -> None:
    """Note how much later than asked for each timer of the event loop is."""
    loop = asyncio.get_running_loop()
    due = loop.time() + BEAT_S
    while True:
        await asyncio.sleep(due - loop.time())
        now = loop.time()
        late_ms.append((now - due) * 1000)
        due = max(due + BEAT_S, now)


async def serve(settings: list[str]) -> dict[str, Any]:
    """Serve, and return what was measured."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    config = load_config(None, os.environ, ["server.port=0", *settings])
    companion = casting.companion(config)
    late_ms: list[float] = []
    async with lifecycle.started(companion.engines), Server(config, companion) as server:
        beat = asyncio.create_task(heartbeat(late_ms))
        print("ready", server.port, flush=True)
        await told.wait()
        beat.cancel()
        engines: tuple[object, ...] = (companion.engines.stt, companion.engines.dialogue, companion.engines.tts)
        works = distinct(work for engine in engines if isinstance(engine, Measured) for work in engine.work())
        return {
            "stall_ms": dataclasses.asdict(summarize(late_ms)),
            "work": [dataclasses.asdict(work) for work in works],
            "memory_mb": device_memory(),
            "turn_seconds": stages(server.metrics.text().decode()),
        }


def device_memory() -> float:
    """Return what is taken of the device, MiB; 0 on a CPU.

    All of it, since CTranslate2 allocates beside torch; neither gives back what it once had while models are loaded.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return 0.0
    free, total = torch.cuda.mem_get_info()
    return float(total - free) / 2**20


def stages(text: str) -> dict[str, float]:
    """Return the mean of each stage of a reply, milliseconds, from the server's own metrics."""
    sums, counts = dict[str, float](), dict[str, float]()
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        stage = name.partition('stage="')[2].partition('"')[0]
        if name.startswith("companion_turn_seconds_sum"):
            sums[stage] = float(value)
        elif name.startswith("companion_turn_seconds_count"):
            counts[stage] = float(value)
    return {stage: sums[stage] / counts[stage] * 1000 for stage in sums if counts.get(stage)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(serve(sys.argv[1:]))), flush=True)
