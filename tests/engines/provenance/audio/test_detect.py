"""The mark as it is found: in copies that were cut, resampled, noisy, turned over; and never where none was laid."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.provenance.audio.code import LENGTH, MOST, nearest, word, words
from engines.provenance.audio.detect import NOTHING, SPEEDS, agreement, detect
from engines.provenance.audio.embed import AudioMark
from tests.engines.provenance.audio.speech import speech

PAYLOAD = 0xC0DE
HOST = speech(6.0)
MARKED = np.frombuffer(AudioMark(24_000, PAYLOAD).mark(HOST.tobytes()), "<i2").astype(float)


def noisy(sound: np.ndarray, snr: float) -> np.ndarray:
    noise = np.random.default_rng(1).normal(size=len(sound))
    return np.asarray(sound + noise * np.sqrt(np.mean(sound**2) / 10 ** (snr / 10)))


COPIES = {
    "as it is": MARKED,
    "quieter": MARKED * 0.02,
    "as floats": MARKED / 32768,
    "turned over": -MARKED,
    "from the middle": MARKED[37_777:],
    "three seconds": MARKED[20_000:92_000],
    "noise 20 dB": noisy(MARKED, 20),
    "clipped": np.clip(MARKED, -3000, 3000),
    "8 bits": np.round(MARKED / 256) * 256,
    "twice": np.concatenate([MARKED, np.zeros(5000), MARKED]),
    "after a minute of silence": np.concatenate([np.zeros(60 * 24_000), MARKED]),
    "with an echo": MARKED + 0.4 * np.concatenate([np.zeros(1200), MARKED[:-1200]]),
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
def test_a_copy_is_found_and_says_whose_it_is(copy: np.ndarray) -> None:
    found = detect(copy, 24_000)
    assert (found.marked, found.payload) == (True, PAYLOAD)
    assert found.chance < 1e-6


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000])
def test_a_copy_at_another_rate_is_found(rate: int) -> None:
    copy = soxr.resample(MARKED, 24_000, rate)
    found = detect(copy, rate)
    assert (found.marked, found.payload) == (True, PAYLOAD)


@pytest.mark.parametrize("rate", [8000, 16_000, 48_000])
def test_a_mark_laid_at_another_rate_is_the_same(rate: int) -> None:
    host = speech(6.0, rate)
    made = np.frombuffer(AudioMark(rate, PAYLOAD).mark(host.tobytes()), "<i2").astype(float)
    assert detect(made, rate).payload == PAYLOAD


def test_a_copy_that_plays_at_a_wrong_rate_is_found_where_that_is_looked_for() -> None:
    assert not detect(MARKED, 22_050).marked
    found = detect(MARKED, 22_050, speeds=SPEEDS)
    assert (found.marked, found.payload) == (True, PAYLOAD)
    assert found.speed == pytest.approx(22_050 / 24_000)


@pytest.mark.parametrize("seed", range(12))
def test_what_was_not_marked_is_not_found(seed: int) -> None:
    for sound in (speech(5.0, seed=seed, pitch=90 + 20 * seed), np.random.default_rng(seed).normal(size=120_000)):
        found = detect(sound.astype(float), 24_000, speeds=SPEEDS[:3])
        assert (found.marked, found.payload) == (False, -1)


def test_another_key_finds_nothing() -> None:
    made = np.frombuffer(AudioMark(24_000, PAYLOAD, key=b"my own sixteen bytes").mark(HOST.tobytes()), "<i2")
    assert not detect(made.astype(float), 24_000).marked
    assert detect(made.astype(float), 24_000, key=b"my own sixteen bytes").payload == PAYLOAD


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(100_000), MARKED[:10_000], np.full(50_000, 3.0)])
def test_silence_and_snippets_tell_nothing(sound: np.ndarray) -> None:
    assert not detect(sound, 24_000).marked
    if not sound.any() or len(sound) < 15_000:
        assert detect(sound, 24_000) == NOTHING


def test_a_mark_too_weak_to_be_read_agrees_with_its_payload() -> None:
    weak = np.frombuffer(AudioMark(24_000, PAYLOAD, level=-34).mark(HOST.tobytes()), "<i2").astype(float)
    assert agreement(weak, 24_000, PAYLOAD) > 6.0
    assert agreement(HOST.astype(float), 24_000, PAYLOAD) < 6.0
    assert agreement(np.zeros(10), 24_000, PAYLOAD) == 0.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, MOST), st.lists(st.integers(0, LENGTH - 1), max_size=3))
def test_three_wrong_signs_are_mended(payload: int, wrong: list[int]) -> None:
    signs = word(payload).copy()
    signs[wrong] *= -1
    assert nearest(signs)[0] == payload


def test_words_differ_in_eight_places_at_least() -> None:
    some = words()[np.random.default_rng(0).integers(0, MOST + 1, 300)]
    distances = (LENGTH - some @ some.T) / 2
    assert distances[distances > 0].min() >= 8
    assert np.array_equal(words()[4711], word(4711))
