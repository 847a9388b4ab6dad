"""Scripted engines lent at an address, for whoever needs an engine that is elsewhere."""

from __future__ import annotations

import asyncio
import threading
from functools import cache
from typing import Any

from engines.face.engine import ArticulationFace
from engines.hearing.apart.timbre import TimbreDiarizer
from engines.remote.desk import Desk
from engines.remote.serving import serving
from testkit.scripted.engines import ScriptedDialogue, ScriptedStt, ScriptedTts

KEY = "key"


def always() -> dict[str, Any]:
    """What an engine needs to be told to be one of those that are lent until the tests are over."""
    return {"address": _address(), "api_key": KEY}


@cache
def _address() -> str:
    found: list[str] = []
    ready = threading.Event()

    async def serve() -> None:
        engines: dict[str, Any] = {
            "stt": ScriptedStt(),
            "dialogue": ScriptedDialogue(),
            "tts": ScriptedTts(),
            "face": ArticulationFace(),
            "diarizer": TimbreDiarizer(),
        }
        await engines["diarizer"].start()
        desk = Desk(engines)
        async with serving(desk, "127.0.0.1", 0, KEY) as (server, _):
            found.append(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            ready.set()
            await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(serve()), name="lent engines", daemon=True).start()
    assert ready.wait(60)
    return found[0]
