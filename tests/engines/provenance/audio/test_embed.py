"""The mark as it is laid: the same in any cuts, nothing in silence, quiet, at every rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.provenance.audio.code import word
from engines.provenance.audio.embed import LEVEL, AudioMark
from engines.provenance.audio.spectrum import EDGES, GROUPS, PUBLIC, RATES, SYNC, carriers, keyed, samples
from tests.engines.provenance.audio.speech import speech

HOST = speech(1.5)
WHOLE = AudioMark(24_000, 0xBEEF).mark(HOST.tobytes())


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=40))
def test_cuts_change_nothing(sizes: list[int]) -> None:
    mark, at, out = AudioMark(24_000, 0xBEEF), 0, []
    for size in [*sizes, len(HOST)]:
        out.append(mark.mark(HOST[at : at + size].tobytes()))
        at += size
    assert b"".join(out) == WHOLE


@pytest.mark.parametrize("size", [1, 7, 95, 96, 97, 192, 480, 2400])
def test_equal_cuts_change_nothing(size: int) -> None:
    mark = AudioMark(24_000, 0xBEEF)
    host = HOST[:9600]
    made = b"".join(mark.mark(host[at : at + size].tobytes()) for at in range(0, len(host), size))
    assert made == WHOLE[: len(made)]


def test_a_sample_depends_on_nothing_that_comes_later() -> None:
    other = HOST.copy()
    other[12_000:] = speech(1.5, seed=9)[12_000:]
    made = AudioMark(24_000, 0xBEEF).mark(other.tobytes())
    assert made[:24_000] == WHOLE[:24_000]
    assert made != WHOLE


def test_silence_stays_silent() -> None:
    silence = bytes(2 * 24_000)
    assert AudioMark(24_000, 1).mark(silence) == silence
    mark = AudioMark(24_000, 1)
    mark.mark(HOST.tobytes())
    after = np.frombuffer(mark.mark(silence), "<i2")
    assert not after[240:].any(), "10 ms after the voice nothing is left of the mark"


def test_a_whisper_of_noise_is_left_as_it_is() -> None:
    noise = np.random.default_rng(3).integers(-2, 3, 24_000).astype(np.int16)
    assert AudioMark(24_000, 1).mark(noise.tobytes()) == noise.tobytes()


@pytest.mark.parametrize("rate", RATES)
def test_at_every_rate_the_mark_is_as_quiet_as_said(rate: int) -> None:
    host = speech(2.0, rate).astype(float)
    made = np.frombuffer(AudioMark(rate, 0xA55A).mark(host.astype(np.int16).tobytes()), "<i2").astype(float)
    assert len(made) == len(host)
    added, frequencies = np.fft.rfft(made - host), np.fft.rfftfreq(len(host), 1 / rate)
    inside = (frequencies >= EDGES[0]) & (frequencies < min(EDGES[-1], 0.46 * rate))
    ratio = 10 * np.log10((np.abs(added[inside]) ** 2).sum() / (np.abs(np.fft.rfft(host)[inside]) ** 2).sum())
    assert LEVEL - 3 < ratio < LEVEL + 1.5
    outside = (np.abs(added[~inside]) ** 2).sum() / (np.abs(added) ** 2).sum()
    assert outside < 0.15


def test_the_loudest_speech_does_not_wrap() -> None:
    loud = np.where(np.arange(24_000) % 60 < 30, 32_767, -32_768).astype(np.int16)
    made = np.frombuffer(AudioMark(24_000, 5).mark(loud.tobytes()), "<i2").astype(int)
    assert np.abs(made - loud).max() < 12_000


def test_nothing_comes_of_nothing() -> None:
    assert AudioMark(24_000, 5).mark(b"") == b""


def test_a_rate_without_a_whole_period_is_refused() -> None:
    with pytest.raises(ValueError, match="no whole period"):
        samples(24_001)
    assert [samples(rate) * 25 for rate in RATES] == [16 * rate for rate in RATES]


def test_groups_are_orthogonal_over_a_period() -> None:
    shape = keyed(PUBLIC)
    assert sorted(set(shape.groups)) == list(range(GROUPS))
    assert np.bincount(shape.groups).min() >= len(shape.numbers) // GROUPS
    one, other = carriers(PUBLIC, 0, 24_000).sum(0), carriers(PUBLIC, 0x1234, 24_000).sum(0)
    expected = (SYNC + float(word(0) @ word(0x1234))) / GROUPS
    assert float(one @ other) / float(one @ one) == pytest.approx(expected, abs=0.02)
    assert not np.array_equal(keyed(b"another").phases, shape.phases)
