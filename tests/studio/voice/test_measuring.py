"""What is measured of a voice, on sounds that are known."""

from __future__ import annotations

import numpy as np
import pytest

from studio.voice.loudness import Floats
from studio.voice.measuring import Measure, apart, measured

RATE = 24_000


def voice(pitch: float, seconds: float = 2.0, *, bend: float = 0.0, dark: float = 1.0) -> Floats:
    """A buzz of 30 harmonics whose pitch bends by `bend` semitones up and down."""
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = pitch * 2 ** (bend / 24 * np.sin(2 * np.pi * 1.5 * time))
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    return np.asarray(sum(np.sin(n * phase) / n**dark for n in range(1, 31)) / 5)


@pytest.mark.parametrize("pitch", [70.0, 110.0, 205.0, 330.0])
def test_pitch_is_found_for_deep_and_high_voices(pitch: float) -> None:
    found = measured(voice(pitch), RATE, 6)
    assert found.pitch == pytest.approx(pitch, rel=0.02)
    assert found.spread < 0.5


def test_melody_brightness_and_rate() -> None:
    assert measured(voice(120.0, bend=12.0), RATE, 6).spread == pytest.approx(11.0, abs=2.0)
    assert measured(voice(120.0, dark=2.0), RATE, 6).centroid < measured(voice(120.0, dark=0.5), RATE, 6).centroid
    quiet = np.concatenate([voice(120.0), np.zeros(2 * RATE)])
    assert measured(quiet, RATE, 8).rate == pytest.approx(4.0, rel=0.05), "a pause is no speech"


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(RATE), np.random.default_rng(1).standard_normal(RATE) * 0.1])
def test_what_is_no_voice_has_no_pitch(sound: Floats) -> None:
    assert measured(sound, RATE, 3).pitch == 0.0


def test_voices_are_apart_by_what_people_notice() -> None:
    one = Measure(100.0, 5.0, 700.0, 4.0)
    assert apart(one, one) == 0.0
    assert apart(one, Measure(200.0, 5.0, 700.0, 4.0)) == pytest.approx(6.0)
    assert apart(one, Measure(100.0, 5.0, 770.0, 4.0)) == pytest.approx(1.0)
    assert apart(one, Measure(0.0, 0.0, 0.0, 0.0)) > 10
