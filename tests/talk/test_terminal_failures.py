"""Everything that can go wrong with `companion talk` is one sentence and an exit code."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from protocol import messages as wire
from talk import terminal
from tests.talk.clock import run
from tests.talk.fake import Fake
from tests.talk.holding import Terminal, bare, hold, options, saved

pytestmark = pytest.mark.usefixtures("bare")
__all__ = ["bare"]


def test_silence_is_reported(tmp_path: Path) -> None:
    question = tmp_path / "nothing.wav"
    with wave.open(str(question), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(16_000))
    code, printed = hold(Fake(), "--wav", str(question))
    assert code == 1
    assert "no answer to" in printed[-1]
    assert "nothing.wav" in printed[-1]


@pytest.mark.parametrize(
    ("fake", "words", "sentence"),
    [
        (Fake(token="right"), ["--token", "wrong"], "this token is not one of ours (give a token with --token"),
        (
            Fake(refusal=(wire.Error(code="server_full", message="full", fatal=True, retry_after_s=9.0), 4020)),
            [],
            "full (try again in 9 s)",
        ),
    ],
)
def test_a_refusal_is_one_sentence(fake: Fake, words: list[str], sentence: str) -> None:
    code, printed = hold(fake, "--text", "Hello!", *words)
    assert code == 1
    assert len(printed) == 1
    assert printed[0].startswith(sentence)


def test_the_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANION_TOKEN", "right")
    assert hold(Fake(token="right"), "--text", "Hello!")[0] == 0


def test_a_broken_engine_is_shown_and_the_next_line_still_said() -> None:
    fake = Fake(fail="tts_failed")
    code, printed = hold(fake, "--text", "one", "--text", "two")
    assert code == 0
    assert printed == ["you: one", "the voice is broken (tts_failed)", "you: two", "the voice is broken (tts_failed)"]


def test_nobody_serves() -> None:
    out = io.StringIO()
    code = run(terminal.talk(options("--url", "ws://127.0.0.1:9", "--text", "x"), out=out))
    assert code == 1
    assert out.getvalue() == "nothing answers at ws://127.0.0.1:9: start it with `companion serve`\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--url", "ftp://localhost"], "ftp://localhost: expected a WebSocket address"),
        (["ws://"], "ws://: expected a WebSocket address"),
        (["one two"], "one two: expected a WebSocket address"),
        (["localhost:x"], "localhost:x: expected a WebSocket address"),
        (["localhost", "--url", "ws://localhost"], "give the address once"),
        (["--text", "x", "--mic"], "--text, --wav and --mic exclude each other"),
        (["--ptt"], "--ptt goes with --mic or --wav"),
        (["--face", "arkit52/fast"], "--face arkit52/fast: expected"),
        (["--face", "/60"], "--face /60: expected"),
        (["--wav", "/nowhere/x.wav"], "cannot read /nowhere/x.wav: No such file"),
    ],
)
def test_bad_usage_is_told_before_anything_is_opened(words: list[str], sentence: str) -> None:
    out = io.StringIO()
    assert run(terminal.talk(options(*words), out=out)) == 2
    assert out.getvalue().startswith(sentence)


def test_a_microphone_that_is_not_there_is_one_sentence() -> None:
    code, printed = hold(Fake(), "--mic")
    assert (code, printed) == (1, ["this machine has no sound"])


def test_a_companion_that_cannot_hear_says_so_before_anybody_speaks() -> None:
    fake = Fake(features=("text",))
    assert hold(fake, "--mic") == (1, ["Ada cannot hear: the server has no speech recognition; type instead"])
    assert not fake.of(wire.Mic)


def test_a_server_that_does_not_pace_is_left_with_a_sentence() -> None:
    near, far = (
        msgspec.msgpack.encode(wire.Media(turn=1, seq=n, pts=at, pcm=b"\0\0")) for n, at in ((1, 0), (2, 2**40))
    )
    code, printed = hold(Fake(extra=[near, far], answer=""), "--text", "Hello!")
    assert code == 1
    assert "more than 300 s ahead" in printed[-1]


def test_ctrl_c_keeps_the_recording_and_says_goodbye(tmp_path: Path) -> None:
    async def lines() -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""

    async def main() -> None:
        async with fake.serving():
            words = ["--url", fake.url, "--record", str(tmp_path)]
            talking = asyncio.ensure_future(terminal.talk(options(*words), out=Terminal(), lines=lines()))
            await asyncio.sleep(0.6)
            talking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await talking

    fake = Fake()
    run(main())
    assert fake.of(wire.Bye)
    assert 0.4 < len(saved(tmp_path)[0]) / 48_000 < 0.8


def test_without_a_clean_folder_the_recording_fails_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, printed = hold(Fake(samples=2400), "--text", "Hello!", "--record", str(tmp_path / "file"))
    assert code == 1
    assert "file" in printed[-1]


@pytest.mark.parametrize(
    ("place", "meant"),
    [
        ("ws://example.org:9000/x?y=1", "ws://example.org:9000/x?y=1"),
        ("wss://example.org", "wss://example.org"),
        ("https://example.org/", "wss://example.org/"),
        ("http://127.0.0.1:8765", "ws://127.0.0.1:8765"),
        ("example.org:9000", "ws://example.org:9000"),
        ("example.org", "ws://example.org:8765"),
        ("127.0.0.1", "ws://127.0.0.1:8765"),
        ("[::1]:9000", "ws://[::1]:9000"),
        (":9000", "ws://127.0.0.1:9000"),
        ("", "ws://127.0.0.1:8765"),
    ],
)
def test_an_address_is_written_as_people_do(place: str, meant: str) -> None:
    assert terminal.address(place) == meant
    assert terminal.address("", place) == meant


def test_the_address_may_be_the_first_word() -> None:
    out = io.StringIO()
    assert run(terminal.talk(options("127.0.0.1:9", "--text", "x"), out=out)) == 1
    assert out.getvalue() == "nothing answers at ws://127.0.0.1:9: start it with `companion serve`\n"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp850", "utf-8"])
def test_a_terminal_that_lacks_letters_shows_marks(encoding: str) -> None:
    """In a process of its own, as its output is the system's."""
    program = (
        "import sys; from talk.terminal import encodable; out = encodable(sys.stdout); out.write('灯塔 größe 😀\\n')"
    )
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment, check=True)
    assert done.stdout.decode(encoding).strip() == "灯塔 größe 😀".encode(encoding, "replace").decode(encoding)


class Gone(io.StringIO):
    """A pipe whose reader has left."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_reader_that_leaves_ends_the_conversation() -> None:
    with pytest.raises(BrokenPipeError):
        hold(Fake(), "--text", "Hello!", out=Gone())


def test_a_reader_that_leaves_is_no_traceback() -> None:
    program = "import sys; from talk import terminal; sys.exit(terminal.run(terminal.parse(sys.argv[1:])))"
    shell = f"'{sys.executable}' -c \"{program}\" :9 --text x; echo status $? >&2"
    done = subprocess.run(["bash", "-c", f"({shell}) | true"], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    assert "status" in done.stderr
