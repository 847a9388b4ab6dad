"""Servers for the browser tests, in a process of their own: `python -m tests.web.stage QUESTION.wav`.

One is open, and its companion says after the user what the user said, with the embedded voice, face and ears. Another
asks for a token and has one place. A third has a Chinese card of SillyTavern's layout for its companion. Writes the
spoken question to the given file, prints one line of JSON with the addresses, and serves until it is told to end
(SIGTERM).
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
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soxr
from numpy.typing import NDArray

from bridge import wallclock
from bridge.auth import issue
from bridge.server.server import Server
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from bridge.setup.sections import (
    AuthSection,
    EnginesSection,
    IdentitySection,
    LimitsSection,
    MemorySection,
    OpenaiSection,
    PageSection,
    ServerSection,
)
from bridge.web.extras import MODEL, SIGHT, Extras
from engines.api import Request
from engines.jobs import Tts
from testkit.real.packages import FACE_LANDMARKER, Unavailable, folder
from testkit.scripted.engines import ScriptedDialogue, ToolUse
from tests.bridge.session.test_watching import SMILES, Eyes
from tests.engines.dialogue.endpoint import Exchange, endpoint
from tests.engines.dialogue.endpoint import say as saying
from tests.engines.dialogue.wild_cards import CARDS
from tests.engines.voices.speaker import RATE as VOICE_RATE
from tests.engines.voices.speaker import said, samples
from tests.real.test_sight import MOVEMENTS, drawn

Samples: TypeAlias = NDArray[np.int16]

# As the tools stand that the first server's face goes to.
STANDINGS = (("vmc", "works", ""), ("vts", "refused", "the streamer said no"), ("obs", "away", "nobody answers"))
SECRET = "only for these tests, and long enough"
QUESTION = "what is the weather today"
RATE = 48_000
THREE = str(Path(__file__).parent / "three")


def _again(request: Request) -> str:
    return request.history[-1].text if request.history else "Hello."


async def _named(exchange: Exchange) -> None:
    await saying(f"I am {exchange.body['model'].split('-')[0]}.")(exchange)


async def _flite(program: str, path: Path) -> tuple[Samples, int]:
    """Another synthesizer than the companion's, where there is one: recognisers understand it better."""
    process = await asyncio.create_subprocess_exec(program, "-voice", "slt", "-t", QUESTION, "-o", str(path))
    await process.wait()
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16), file.getframerate()


async def _question(tts: Tts, path: Path) -> None:
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


def _looking(place: Path) -> tuple[bool, str]:
    """Put the reader's model where the page looks for it, and film a drawn head that smiles; say what there is."""
    for package in ("PIL", "numba", "scipy"):
        if find_spec(package) is None:
            return False, ""
    try:
        model = folder(FACE_LANDMARKER) / MODEL
    except Unavailable:
        return False, ""
    readers = Path(THREE) / SIGHT
    if readers.is_dir() and not (readers / MODEL).is_file():
        shutil.copyfile(model, readers / MODEL)
    film = place.with_name("face.mjpeg")
    film.write_bytes(drawn(MOVEMENTS["mouthSmileLeft"]) * 30)
    return Extras(THREE).sees, str(film)


async def serve(question: Path) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    person = casting.companion(Config())
    engines = replace(person.engines, dialogue=ScriptedDialogue(_again))
    echo = replace(person, engines=engines)
    guarded = Config(
        server=ServerSection(port=0),
        auth=AuthSection(secret=SECRET, required=True),
        limits=LimitsSection(sessions=1),
    )
    lighthouse = next(card for card in CARDS if card.name == "lighthouse")
    path = question.with_name("lighthouse.json")
    path.write_text(json.dumps(lighthouse.raw, ensure_ascii=False), encoding="utf-8")
    foreign = Config(
        server=ServerSection(port=0), identity=IdentitySection(path=str(path)), engines=EnginesSection(stt="none")
    )
    keeper = casting.companion(foreign)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(lifecycle.started(engines))
        await stack.enter_async_context(lifecycle.started(keeper.engines))
        free = Config(server=ServerSection(port=0), page=PageSection(three=THREE))
        plain = await stack.enter_async_context(Server(free, echo))
        plain.tells_of(lambda: STANDINGS)
        chinese = await stack.enter_async_context(Server(foreign, keeper))
        locked = await stack.enter_async_context(Server(guarded, echo))
        # Whoever is made goes into a folder of the test's.
        made = str(question.with_name("people"))
        place = Config(
            server=ServerSection(port=0),
            page=PageSection(three=THREE),
            identity=IdentitySection(folder=made),
            engines=EnginesSection(stt="none"),
        )
        teacher = casting.identity(place.identity.path)
        first = casting.cast(place, teacher, casting.engine)
        await stack.enter_async_context(lifecycle.started(first.engines))
        # A language model to choose: each says which it is.
        minds = await stack.enter_async_context(endpoint(_named, models=("alpha-9b", "beta-2b", "some-embedder")))
        thoughtful = Config(
            server=ServerSection(port=0),
            engines=EnginesSection(stt="none", dialogue="openai"),
            openai=OpenaiSection(base_url=minds.url),
        )
        thinker = casting.companion(thoughtful)
        await stack.enter_async_context(lifecycle.started(thinker.engines))
        several = await stack.enter_async_context(Server(thoughtful, thinker))
        people = await stack.enter_async_context(Server(place, first, person=teacher))
        # And somebody who remembers, if asked to.
        notes = MemorySection(store=str(question.with_name("memory.sqlite")))
        remembering = Config(server=ServerSection(port=0), engines=EnginesSection(stt="none"), memory=notes)
        mindful = await stack.enter_async_context(Server(remembering, first))
        await _question(engines.tts, question)
        sees, film = _looking(question)
        # Its model calls `look` when somebody says so, and tells what it was told.
        asks = ScriptedDialogue(("So that is you.",) * 9, tools=(ToolUse(0, "look"),))
        curious = replace(person, engines=replace(engines, sight=Eyes([SMILES]), dialogue=asks))
        peeping = await stack.enter_async_context(Server(free, curious))
        facts = {
            "sees": sees,
            "film": film,
            "peeping": f"http://127.0.0.1:{peeping.port}/",
            "open": f"http://127.0.0.1:{plain.port}/",
            "chinese": f"http://127.0.0.1:{chinese.port}/",
            "guarded": f"http://127.0.0.1:{locked.port}/",
            "minds": f"http://127.0.0.1:{several.port}/",
            "mindful": f"http://127.0.0.1:{mindful.port}/",
            "people": f"http://127.0.0.1:{people.port}/",
            "studio": issue(SECRET, "eve", ["studio"], now=wallclock.now(), lifetime=3600),
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
