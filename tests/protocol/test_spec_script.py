"""The first client that SPEC.md shows is run as it stands there, against a scripted companion."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import wave
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup.config import load
from testkit.scripted.engines import ScriptedDialogue, ScriptedTts, scripted_engines
from tests.pages import blocks
from tests.protocol.spec_tables import SPEC

TEXT = SPEC.read_text(encoding="utf-8")
ANSWER = "I am a script, and these are my words."


def script() -> str:
    """The one Python program in the contract."""
    (program,) = blocks(TEXT, "python")
    return program


async def run_it(folder: Path, *settings: str) -> tuple[int, str, str, ScriptedDialogue]:
    """Exit status, standard output and standard error of the program, and the dialogue that it spoke to."""
    engines = scripted_engines(replies=[ANSWER])
    assert isinstance(engines.dialogue, ScriptedDialogue)
    async with Server(load(None, {}, ["server.port=0", *settings]), Companion(engines, "Test")) as server:
        (folder / "client.py").write_text(script(), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "client.py",
            f"ws://127.0.0.1:{server.port}",
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, problems = await process.communicate()
        return process.returncode or 0, out.decode(), problems.decode(), engines.dialogue


def test_it_hears_the_whole_answer(tmp_path: Path) -> None:
    status, out, problems, dialogue = asyncio.run(run_it(tmp_path))
    assert (status, problems) == (0, "")
    assert out.split() == ANSWER.split()
    with wave.open(str(tmp_path / "reply.wav")) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 24_000)
        assert sound.readframes(sound.getnframes()) == ScriptedTts(ms_per_word=100).pcm(ANSWER)
    (request,) = dialogue.requests
    assert request.history[-1].text == "Hello, who are you?"
    assert list(dialogue.forgotten) == [request.session]


def test_it_says_why_it_was_refused(tmp_path: Path) -> None:
    status, out, problems, _ = asyncio.run(run_it(tmp_path, "auth.required=true", f"auth.secret={'s' * 32}"))
    assert (status, out) == (1, "")
    assert problems == "this server asks for a token in `hello` or the Authorization header\n"


def test_it_has_twenty_odd_lines() -> None:
    assert len([line for line in script().splitlines() if line.strip()]) <= 25


def test_every_feature_and_job_that_a_server_tells_is_explained() -> None:
    async def welcome() -> dict[str, Any]:
        config = load(None, {}, ["server.port=0"])
        async with Server(config, Companion(scripted_engines(), "Test")) as server:
            url = f"ws://127.0.0.1:{server.port}"
            async with connect(url, subprotocols=[Subprotocol("companion.v1.json")], compression=None) as socket:
                await socket.send('{"type":"hello"}')
                return dict(json.loads(await socket.recv()))

    told = asyncio.run(welcome())
    features = re.search(r"`welcome.features` has (.*?)\.\n", TEXT, re.DOTALL)
    assert features is not None
    assert set(told["features"]) <= set(re.findall(r"`(\w+)`", features[1]))
    jobs = re.search(r"what does the jobs ([^;]*);", TEXT)
    assert jobs is not None
    assert set(told["engines"]) == set(re.findall(r"`(\w+)`", jobs[1]))
