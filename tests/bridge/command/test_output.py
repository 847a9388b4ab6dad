"""The program lives whatever its standard streams are: another encoding, closed, or a pipe that nobody reads."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

pytestmark = pytest.mark.realtime  # programs of their own, played to

ROOT = Path(__file__).parents[3]
NAME = "灯塔看守人 Ødegård"
CARD = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "data": {"name": NAME, "description": "守着灯塔。", "first_mes": "你好！🎉 Grüß dich."},
}


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card.json"
    path.write_text(json.dumps(CARD, ensure_ascii=False), encoding="utf-8")
    return path


def command(card: Path, verb: str) -> list[str]:
    settings = ["engines.stt=none", "engines.face=none"]
    named = [part for setting in settings for part in ("--set", setting)]
    return [sys.executable, "-m", "bridge", verb, "--identity", str(card), "--port", "0", *named]


def environment(encoding: str) -> dict[str, str]:
    return os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}


def hello(port: str) -> str:
    """Connect and return the companion's name: the server lives."""
    with connect(f"ws://127.0.0.1:{port}", subprotocols=[Subprotocol("companion.v1.json")], proxy=None) as socket:
        socket.send(json.dumps({"type": "hello", "face": {"profile": "none"}}))
        return str(json.loads(socket.recv(timeout=60))["identity"]["name"])


def port_of(lines: Callable[[], str]) -> str:
    for line in iter(lines, ""):
        if found := re.search(r"port=(\d+)|ws://127\.0\.0\.1:(\d+)", line):
            return str(found[1] or found[2])
    pytest.fail("it did not start")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_serve_tells_a_name_that_the_encoding_lacks(card: Path, encoding: str) -> None:
    with subprocess.Popen(
        command(card, "serve"),
        cwd=ROOT,
        env=environment(encoding),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as server:
        try:
            assert server.stdout
            assert hello(port_of(server.stdout.readline)) == NAME
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(60) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams by a shell's redirections")
@pytest.mark.parametrize("closed", [">&- <&-", "> /dev/full", "| true"])
def test_serve_lives_without_a_standard_output(card: Path, closed: str) -> None:
    line = f"exec {' '.join(map(repr, command(card, 'serve')))} {closed}"
    line = line.replace("exec ", "", 1) if "|" in closed else line
    with subprocess.Popen(
        ["/bin/sh", "-c", line],
        cwd=ROOT,
        env=environment("cp1252"),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as server:
        try:
            assert server.stderr
            assert hello(port_of(server.stderr.readline)) == NAME
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(60)


@pytest.mark.parametrize("encoding", ["cp1252"])
def test_run_holds_a_conversation_in_any_encoding(card: Path, encoding: str) -> None:
    done = subprocess.run(
        command(card, "run"),
        cwd=ROOT,
        env=environment(encoding),
        input=b"Hello!\n/quit\n",
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr
    assert "degård".encode() in done.stdout or rb"deg" in done.stdout


def test_errors_of_any_text_are_told_in_any_encoding() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "doctor", "--identity", "灯塔🎉"],
        cwd=ROOT,
        env=environment("ascii"),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert rb"\u706f" in done.stdout
