"""What the tests of `companion talk` share: running it against a scripted server, without a sound card."""

from __future__ import annotations

import argparse
import io
import json
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from talk import plot, terminal
from talk.microphone import NoAudio
from tests.talk.clock import run
from tests.talk.fake import Fake


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    terminal.add_arguments(parser)
    return parser.parse_args(words)


def hold(
    fake: Fake, *words: str, lines: Callable[[], AsyncIterator[str]] | None = None, out: io.StringIO | None = None
) -> tuple[int, list[str]]:
    """Run the command against `fake`; its exit code and the lines it printed."""
    out = out or io.StringIO()

    async def main() -> int:
        async with fake.serving():
            typed = lines() if lines else None
            return await terminal.talk(options("--url", fake.url, *words), out=out, lines=typed)

    return run(main()), out.getvalue().splitlines()


def saved(directory: Path) -> tuple[bytes, dict[str, Any], dict[str, Any]]:
    with wave.open(str(directory / "reply.wav")) as file:
        pcm = file.readframes(file.getnframes())
    face_json = json.loads((directory / "face.json").read_text(encoding="utf-8"))
    return pcm, face_json, json.loads((directory / "transcript.json").read_text(encoding="utf-8"))


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sound card, no picture, no style."""

    def silent(*_: Any) -> Any:
        raise NoAudio("this machine has no sound")

    monkeypatch.setattr(plot, "draw", lambda path, **_: None)
    monkeypatch.setattr(terminal, "Speaker", silent)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("COMPANION_TOKEN", raising=False)
