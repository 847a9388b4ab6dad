"""A spoken conversation through the bridge with a real, tiny Whisper; and what others notice when it hangs."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.sections import ServerSection
from engines.api import MIC_RATE, EngineError, Stream
from engines.jobs import Engines
from testkit.patience import impatient
from testkit.scripted.engines import ScriptedDialogue, ScriptedFace, ScriptedTts, ScriptedVad
from tests.bridge.peers import Peer, http, peer, run
from tests.bridge.scenario import NOON
from tests.engines.makers import collect
from tests.engines.tiny.whisper import SENTENCES, folder, spoken

pytest.importorskip("faster_whisper", reason="the recogniser faster-whisper is not installed")

from engines.hearing.whisper.engine import WhisperStt

pytestmark = pytest.mark.models

FRAME = 1920  # bytes: 60 ms


@pytest.fixture(scope="module", autouse=True)
def taught() -> None:
    """The model is there before a test begins to wait for what it does."""
    folder()


def quick(stt: WhisperStt, dialogue: ScriptedDialogue) -> Engines:
    return Engines(ScriptedVad(), stt, dialogue, ScriptedTts(ms_per_word=40), ScriptedFace())


@asynccontextmanager
async def serving(stt: WhisperStt, dialogue: ScriptedDialogue) -> AsyncIterator[Server]:
    companion = Companion(quick(stt, dialogue), "Mira")
    try:
        await stt.start()
        async with Server(Config(server=ServerSection(port=0)), companion, clock=lambda: NOON) as server:
            yield server
    finally:
        await stt.close()


@asynccontextmanager
async def talking(server: Server) -> AsyncIterator[Peer]:
    async with peer(server) as client:
        client.records = True
        await client.hello(client="test", audio={"aec": True})
        yield client


class Mouth:
    """Speaks into one client's microphone."""

    def __init__(self, client: Peer) -> None:
        self._client = client
        self._pts = 0

    async def say(self, *sentences: str) -> None:
        """Speak no faster than a server listens, which is faster than life."""
        pcm = spoken(*sentences, before=0.4, after=1.2)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for at in range(0, len(pcm), FRAME):
            await asyncio.sleep(begun + at / 2 / MIC_RATE / 1.3 - loop.time())
            data = pcm[at : at + FRAME].ljust(FRAME, b"\0")
            await self._client.send("mic", pts=self._pts, data=data)
            self._pts += FRAME // 2


async def returned(stt: WhisperStt) -> None:
    """The decoding that hung has come back."""
    while True:
        try:
            await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "en"))
        except EngineError:
            await asyncio.sleep(0.01)
        else:
            return


async def at_once(pcm: bytes) -> Stream[bytes]:
    yield pcm


def tiny(**settings: float) -> WhisperStt:
    """A recogniser that has learnt a few sentences, and nothing of hints."""
    return WhisperStt(model=str(folder()), device="cpu", threads=1, hints=False, **settings)  # type: ignore[arg-type]  # floats of one kind


def echo() -> ScriptedDialogue:
    return ScriptedDialogue(lambda request: f"You said: {request.history[-1].text}")


def test_what_is_spoken_is_understood_and_answered() -> None:
    async def body() -> None:
        async with serving(tiny(partial_s=0.3), echo()) as server, talking(server) as client:
            mouth = Mouth(client)
            for sentence in SENTENCES[:2]:
                await mouth.say(sentence)
                final = await client.until("transcript", final=True)
                assert final["text"] == sentence
                end = await client.until("reply_end")
                assert end["text"] == f"You said: {sentence}"
                await client.until("state", state="idle")
            assert client.errors() == []
            _, metrics = await http(server, "GET /metrics HTTP/1.1")
            assert 'companion_work_audio_seconds_total{device="cpu/whisper",stage="whisper"}' in metrics

    run(body)


def test_when_it_hangs_one_utterance_fails_and_nobody_else_notices(caplog: pytest.LogCaptureFixture) -> None:
    async def body() -> None:
        stt, release = tiny(), threading.Event()
        async with serving(stt, echo()) as server, talking(server) as client, talking(server) as other:
            decode = stt.decoder.decode
            stt.decoder.decode = lambda windows: decode(windows) if release.wait() else []  # type: ignore[method-assign]  # a hang
            mouth = Mouth(client)
            with impatient(stt.stage):
                await mouth.say(SENTENCES[0])
                error = await client.until("error")
            assert error["code"] == "stt_failed"
            assert "does not answer" in error["message"]
            await other.send("text", text="Is anybody there?")
            assert (await other.until("reply_end"))["text"] == "You said: Is anybody there?"
            assert other.errors() == []
            _, metrics = await http(server, "GET /metrics HTTP/1.1")
            assert 'companion_engine_failures_total{code="stt_failed"} 1.0' in metrics
            assert 'companion_work_lost_total{device="cpu/whisper",kind="hung",stage="whisper"} 1.0' in metrics
            release.set()
            stt.decoder.decode = decode  # type: ignore[method-assign]  # it works again
            await returned(stt)
            await mouth.say(SENTENCES[3])
            assert (await client.until("transcript", final=True))["text"] == SENTENCES[3]

    with caplog.at_level(logging.WARNING):
        run(body)
    said = [record.getMessage() for record in caplog.records]
    assert "stage hangs" in said
    assert "engine failed" in said
