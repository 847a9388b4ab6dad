"""Voice detection by level: exact about silence, and used to its background after three seconds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.hearing.energy import MEMORY, EnergyVad
from engines.jobs import VadStream
from tests.engines.hearing.sounds import mixed, noise, silence, speech, windows


def probabilities(stream: VadStream, pcm: bytes) -> list[float]:
    return [stream.probability(window) for window in windows(pcm, 320)]


def tone(seconds: float, decibels: float) -> bytes:
    """A 200 Hz sine, whole periods in each window, of an RMS level relative to full scale."""
    at = np.arange(round(seconds * 16_000)) / 16_000
    level = 32768 * 10 ** (decibels / 20) * math.sqrt(2)
    return np.rint(level * np.sin(2 * np.pi * 200 * at)).astype("<i2").tobytes()


def test_digital_silence_is_exactly_nothing() -> None:
    assert set(probabilities(EnergyVad().open(), silence(1))) == {0.0}


@given(st.integers(-32768, 32767))
def test_an_offset_is_silence_too(offset: int) -> None:
    assert EnergyVad().open().probability(np.full(320, offset, "<i2").tobytes()) == 0.0


@given(st.binary(min_size=640, max_size=640))
def test_it_is_always_a_probability(window: bytes) -> None:
    assert 0.0 <= EnergyVad().open().probability(window) <= 1.0


@pytest.mark.parametrize("threshold", [-50.0, -40.0, -25.0])
def test_the_threshold_is_where_it_is_even(threshold: float) -> None:
    vad = EnergyVad(threshold_db=threshold)
    assert vad.open().probability(tone(0.02, threshold)) == pytest.approx(0.5, abs=0.03)
    assert vad.open().probability(tone(0.02, threshold + 6)) > 0.9
    assert vad.open().probability(tone(0.02, threshold - 6)) < 0.1


def test_it_hears_where_a_voice_begins_and_ends() -> None:
    heard = probabilities(EnergyVad().open(), speech("How far away is the moon from here?", 1.0, 1.0))
    assert max(heard[:45]) < 0.01
    assert max(heard[-45:]) < 0.01
    voice = heard[55:-55]
    assert sum(p > 0.5 for p in voice) > 0.6 * len(voice)


def test_a_steady_noise_becomes_background_and_a_voice_above_it_is_heard() -> None:
    stream = EnergyVad().open()
    heard = probabilities(stream, noise(5, -30))
    settled = round((MEMORY + 0.5) * 50)
    assert min(heard[:50]) > 0.9
    assert max(heard[settled:]) < 0.1
    voice = speech("How far away is the moon?", 0.0, 0.0)
    heard = probabilities(stream, mixed(voice, noise(len(voice) / 32_000, -30)))
    assert max(heard) > 0.9


def test_speech_does_not_become_background() -> None:
    heard = probabilities(EnergyVad().open(), speech("How far away is the moon from here?", 0.2, 0.2) * 4)
    quarter = len(heard) // 4
    loud = [sum(p > 0.5 for p in heard[i * quarter : (i + 1) * quarter]) for i in range(4)]
    assert loud[3] > 0.9 * loud[0]


def test_a_gap_filled_with_zeros_does_not_hide_the_background() -> None:
    stream = EnergyVad().open()
    probabilities(stream, noise(5, -30) + silence(0.5))
    assert max(probabilities(stream, noise(1, -30, seed=1))) < 0.1


def test_reset_forgets_the_background() -> None:
    stream = EnergyVad().open()
    probabilities(stream, noise(5, -30))
    stream.reset()
    assert min(probabilities(stream, noise(0.5, -30))) > 0.9


@pytest.mark.parametrize("size", [0, 638, 639, 642])
def test_a_window_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="640 bytes"):
        EnergyVad().open().probability(bytes(size))


@pytest.mark.parametrize(
    "arguments", [{"threshold_db": 3.0}, {"threshold_db": -91.0}, {"window": 0}, {"window": 16_000}]
)
def test_arguments_out_of_bounds_are_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        EnergyVad(**arguments)  # type: ignore[arg-type]  # the point of the test
