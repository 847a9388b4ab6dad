"""Speech, pauses and syllables that stand out, from sound alone; and the nods that follow them."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.api import FaceBlock, FaceStyle, Speech
from engines.face.lips_audio import BANDS, LipsFromSound
from engines.face.prosody import APART_S, PAUSE_S, Event, Prosody
from tests.engines.face.faces import perform
from training.lips import espeak_voice
from training.lips.metrics import vowels
from training.lips.takes import Take

TEXTS = (
    "Maybe Pamela can come by on Monday afternoon.",
    "The number is forty-seven thousand, five hundred and eleven.",
    "Thank you very much for everything that you have brought.",
)


@lru_cache
def takes() -> tuple[Take, ...]:
    return tuple(espeak_voice.say_all(TEXTS, "en-us", "m4"))


def heard(take: Take) -> list[Event]:
    ear = LipsFromSound(take.speech.rate)
    ear.push(take.speech.pcm)
    return ear.events()


def steps(*spans: tuple[float, float]) -> list[Event]:
    """What is heard in spans of (seconds, level in dB)."""
    prosody = Prosody(0.0)
    rows = [np.full(BANDS, 10 ** (level / 10) / BANDS, np.float32) for s, level in spans for _ in range(round(s * 100))]
    return [event for row in rows for event in prosody.hear(row)]


def cut(pcm: bytes, rate: int, points: list[int]) -> list[Speech]:
    bounds = [0, *sorted(points), len(pcm) // 2]
    return [Speech(pcm[2 * a : 2 * b], rate, source="audio") for a, b in pairwise(bounds)]


def head(pieces: list[Speech], seed: int = 3) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Head yaw, pitch and roll, a row a frame."""
    weights = b"".join(item.weights for item in perform(pieces, FaceStyle(seed=seed)) if isinstance(item, FaceBlock))
    return np.frombuffer(weights, np.uint8).reshape(-1, 55)[:, -3:]


def test_what_stands_out_are_stressed_vowels_more_often_than_chance() -> None:
    hits = count = stressed = syllables = 0
    for take in takes():
        rate = take.speech.rate
        spoken = [phone for phone in take.speech.phones if vowels(phone.ipa)]
        marked = [(phone.start / rate, phone.end / rate) for phone in spoken if phone.stress == 1]
        stressed, syllables = stressed + len(marked), syllables + len(spoken)
        for event in heard(take):
            if event.kind == "stress":
                count += 1
                hits += any(start <= event.at <= end + 0.05 for start, end in marked)
    assert 0.5 * stressed <= count <= 1.5 * stressed
    assert hits / count > stressed / syllables + 0.1


def test_accents_keep_their_distance_and_nothing_is_told_of_silence() -> None:
    times = [event.at for take in takes() for event in heard(take) if event.kind == "stress"]
    gaps = np.diff(times)
    assert gaps[gaps > 0].min() >= APART_S - 1e-6
    assert steps((3.0, -100.0)) == []


def test_speech_and_pauses_alternate() -> None:
    spans = ((1.0, -100.0), (0.5, -20.0), (0.2, -90.0), (0.5, -22.0), (1.0, -90.0), (0.3, -20.0))
    kinds = [event for event in steps(*spans) if event.kind != "stress"]
    assert [event.kind for event in kinds] == ["speech", "pause", "speech"]
    assert [round(event.at, 2) for event in kinds] == [1.0, round(2.2 + PAUSE_S - 0.01, 2), 3.2]


def test_the_head_nods_to_a_voice_without_phones_and_not_to_silence() -> None:
    speech = takes()[1].speech
    voiced = head([Speech(speech.pcm, speech.rate, source="audio")])[:, 1].astype(int)
    silent = head([Speech(bytes(len(speech.pcm)), speech.rate, source="audio")])[:, 1].astype(int)
    assert len(voiced) == len(silent)
    assert (silent - voiced).max() >= 4  # steps of 0.22 degrees, down
    assert (voiced[:6] == silent[:6]).all()


@pytest.mark.parametrize("seed", [1, 3])
def test_no_nod_begins_before_its_syllable_is_heard(seed: int) -> None:
    speech = takes()[1].speech
    points = list(range(0, 40_000, 441))
    pcm = speech.pcm[:80_000]
    whole, streamed = (head(cut(pcm, speech.rate, where), seed) for where in ([], points))
    assert np.ptp(whole[:, 1].astype(int)) >= 4
    assert (whole == streamed).all()


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 40_000), max_size=10))
def test_the_head_does_not_depend_on_how_the_sound_is_cut(points: list[int]) -> None:
    speech = takes()[0].speech
    pcm = speech.pcm[:80_000]
    assert (head(cut(pcm, speech.rate, points)) == head(cut(pcm, speech.rate, []))).all()


@pytest.mark.parametrize("level", [-45.0, 0.0])
def test_a_steady_tone_is_no_row_of_accents(level: float) -> None:
    assert sum(event.kind == "stress" for event in steps((5.0, level))) <= 1
