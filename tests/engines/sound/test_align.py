"""Alignment against sound whose times are known: the reference itself in another voice, at another tempo."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.api import Phone, Speech, Word
from engines.sound.align import align, joined

RATE = 22_050
# Three formants a sound: enough for cepstra to tell them apart.
FORMANTS = {
    "a": (730, 1090, 2440), "i": (270, 2290, 3010), "u": (300, 870, 2240), "ɛ": (530, 1840, 2480),
    "m": (250, 1000, 2200), "s": (4500, 5500, 6200), "o": (570, 840, 2410), "n": (280, 1600, 2600),
    "": (0, 0, 0), "p": (0, 0, 0),
}  # fmt: skip
TALK = (
    ("", 0.06), ("m", 0.08), ("a", 0.14), ("p", 0.07), ("s", 0.12), ("i", 0.13), ("n", 0.07), ("u", 0.15), ("", 0.2),
    ("s", 0.1), ("o", 0.16), ("m", 0.09), ("ɛ", 0.12), ("n", 0.08), ("a", 0.17), ("", 0.3),
)  # fmt: skip
WORDS = (("maps", 1, 5), ("in", 5, 7), ("you", 7, 8), ("so", 9, 11), ("men", 11, 14), ("ah", 14, 15))


def voice(spoken: tuple[tuple[str, float], ...], pitch: float, tract: float, rate: int) -> Speech:
    """Buzz through resonators: a voice of some pitch and length of vocal tract."""
    noise = np.random.default_rng(3)
    phones, parts, at = [], [], 0
    for ipa, seconds in spoken:
        count = round(seconds * rate)
        times = (at + np.arange(count)) / rate
        sound = np.zeros(count)
        if ipa == "s":
            sound = 0.1 * noise.standard_normal(count)
            sound -= np.convolve(sound, np.ones(4) / 4, mode="same")
        elif FORMANTS[ipa][0]:
            for harmonic in range(1, int(6000 / pitch)):
                hertz = harmonic * pitch
                gain = sum(1 / (1 + ((hertz - f * tract) / (90 + 40 * n)) ** 2) / (n + 1)
                           for n, f in enumerate(FORMANTS[ipa]))  # fmt: skip
                sound += gain * np.sin(2 * np.pi * hertz * times)
            sound *= 0.15 if ipa in "mn" else 0.35
        phones.append(Phone(ipa, at, at + count))
        parts.append(sound)
        at += count
    wave = np.concatenate(parts)
    wave += 1e-4 * noise.standard_normal(len(wave))
    words = tuple(Word(text, phones[a].start, phones[b - 1].end, 5 * n) for n, (text, a, b) in enumerate(WORDS))
    pcm = (np.clip(wave / 4, -1, 1) * 32767).astype("<i2").tobytes()
    return Speech(pcm, rate, tuple(phones), words)


def stretched(factors: list[float]) -> tuple[tuple[str, float], ...]:
    return tuple((ipa, seconds * factor) for (ipa, seconds), factor in zip(TALK, factors, strict=True))


REFERENCE = voice(TALK, 110.0, 1.0, RATE)
EVEN = [1.0] * len(TALK)
UNEVEN = [4.0, 1.3, 0.8, 1.1, 0.7, 1.4, 1.0, 1.2, 1.6, 0.8, 1.3, 0.9, 1.2, 1.1, 0.8, 1.0]


def covers(phones: tuple[Phone, ...], samples: int) -> bool:
    ends = phones[0].start == 0 and phones[-1].end == samples
    return ends and all(a.end == b.start for a, b in pairwise(phones)) and all(p.end > p.start for p in phones)


@pytest.mark.parametrize(("factors", "pitch", "tract", "rate"), [
    (EVEN, 110.0, 1.0, RATE), (UNEVEN, 110.0, 1.0, 24_000), (UNEVEN, 190.0, 1.12, 16_000), (EVEN, 90.0, 0.93, 48_000),
])  # fmt: skip
def test_sounds_are_found_in_another_voice_at_another_tempo(
    factors: list[float], pitch: float, tract: float, rate: int
) -> None:
    other = voice(stretched(factors), pitch, tract, rate)
    phones, words = align(REFERENCE, other.pcm, rate)
    assert covers(phones, other.samples)
    assert [phone.ipa for phone in phones] == [phone.ipa for phone in other.phones]
    errors = [abs(found.start - true.start) / rate for found, true in zip(phones[1:], other.phones[1:], strict=True)]
    assert np.median(errors) <= 0.015
    assert max(errors) <= 0.060
    assert [(word.text, word.at) for word in words] == [(word.text, word.at) for word in REFERENCE.words]
    assert max(abs(a.start - b.start) for a, b in zip(words, other.words, strict=True)) <= 0.06 * rate


def test_a_pause_that_was_not_made_is_left_out_and_one_that_was_is_found() -> None:
    factors = EVEN.copy()
    factors[8] = 0.05
    phones, _ = align(REFERENCE, voice(stretched(factors), 140.0, 1.05, RATE).pcm, RATE)
    assert [phone.ipa for phone in phones[1:-1]].count("") == 0
    breath = (*TALK[:5], ("", 0.35), *TALK[5:])
    wave = voice(TALK, 140.0, 1.05, RATE)
    cut = wave.phones[5].start * 2
    pcm = wave.pcm[:cut] + bytes(2 * round(0.35 * RATE)) + wave.pcm[cut:]
    phones, _ = align(REFERENCE, pcm, RATE)
    pauses = [phone for phone in phones[1:-1] if not phone.ipa]
    assert len(pauses) == 2, breath
    assert abs(pauses[0].start / RATE - cut / 2 / RATE) < 0.04
    assert abs((pauses[0].end - pauses[0].start) / RATE - 0.35) < 0.06


@pytest.mark.parametrize("pcm", [b"", bytes(2), bytes(2000), bytes(2 * RATE)])
def test_silence_is_one_pause(pcm: bytes) -> None:
    phones, words = align(REFERENCE, pcm, RATE)
    assert all(not phone.ipa for phone in phones)
    assert sum(phone.end - phone.start for phone in phones) == len(pcm) // 2
    assert len(words) == len(REFERENCE.words)
    assert all(0 <= word.start <= word.end <= len(pcm) // 2 for word in words)


def test_a_reference_without_phones_gives_a_pause_and_words_in_proportion() -> None:
    words = (Word("one", 0, 100, 0), Word("two", 100, 200, 4))
    other = voice(TALK, 110.0, 1.0, RATE)
    phones, placed = align(Speech(bytes(400), RATE, (), words), other.pcm, RATE)
    assert phones == (Phone("", 0, other.samples),)
    assert [word.start for word in placed] == [0, round(other.samples / 2)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 3000), st.integers(1, 400), st.floats(0.0, 1.0))
def test_any_sound_gets_phones_that_cover_it(seed: int, blocks: int, level: float) -> None:
    noise = np.random.default_rng(seed).standard_normal(blocks * 50) * level * 8000
    pcm = np.clip(noise, -32768, 32767).astype("<i2").tobytes()
    phones, words = align(REFERENCE, pcm, RATE)
    assert covers(phones, blocks * 50)
    assert all(0 <= word.start <= word.end <= blocks * 50 for word in words)


def test_the_same_call_gives_the_same_times() -> None:
    other = voice(stretched(UNEVEN), 150.0, 1.05, RATE)
    assert align(REFERENCE, other.pcm, RATE) == align(REFERENCE, other.pcm, RATE)


def test_pieces_are_joined() -> None:
    first, second = REFERENCE, voice(TALK, 120.0, 1.0, RATE)
    whole = joined([first, second])
    assert whole.samples == first.samples + second.samples
    assert covers(whole.phones, whole.samples)
    assert whole.words[len(WORDS)].start == first.samples + second.words[0].start
    with pytest.raises(ValueError, match="rate"):
        joined([first, voice(TALK, 120.0, 1.0, 16_000)])
    with pytest.raises(ValueError, match="rate"):
        joined([])
