"""PCM values: lengths are exact, chunking never shows, and times move with the sound."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.api import Cue, Phone, Speech, Stream, TimedCue, Word
from engines.sound.audio import Resampler, resample, resampled, resampled_length, to_float, to_pcm

RATES = (8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000)


def tone(samples: int, rate: int, hertz: float = 440.0) -> bytes:
    return to_pcm((0.5 * np.sin(2 * np.pi * hertz * np.arange(samples) / rate)).astype(np.float32))


def noise(samples: int) -> bytes:
    return np.random.default_rng(samples).integers(-32768, 32768, samples).astype("<i2").tobytes()


# ------------------------------------------------------------------------------------------------ values


def test_pcm_survives_the_way_to_float_and_back() -> None:
    every = np.arange(-32768, 32768).astype("<i2").tobytes()
    assert to_pcm(to_float(every)) == every


def test_what_is_too_loud_is_clipped_not_wrapped() -> None:
    loud = np.array([1.0, 1.5, -1.0, -7.0], np.float32)
    assert np.frombuffer(to_pcm(loud), "<i2").tolist() == [32767, 32767, -32768, -32768]


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        to_float(b"abc")
    with pytest.raises(ValueError, match="3 bytes"):
        Resampler(16_000, 24_000).push(b"abc")


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 24000"):
        Resampler(0, 24_000)


# ------------------------------------------------------------------------------------------------ resampling


@settings(max_examples=150, deadline=None)
@given(
    samples=st.integers(0, 5000),
    cuts=st.lists(st.integers(0, 5000), max_size=12),
    rates=st.tuples(st.sampled_from(RATES), st.sampled_from(RATES)),
)
def test_the_length_is_exact_and_chunking_never_shows(samples: int, cuts: list[int], rates: tuple[int, int]) -> None:
    pcm = noise(samples)
    whole = resample(pcm, *rates)
    assert len(whole) == 2 * resampled_length(samples, *rates) == 2 * -(-samples * rates[1] // rates[0])
    edges = sorted({0, samples, *(min(cut, samples) for cut in cuts)})
    stream = Resampler(*rates)
    parts = [stream.push(pcm[2 * a : 2 * b]) for a, b in pairwise(edges)]
    assert b"".join(parts) + stream.flush() == whole


def test_ten_minutes_in_pieces_has_not_drifted_by_a_sample() -> None:
    stream = Resampler(22_050, 24_000)
    piece = bytes(2 * 22_051 * 10)
    total = sum(len(stream.push(piece)) for _ in range(60)) + len(stream.flush())
    assert total == 2 * resampled_length(22_051 * 600, 22_050, 24_000)


def test_a_flushed_resampler_begins_anew() -> None:
    stream = Resampler(22_050, 24_000)
    pcm = noise(3000)
    assert [stream.push(pcm) + stream.flush() for _ in range(2)] == [resample(pcm, 22_050, 24_000)] * 2
    assert stream.flush() == b""


@pytest.mark.parametrize(("source", "target"), [(22_050, 24_000), (16_000, 24_000), (48_000, 24_000), (44_100, 16_000)])
def test_a_tone_keeps_its_pitch_its_level_and_its_time(source: int, target: int) -> None:
    out = to_float(resample(tone(source, source), source, target))
    ideal = to_float(tone(target, target))
    middle = slice(target // 10, -target // 10)
    assert float(np.abs(out[middle] - ideal[middle]).max()) < 0.002


def test_what_the_new_rate_cannot_carry_is_gone() -> None:
    out = to_float(resample(tone(48_000, 48_000, 15_000.0), 48_000, 24_000))
    assert float(np.abs(out[2400:-2400]).max()) < 0.001


# ------------------------------------------------------------------------------------------------ speech


async def pieces(given: Iterable[Speech]) -> Stream[Speech]:
    for piece in given:
        yield piece


def brought(given: Iterable[Speech], rate: int) -> list[Speech]:
    async def collect() -> list[Speech]:
        return [piece async for piece in resampled(pieces(given), rate)]

    return asyncio.run(collect())


def spoken(lengths: list[int], rate: int) -> list[Speech]:
    """A tone cut into pieces, each with two phones, a word over the whole of it, and a cue in its last sample."""
    sound = tone(sum(lengths), rate)
    at = 0
    made = []
    for number, length in enumerate(lengths):
        phones = (Phone("a", 0, length // 2, 1), Phone("p", length // 2, length))
        word = Word(f"w{number}", 0, length, number)
        cue = TimedCue(Cue("gesture", f"c{number}", 1.0, 0), length - 1)
        made.append(Speech(sound[2 * at : 2 * (at + length)], rate, phones, (word,), (cue,)))
        at += length
    return made


def test_speech_at_the_rate_passes_untouched() -> None:
    given = spoken([2400, 480], 24_000)
    assert all(a is b for a, b in zip(brought(given, 24_000), given, strict=True))


@settings(max_examples=60, deadline=None)
@given(lengths=st.lists(st.integers(2, 9000), min_size=1, max_size=6), rate=st.sampled_from((16_000, 22_050, 44_100)))
def test_sound_phones_words_and_cues_keep_their_times(lengths: list[int], rate: int) -> None:
    given = spoken(lengths, rate)
    out = brought(given, 24_000)
    assert b"".join(piece.pcm for piece in out) == resample(b"".join(piece.pcm for piece in given), rate, 24_000)

    words: dict[str, int] = {}
    cues: dict[str, int] = {}
    begin = 0
    for piece in out:
        assert piece.rate == 24_000
        assert piece.phones[0].start == 0
        assert piece.phones[-1].end == piece.samples
        assert all(a.end == b.start for a, b in pairwise(piece.phones))
        assert all(0 <= word.start <= word.end <= piece.samples for word in piece.words)
        words |= {word.text: begin + word.start for word in piece.words}
        cues |= {cue.cue.name: begin + cue.start for cue in piece.cues}
        begin += piece.samples
    at = 0
    for number, length in enumerate(lengths):
        assert words[f"w{number}"] == resampled_length(at, rate, 24_000)
        assert cues[f"c{number}"] == resampled_length(at + length - 1, rate, 24_000)
        at += length


def test_most_of_a_piece_comes_before_the_next_is_asked_for() -> None:
    async def collect() -> int:
        given = spoken([22_050, 22_050], 22_050)
        stream = resampled(pieces(given), 24_000)
        piece = await anext(stream)
        await stream.aclose()
        return piece.samples

    assert 24_000 - 1200 <= asyncio.run(collect()) <= 24_000


def test_a_change_of_rate_or_source_ends_one_sound_and_begins_another() -> None:
    exact = spoken([4000], 16_000)[0]
    raw = Speech(tone(4410, 44_100), 44_100, source="audio")
    out = brought([exact, raw, exact, Speech(tone(480, 24_000), 24_000, source="audio")], 24_000)
    assert sum(piece.samples for piece in out) == 6000 + 2400 + 6000 + 480
    assert all(bool(piece.phones) == (piece.source == "exact") for piece in out)


def test_closing_the_result_closes_the_source() -> None:
    closed = []

    async def source() -> Stream[Speech]:
        try:
            for piece in spoken([4000] * 3, 16_000):
                yield piece
        finally:
            closed.append(True)

    async def leave() -> None:
        stream = resampled(source(), 24_000)
        await anext(stream)
        await stream.aclose()
        assert closed == [True]

    asyncio.run(leave())
