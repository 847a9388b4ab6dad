"""Servers for the browser tests, in a process of their own: `python -m tests.web.stage QUESTION.wav`.

One is open, and its companion says after the user what the user said, with the embedded voice, face and ears. The
other asks for a token and has one place. Writes the spoken question to the given file, prints one line of JSON with the
addresses, and serves until it is told to end (SIGTERM).
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
import wave
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

from bridge import load, wallclock
from bridge.auth import issue
from bridge.config import AuthSection, Config, LimitsSection, PageSection, ServerSection
from bridge.server import Server
from bridge.web.extras import Extras
from engines.api import Request
from engines.scripted import ScriptedDialogue
from engines.tts_espeak import EspeakTts
from tests.engines.speaker import RATE as VOICE_RATE
from tests.engines.speaker import said, samples

Samples: TypeAlias = NDArray[np.int16]

SECRET = "only for these tests, and long enough"
QUESTION = "what is the weather today"
RATE = 48_000
THREE = str(Path(__file__).parent / "three")


def _again(request: Request) -> str:
    return request.history[-1].text if request.history else "Hello."


async def _flite(program: str, path: Path) -> tuple[Samples, int]:
    """Another synthesizer than the companion's, where there is one: recognisers understand it better."""
    process = await asyncio.create_subprocess_exec(program, "-voice", "slt", "-t", QUESTION, "-o", str(path))
    await process.wait()
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16), file.getframerate()


async def _question(tts: EspeakTts, path: Path) -> None:
    """Half a second of a quiet room, the question, three seconds of the room."""
    if flite := shutil.which("flite"):
        raw, rate = await _flite(flite, path)
    else:
        raw, rate = np.concatenate([samples(piece) for piece in await said(tts, QUESTION)]), VOICE_RATE
    sound = soxr.resample(raw.astype(np.float32), rate, RATE)
    padded = np.concatenate([np.zeros(RATE // 2), sound, np.zeros(3 * RATE)])
    padded += np.random.default_rng(1).normal(0, 20, len(padded))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(padded.clip(-32768, 32767).astype(np.int16).tobytes())


async def serve(question: Path) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    person = load.companion(Config())
    engines = replace(person.engines, dialogue=ScriptedDialogue(_again))
    echo = replace(person, engines=engines)
    guarded = Config(
        server=ServerSection(port=0),
        auth=AuthSection(secret=SECRET, required=True),
        limits=LimitsSection(sessions=1),
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(load.started(engines))
        free = Config(server=ServerSection(port=0), page=PageSection(three=THREE))
        plain = await stack.enter_async_context(Server(free, echo))
        locked = await stack.enter_async_context(Server(guarded, echo))
        await _question(engines.tts, question)
        facts = {
            "open": f"http://127.0.0.1:{plain.port}/",
            "guarded": f"http://127.0.0.1:{locked.port}/",
            "token": issue(SECRET, "ada", ["speak"], now=wallclock.now(), lifetime=3600),
            "name": echo.name,
            "three": Extras(THREE).complete,
            "question": QUESTION,
            "wav": str(question),
        }
        print(json.dumps(facts), flush=True)
        await told.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
