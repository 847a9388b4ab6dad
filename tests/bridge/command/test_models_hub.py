"""Fetching models by the hub's own library from a hub on this machine."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from bridge.command import cli
from bridge.setup.models.cache import find
from bridge.setup.models.needs import need
from tests.hub import Hub, serving

pytestmark = pytest.mark.skipif(find_spec("huggingface_hub") is None, reason="needs companion-bridge[models]")

BIG = random.Random(1).randbytes(300_000)
WHISPER = {
    "config.json": b"{}",
    "model.bin": BIG,
    "tokenizer.json": b'{"version": "1.0"}',
    "vocabulary.json": b"[]",
    "README.md": b"nobody asks for this",
}
PIPER = {
    "en/en_US/lessac/medium/en_US-lessac-medium.onnx": BIG[:50_000],
    "en/en_US/lessac/medium/en_US-lessac-medium.onnx.json": b"{}",
    "en/en_US/amy/low/en_US-amy-low.onnx": BIG[:60_000],
    "en/en_US/amy/low/en_US-amy-low.onnx.json": b'{"voice": "amy"}',
}
REPOSITORIES = {"Systran/faster-whisper-tiny": WHISPER, "rhasspy/piper-voices": PIPER, "shy/model": WHISPER}


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs `companion models` with a cache of its own against a hub."""

    hub: Hub
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """The exit status and all that was said."""
        status = cli.main(["models", *arguments])
        said = self.capsys.readouterr()
        return status, said.out + said.err

    def fetched(self) -> Sequence[str]:
        """What was asked for with a body, and from which byte on."""
        return [f"{path.rpartition('/')[2]} {part}".strip() for method, path, part in self.hub.asked if method == "GET"]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    from huggingface_hub import constants

    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 16_384)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    with serving(Hub(REPOSITORIES, gated=frozenset({"shy/gated"}))) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield Shell(hub, capsys)


def test_a_model_comes_is_whole_and_goes(shell: Shell) -> None:
    assert shell("list", "whisper:tiny")[0] == 1
    status, said = shell("pull", "whisper:tiny")
    commit = shell.hub.commit("Systran/faster-whisper-tiny")
    assert (status, commit in said) == (0, True)
    assert not any(line.startswith("README") for line in shell.fetched())
    found = find(need("whisper", "tiny"))
    assert (found.state, found.commit) == ("here", commit)
    assert found.folder is not None
    assert (found.folder / "model.bin").read_bytes() == BIG

    status, said = shell("list", "whisper:tiny", "whisper:small")
    assert status == 1
    assert f"here        whisper:tiny   300 kB  Systran/faster-whisper-tiny at {commit[:12]}" in said
    assert "companion models pull whisper:small" in said

    status, said = shell("check", "whisper:tiny")
    assert (status, "every file has the hub's hash" in said) == (0, True)
    blob = (found.folder / "model.bin").resolve()
    blob.write_bytes(BIG[:-1] + b"\0")
    status, said = shell("check", "whisper:tiny")
    assert (status, "model.bin damaged" in said) == (1, True)
    assert shell("pull", "whisper:tiny")[0] == 1  # finds it, and throws it away
    assert shell("pull", "whisper:tiny")[0] == 0
    assert blob.read_bytes() == BIG

    status, said = shell("remove", "whisper:tiny")
    assert (status, "300 kB are free" in said) == (0, True)
    assert find(need("whisper", "tiny")).state == "missing"


def test_a_connection_that_breaks_off_goes_on_at_the_byte(shell: Shell) -> None:
    shell.hub.cut["model.bin"] = 100_000
    assert shell("pull", "whisper:tiny")[0] == 0
    first, second = [line for line in shell.fetched() if line.startswith("model.bin")]
    assert first == "model.bin"
    start = int(second.removeprefix("model.bin bytes=").removesuffix("-"))
    assert 50_000 < start <= 100_000
    assert shell("check", "whisper:tiny")[0] == 0


def test_a_pull_that_failed_goes_on_with_the_files_that_are_missing(shell: Shell) -> None:
    shell.hub.cut["model.bin"] = 100_000
    shell.hub.down = True
    status, said = shell("pull", "whisper:tiny")
    assert (status, "pull again" in said) == (1, True)
    found = find(need("whisper", "tiny"))
    assert found.state != "here"
    kept = {path.name for path in found.folder.iterdir()} if found.folder else set()
    shell.hub.down = False
    shell.hub.asked.clear()
    assert shell("pull", "whisper:tiny")[0] == 0
    assert find(need("whisper", "tiny")).state == "here"
    assert "model.bin" in shell.fetched()
    assert kept.isdisjoint(shell.fetched())


def test_what_comes_damaged_is_not_kept(shell: Shell) -> None:
    shell.hub.damaged.add("model.bin")
    status, said = shell("pull", "whisper:tiny")
    assert (status, "damaged (model.bin)" in said) == (1, True)
    assert find(need("whisper", "tiny")).state == "incomplete"
    status, said = shell("list", "whisper:tiny")
    assert (status, "model.bin missing" in said) == (1, True)
    shell.hub.damaged.clear()
    assert shell("pull", "whisper:tiny")[0] == 0


def test_a_voice_of_many_in_one_repository_is_fetched_and_removed_alone(shell: Shell) -> None:
    assert shell("pull", "piper:en_US-lessac-medium", "piper:en_US-amy-low@main")[0] == 0
    lessac, amy = need("piper", "en_US-lessac-medium"), need("piper", "en_US-amy-low")
    assert find(lessac).size == 50_002
    assert shell("remove", "piper:en_US-lessac-medium")[0] == 0
    assert find(lessac).state == "incomplete"
    assert find(amy).state == "here"
    assert shell("check", "piper:en_US-amy-low")[0] == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("whisper:shy/gated", "terms accepted"),
        ("whisper:shy/nobody", "the hub has no model shy/nobody"),
        ("whisper:tiny@v9", "no revision 'v9'"),
        ("whisper:enormous", "whisper.model is 'enormous'"),
        ("speech:tiny", "no engine called 'speech'"),
        ("whisper", "engine:model"),
    ],
)
def test_what_cannot_be_fetched_is_said_in_a_sentence(shell: Shell, name: str, told: str) -> None:
    status, said = shell("pull", name)
    assert status == 1
    assert told in said
    assert said.count("companion:") == 1


def test_without_a_hub_nothing_is_fetched(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    status, said = shell("pull", "whisper:tiny")
    assert (status, "could not be fetched" in said) == (1, True)
