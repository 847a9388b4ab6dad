"""Where speech ends, frame by frame; the same however the sound was cut."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from engines.api import MIC_RATE
from engines.hearing.whisper.utterance import FRAME, TAIL, Utterance
from tests.bridge.core.cuts import STEADY, cut, cuts

RNG = np.random.default_rng(0)


def noise(seconds: float, level: float) -> bytes:
    return (RNG.standard_normal(round(seconds * MIC_RATE)) * level * 32767).clip(-32768, 32767).astype("<i2").tobytes()


def of(*sounds: bytes) -> Utterance:
    utterance = Utterance()
    for sound in sounds:
        utterance.push(sound)
    return utterance


def test_speech_ends_a_little_after_the_last_loud_frame() -> None:
    utterance = of(noise(0.3, 1e-3), noise(1.0, 0.1), noise(0.1, 1e-3))
    assert not utterance.paused
    assert utterance.end == utterance.samples
    utterance.push(noise(0.4, 1e-3))
    assert utterance.paused
    assert abs(utterance.end - (round(1.3 * MIC_RATE) + TAIL)) <= FRAME
    before = utterance.end
    utterance.push(noise(1.0, 1e-3))
    assert utterance.end == before, "what was the end stays the end"
    utterance.push(noise(0.2, 0.1))
    assert utterance.end == utterance.samples


def test_what_is_never_quieter_never_pauses() -> None:
    steady = of(noise(2.0, 0.1))
    assert not steady.paused
    assert not steady.silent
    assert steady.end == steady.samples


def test_silence_is_silent() -> None:
    assert of(bytes(32000)).silent
    assert of(noise(1.0, 1e-4)).silent
    assert of(b"").silent


def test_a_loud_room_hides_its_pauses_but_not_its_speech() -> None:
    utterance = of(noise(0.3, 0.02), noise(1.0, 0.2), noise(0.5, 0.02))
    assert utterance.paused
    assert utterance.loudness(0, round(0.28 * MIC_RATE)) < 0.2
    assert utterance.loudness(round(0.3 * MIC_RATE), round(1.3 * MIC_RATE)) > 0.9


def test_a_word_is_where_it_is_loud() -> None:
    utterance = of(noise(0.5, 1e-3), noise(0.5, 0.1), noise(0.5, 1e-3))
    start, end = utterance.tight(0, round(1.4 * MIC_RATE))
    assert abs(start - MIC_RATE // 2) <= FRAME
    assert abs(end - MIC_RATE) <= FRAME
    assert utterance.tight(100, 200) == (100, 200)


MIXED = noise(0.1, 1e-3) + noise(0.1, 0.1) + noise(0.25, 1e-3)


@STEADY
@given(cuts(len(MIXED)))
def test_where_the_sound_is_cut_changes_nothing(places: list[int]) -> None:
    whole, pieces = of(MIXED), of(*cut(MIXED, places))
    assert whole.paused
    assert (pieces.end, pieces.paused, pieces.silent) == (whole.end, whole.paused, whole.silent)
    assert np.array_equal(pieces.audio(0, pieces.samples), whole.audio(0, whole.samples))
