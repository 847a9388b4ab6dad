"""Four clients record one stream: the same reply.wav and the same face.csv, byte for byte.

Each plays the stream by its own code, in pulls of one face frame; what went to air and what the face was at the first
sample of each pull is written by one recorder. Left out is what SPEC.md leaves to a client: silence, fades, and the
face on its way to a turn's first frames, which the reference client shows at once and the others reach within 100 ms.
"""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from protocol.playout.script import Script
from protocol.playout.traces import played, written
from talk.record import Recording
from testkit import unreal
from testkit.unity.toolchain import run
from tests.talk.traces import observe
from tests.unity.conftest import need

RATE, FPS, NAMES = 24_000, 60, ("jawOpen", "mouthClose", "headYaw")
FRAME = RATE // FPS  # samples
GLIDE = FPS // 10  # frames at the beginning of a turn in which the face may be on its way
WEB = Path(__file__).parents[1] / "web"
CLIENT = Path(__file__).parents[2] / "bridge" / "web" / "client"


def stream() -> Script:
    """Three turns on a bad line: late and twice sent messages, a face that is left out, an interruption."""
    late = random.Random(5)
    script = Script("recorded", "One stream that several clients record.", rate=RATE, fps=FPS)
    for turn, begin, length in ((1, 0, 2300), (2, 4200, 1900), (3, 7200, 1500)):
        script.start(begin, turn)
        at = float(begin)
        for first in range(0, length, 100):
            if turn == 2 and first > 1200:
                break
            at = max(at, begin + max(0, first - 300)) + late.choice((0, 5, 40, 180))
            message = script.media(at, turn, first, first + 100, face=(turn, first) != (3, 700))
            if late.random() < 0.2:
                script.again(at, message)
        if turn == 2:
            script.interrupted(begin + 1000, turn, 900)
        else:
            script.end(at, turn, length)
    script.pulls(0, 10_000, samples=FRAME)
    return script


def javascript(trace: Path) -> list[str]:
    node = shutil.which("node")
    need("" if node else "node is not installed")
    command = [str(node), str(WEB / "playout_traces.mjs"), str(CLIENT), str(trace)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout.splitlines()


def plus(trace: Path) -> list[str]:
    need(unreal.missing())
    program = unreal.programs("checked", *unreal.CHECKED) / "traces"
    return subprocess.run([program, trace], capture_output=True, text=True, timeout=120, check=True).stdout.splitlines()


def sharp(trace: Path) -> list[str]:
    done = run("Traces.exe", str(trace))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def recorded(trace: Path, observed: list[str], folder: Path) -> tuple[bytes, list[str]]:
    """Write what a client heard and showed; reply.wav, and face.csv without the ways to a turn's first frames."""
    steps = [step for step in json.loads(trace.read_text(encoding="utf-8"))["steps"] if "pull" in step]
    recording = Recording(RATE, FPS, NAMES)
    for step, line in zip(steps, observed[1:], strict=True):
        match step["air"]:
            case [[turn, first, _]] if turn:  # a whole frame of a turn at full voice
                if first == 0:
                    recording.turn(turn)
                seen = json.loads(line)
                recording.speech(base64.b64decode(seen["air"]))
                recording.frames([seen["face"]])
    recording.save(folder)
    turns = json.loads((folder / "transcript.json").read_text(encoding="utf-8"))["turns"]
    begins = [round(turn["start_s"] * FPS) for turn in turns]
    ways = {begin + frame for begin in begins for frame in range(GLIDE)}
    rows = (folder / "face.csv").read_text(encoding="utf-8").splitlines()
    return (folder / "reply.wav").read_bytes(), [row for frame, row in enumerate(rows, -1) if frame not in ways]


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stream, with what the reference model hears of it."""
    path = tmp_path_factory.mktemp("recorded") / "recorded.json"
    path.write_bytes(written({**played(stream()), "first": True}))
    return path


@pytest.mark.unity
@pytest.mark.parametrize("client", [javascript, sharp, plus])
def test_a_stream_is_recorded_as_by_the_reference_client(
    client: Callable[[Path], list[str]], trace: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if client is sharp:
        request.getfixturevalue("built")
    theirs = recorded(trace, list(observe(trace)), tmp_path / "theirs")
    ours = recorded(trace, client(trace), tmp_path / "ours")
    assert ours[0] == theirs[0], "reply.wav"
    assert ours[1] == theirs[1], "face.csv"


def test_one_sample_and_one_weight_make_a_difference(trace: Path, tmp_path: Path) -> None:
    seen = list(observe(trace))
    wav, rows = recorded(trace, seen, tmp_path / "right")
    assert len(wav) > 2 * 5 * RATE, "five seconds and more are heard"
    assert len(rows) > 5 * FPS
    wrong = [json.loads(line) for line in seen]
    air = bytearray(base64.b64decode(wrong[100]["air"]))
    air[0] ^= 1
    wrong[100]["air"] = base64.b64encode(air).decode()
    wrong[100]["face"][2] += 0.0001
    other = recorded(trace, [json.dumps(line) for line in wrong], tmp_path / "wrong")
    assert other[0] != wav
    assert len(set(other[1]) ^ set(rows)) == 2
