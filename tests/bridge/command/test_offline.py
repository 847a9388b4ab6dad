"""The real program in a process of its own: with no network at all, and with nothing heavy imported.

Every Python process that it starts runs a hook that refuses each address outside loopback, before a packet leaves,
and notes which of the model libraries is imported.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

HOOK = """
import os
import sys

HEAVY = {"torch", "transformers", "ctranslate2", "faster_whisper", "TTS", "huggingface_hub", "tokenizers", "mediapipe",
         "piper", "kokoro_onnx", "httpx2", "peft", "scipy", "matplotlib"}


def note(line):
    with open(os.environ["NOTES"], "a") as file:
        file.write(line + "\\n")


def hook(event, arguments):
    if event == "import" and arguments[0].partition(".")[0] in HEAVY:
        note(f"imports {arguments[0]}")
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        address = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
        host = address[0] if isinstance(address, tuple) else address
        local = host in (None, "", "localhost", "::1") or not isinstance(host, str) or host.startswith(("127.", "/"))
        if not local:
            note(f"{event} {host}")
            raise OSError(f"no network in this test: {event} {host}")


sys.addaudithook(hook)
"""
ROOT = Path(__file__).parents[3]


@pytest.fixture
def guarded(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """An environment in which every Python process is watched, and the file of what was noted."""
    (tmp_path / "sitecustomize.py").write_text(HOOK)
    notes = tmp_path / "notes"
    notes.touch()
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    own = {"PYTHONPATH": path, "NOTES": str(notes), "HF_HUB_CACHE": str(tmp_path / "hub"), "OMP_NUM_THREADS": "1"}
    return {name: value for name, value in os.environ.items() if not name.startswith("HF_")} | own, notes


def companion(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def answer(url: str, text: str) -> str:
    """What the companion says to a line of text."""
    with connect(url, subprotocols=[Subprotocol("companion.v1.json")], open_timeout=120, proxy=None) as socket:
        socket.send(json.dumps({"type": "hello", "face": {"profile": "none"}}))
        socket.send(json.dumps({"type": "text", "text": text}))
        while True:
            message = json.loads(socket.recv(timeout=60))
            if message["type"] == "reply_end":
                return str(message["text"])


def test_the_guard_sees_what_it_should(guarded: tuple[dict[str, str], Path]) -> None:
    environment, notes = guarded
    code = (
        "import socket, matplotlib\ntry: socket.create_connection(('example.org', 80))\nexcept OSError: print('no')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "no\n"
    assert "imports matplotlib" in notes.read_text()
    assert "socket.getaddrinfo example.org" in notes.read_text()


def test_the_default_server_talks_without_a_network_and_without_torch(guarded: tuple[dict[str, str], Path]) -> None:
    environment, notes = guarded
    command = [sys.executable, "-m", "bridge", "serve", "--offline", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            first = server.stdout.readline()
            fit = re.search(r"ws://\S+", first)
            assert fit, first
            assert "ound" in answer(fit.group().rstrip("/"), "What is sound?")
            maps = Path(f"/proc/{server.pid}/maps")
            if maps.exists():
                assert not re.search(r"libtorch|ctranslate2|libcudart", maps.read_text())
                (memory,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
                print(f"\nresident with the default engines: {int(memory) // 1000} MB")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
    assert notes.read_text() == ""


def test_offline_the_commands_say_what_is_missing_and_ask_nobody(guarded: tuple[dict[str, str], Path]) -> None:
    environment, notes = guarded
    listed = companion(environment, "models", "list", "whisper:tiny", "--offline")
    assert (listed.returncode, "companion models pull whisper:tiny" in listed.stdout) == (1, True)
    pulled = companion(environment, "models", "pull", "whisper:tiny", "--offline")
    assert (pulled.returncode, "--offline" in pulled.stderr) == (1, True)
    doctor = companion(environment, "doctor", "--offline", "--port", "0")
    assert "identity" in doctor.stdout, doctor.stderr
    outside = [line for line in notes.read_text().splitlines() if line.startswith("socket.")]
    assert outside == []
    assert "imports huggingface_hub" not in notes.read_text()


def test_offline_the_hubs_library_asks_nobody_either(guarded: tuple[dict[str, str], Path]) -> None:
    pytest.importorskip("huggingface_hub")
    environment, notes = guarded
    code = (
        "from bridge.command import offline; offline.enforce()\n"
        "from huggingface_hub import snapshot_download\n"
        "from huggingface_hub.errors import LocalEntryNotFoundError\n"
        "try: snapshot_download('Systran/faster-whisper-tiny')\n"
        "except LocalEntryNotFoundError: print('not here')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout == "not here\n", done.stderr
    assert "socket." not in notes.read_text()
