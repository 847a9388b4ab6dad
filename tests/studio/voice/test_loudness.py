"""Loudness as the standard has it, checked by its own tones and by FFmpeg's meter."""

from __future__ import annotations

import numpy as np
import pytest

from studio.voice.loudness import PEAK, RATE, SILENT, TARGET, Floats, loudness, normalised, true_peak


def tone(level: float, seconds: float = 3.0, rate: int = RATE, hertz: float = 997.0) -> Floats:
    """A sine whose peak is at `level` dBFS."""
    return np.asarray(10 ** (level / 20) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate))


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_the_tone_of_the_standard_reads_as_it_says(rate: int) -> None:
    assert loudness(tone(0.0, rate=rate), rate) == pytest.approx(-3.01, abs=0.05)
    assert loudness(tone(-33.0, rate=rate), rate) == pytest.approx(-36.01, abs=0.05)


def test_pauses_and_murmurs_do_not_count() -> None:
    spoken = tone(-20.0)
    alone = loudness(spoken, RATE)
    quiet, murmur = np.zeros(10 * RATE), tone(-60.0, 10.0)
    assert loudness(np.concatenate([spoken, quiet, spoken]), RATE) == pytest.approx(alone, abs=0.35)
    assert loudness(np.concatenate([spoken, murmur, spoken]), RATE) == pytest.approx(alone, abs=0.35)
    assert loudness(np.concatenate([tone(-26.0), tone(-20.0), tone(-26.0)]), RATE) < alone - 1


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(48_000), tone(0.0, 0.3)])
def test_silence_and_less_than_a_block_have_no_loudness_and_stay(sound: Floats) -> None:
    assert loudness(sound, RATE) == SILENT
    same, gain = normalised(sound, RATE)
    assert gain == 0.0
    assert np.array_equal(same, sound)


def test_the_peak_between_samples_is_seen() -> None:
    # At a quarter of the rate, an eighth of a turn late, no sample is at the top.
    between = np.sin(2 * np.pi * np.arange(48_000) / 4 + np.pi / 4)
    assert np.abs(between).max() == pytest.approx(0.7071, abs=1e-3)
    assert true_peak(between, RATE) == pytest.approx(0.0, abs=0.2)
    assert true_peak(np.zeros(100), RATE) == SILENT
    assert true_peak(np.zeros(0), RATE) == SILENT


def test_speech_comes_to_one_level_and_what_is_all_peaks_is_held_below_clipping() -> None:
    for level in (-50.0, -12.0, 0.0):
        same, _ = normalised(tone(level), RATE)
        assert loudness(same, RATE) == pytest.approx(TARGET, abs=0.1)
    clicks = np.zeros(3 * RATE)
    clicks[::12_000] = 1.0
    held, _ = normalised(clicks, RATE)
    assert true_peak(held, RATE) <= PEAK + 0.05
    assert loudness(held, RATE) < TARGET - 1


def test_it_reads_what_ffmpegs_meter_reads() -> None:
    av = pytest.importorskip("av")
    rng = np.random.default_rng(3)
    envelope = np.repeat(rng.uniform(0.0, 0.5, 40), RATE // 4)
    sound = rng.standard_normal(len(envelope)) * envelope * 0.3
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono")
    meter = graph.add("ebur128", "metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(sound.astype(np.float32)[None, :], format="flt", layout="mono")
    frame.sample_rate = RATE
    source.push(frame)
    source.push(None)
    read = None
    while True:
        try:
            read = sink.pull().metadata.get("lavfi.r128.I", read) if hasattr(av.AudioFrame, "metadata") else None
        except (av.error.EOFError, av.error.BlockingIOError):
            break
        if read is None:
            break
    if read is None:
        pytest.skip("this PyAV does not tell what filters note on a frame")
    assert loudness(sound, RATE) == pytest.approx(float(read), abs=0.15)
