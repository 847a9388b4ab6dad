"""The clients of game engines talk with the real bridge: speech, face, tools, barge-in, a cut line, a restart."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from bridge.auth import issue
from testkit.player import Player
from tests.clients.conftest import Playing
from tests.unity.stage import QUESTION, SAGA, SECRET, STORY

DEVICE_RATE = 44_100
ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(bridge: tuple[int, int]) -> str:
    return f"ws://127.0.0.1:{bridge[0]}"


@pytest.fixture(scope="session")
def question(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spoken question as a microphone delivers it, with silence around it."""
    from engines.voices.espeak.engine import EspeakTts
    from tests.engines.voices.speaker import RATE, said, samples

    async def speak() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        tts = EspeakTts()
        await tts.start()
        try:
            return np.concatenate([samples(piece) for piece in await said(tts, "What is the weather today?")])
        finally:
            await tts.close()

    import asyncio

    sound = soxr.resample(asyncio.run(speak()).astype(np.float32), RATE, DEVICE_RATE)
    padded = np.concatenate([np.zeros(DEVICE_RATE // 4), sound, np.zeros(2 * DEVICE_RATE)])
    padded += np.random.default_rng(1).normal(0, 15, len(padded))
    path = tmp_path_factory.mktemp("question") / "question.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, DEVICE_RATE, 0, "NONE", ""))
        file.writeframes(padded.clip(-32768, 32767).astype("<i2").tobytes())
    return path


def test_words_become_voice_and_face(playing: Playing, url: str) -> None:
    with playing(url) as player:
        assert player.expect("welcome")["profile"] == "arkit52"
        player.tell("say Good morning, my friend.")
        turn = player.expect("began")["turn"]
        ended = player.expect("ended", turn=turn)
        level = player.ask("level", "level")
        words = [event["text"] for event in player.events if event["event"] == "word"]
        said = player.ask("subtitles", "subtitles")["said"]
    assert words == ["Good", "morning,", "my", "friend."]
    assert not ended["cut"]
    assert level["peak"] > 0.1
    assert level["jaw"] > 0.1
    assert level["rtt"] is not None
    assert said == "user:Good morning, my friend.|companion:Good morning, my friend."


def test_speech_is_heard_and_answered(playing: Playing, url: str, question: Path) -> None:
    with playing(url) as player:
        player.expect("welcome")
        player.tell("listen Open")
        player.tell(f"hear {question}")
        player.expect("state", state="Listening")
        assert player.expect("transcript", final=True)["text"] == QUESTION
        player.expect("began")
        player.expect("ended", cut=False)


def test_push_to_talk_needs_no_silence(playing: Playing, url: str, question: Path) -> None:
    with playing(url) as player:
        player.expect("welcome")
        player.tell("listen PushToTalk")
        player.tell("talk on")
        player.tell(f"hear {question}")
        player.expect("state", state="Listening")
        player.expect("heard_all")
        player.tell("talk off")
        assert player.expect("transcript", final=True)["text"] == QUESTION
        player.expect("ended", cut=False)


def test_a_tool_is_called_and_its_answer_spoken(playing: Playing, url: str) -> None:
    with playing(url) as player:
        player.expect("welcome")
        player.tell("tool The north door stands open.")
        player.tell("say Please open the door.")
        assert player.expect("tool")["arguments"] == '{"door":"north"}'
        player.expect("ended", cut=False)
        assert "The north door stands open." in player.ask("subtitles", "subtitles")["said"]


def test_typing_over_a_reply_cuts_it(playing: Playing, url: str) -> None:
    with playing(url) as player:
        player.expect("welcome")
        player.tell("say Tell me a saga.")
        player.expect("word", text="comet")
        player.tell("say Thank you.")
        assert player.expect("ended", turn=1)["cut"]
        assert not player.expect("ended", turn=2)["cut"]
        said = player.ask("subtitles", "subtitles")["said"].split("|")
    assert SAGA.startswith(said[1].removeprefix("companion:"))
    assert len(said[1]) < len(SAGA), "only what was heard"


def test_speaking_over_a_reply_cuts_it(playing: Playing, url: str, question: Path) -> None:
    with playing(url) as player:
        player.expect("welcome")
        player.tell("listen Open")
        player.tell("say Tell me a saga.")
        player.expect("word", text="comet")
        player.tell(f"hear {question}")
        assert player.expect("ended", turn=1)["cut"]
        assert player.expect("transcript", final=True)["text"] == QUESTION
        assert not player.expect("ended", turn=2)["cut"]
        said = player.ask("subtitles", "subtitles")["said"].split("|")
        words = [event["text"] for event in player.events if event["event"] == "word" and event["turn"] == 1]
    heard = said[1].removeprefix("companion:")
    assert SAGA.startswith(heard)
    assert len(heard) < len(SAGA)
    assert len(words) < len(SAGA.split())


def test_a_line_cut_in_mid_word_is_mended_and_nothing_is_lost(playing: Playing, url: str) -> None:
    with playing(url, "--record") as player:
        session = player.expect("welcome")["session"]
        player.tell("say Tell me a story.")
        for word in ("comet", "passed"):
            player.expect("word", text=word)
            player.tell("sever")
            again = player.expect("welcome")
            assert again["resumed"]
            assert again["session"] == session
        ended = player.expect("ended", turn=1)
        said = player.ask("subtitles", "subtitles")["said"]
        words = [event["gap"] + event["text"] for event in player.events if event["event"] == "word"]
    assert not ended["cut"]
    assert "".join(words) == STORY
    assert said.endswith(STORY)


def test_a_wrong_token_is_a_sentence_and_a_right_one_a_conversation(playing: Playing, bridge: tuple[int, int]) -> None:
    guarded = f"ws://127.0.0.1:{bridge[1]}"
    with playing(guarded, "--token=nonsense") as player:
        over = player.expect("status", status="Over")
        assert over["code"] == "unauthorized"
        assert over["message"]
    token = issue(SECRET, "ada", ["speak"], now=time.time(), lifetime=600)
    with playing(guarded, f"--token={token}") as player:
        player.expect("welcome")
        player.tell("say Hello.")
        player.expect("ended", cut=False)


def test_what_is_remembered_is_told_forgotten_and_carried(playing: Playing, bridge: tuple[int, int]) -> None:
    token = issue(SECRET, uuid.uuid4().hex, ["speak"], now=time.time(), lifetime=600)

    def asked(player: Player, op: str) -> dict[str, Any]:
        player.tell(f"memory {op}")
        assert player.expect("asked")["taken"]
        return player.expect("memory", op=op.partition(" ")[0])

    with playing(f"ws://127.0.0.1:{bridge[1]}", f"--token={token}") as player:
        player.expect("welcome")
        assert not asked(player, "Tell")["on"], "nobody was asked yet"
        assert asked(player, "Agree")["on"]
        player.tell("say My name is Ada.")
        player.expect("ended", cut=False)
        told = asked(player, "Tell")
        number, kind, text = told["facts"].split("|")[0].split(":", 2)
        assert kind == "name"
        assert "Ada" in text
        assert asked(player, "Export")["blob"] > 0
        assert asked(player, f"Forget {number}")["count"] == 1
        assert asked(player, "Tell")["facts"] == ""
        assert asked(player, "Import")["count"] == 1
        assert "Ada" in asked(player, "Tell")["facts"]
        assert asked(player, "Erase")["count"] == 1
        assert not asked(player, "Refuse")["on"]


def test_nobody_there_is_a_sentence(playing: Playing) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with playing(f"ws://127.0.0.1:{port}", "--once") as player:
        over = player.expect("status", status="Over")
        assert over["code"] == "unreachable"


def test_a_server_that_restarts_is_found_again(playing: Playing) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"ws://127.0.0.1:{port}"
    with _server(port) as server, playing(url) as player:
        first = player.expect("welcome")["session"]
        server.terminate()
        server.wait(60)
        player.expect("status", status="Waiting", code="going_away")
        with _server(port):
            assert player.expect("welcome")["session"] != first
            player.tell("say Are you back?")
            player.expect("ended", cut=False)


@contextmanager
def _server(port: int) -> Iterator[subprocess.Popen[str]]:
    """A bridge at this port."""
    command = [sys.executable, "-m", "tests.unity.stage", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline().strip(), "the bridge did not start"
            yield process
        finally:
            process.terminate()
            process.wait(60)
