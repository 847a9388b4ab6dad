"""Lips from sound alone: streaming, bounded look-ahead, and closures where a real synthesizer closes its lips."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.lips.methods import Shown, audio, exact
from bench.lips.score import Scores, score
from engines.api import FaceBlock, FaceStyle, Speech, Stream
from engines.face import lips_audio
from engines.face.engine import ArticulationFace
from engines.face.lips_audio import LOOK_S, ROWS, SEAL, TEETH, LipsFromSound
from engines.face.overheard import LONG_S
from tests.engines.face.faces import perform, say, show
from training.lips import espeak_voice, flite_voice, metrics
from training.lips.takes import Take

TEXTS = ("Maybe Pamela can come by on Monday afternoon.", "Five brave firemen fought off the vivid flames.")


@lru_cache
def takes() -> tuple[Take, ...]:
    """Real speech with exact times, in a body that the net was not trained in."""
    return tuple(espeak_voice.say_all(TEXTS, "en-us", "m4"))


def pieces(pcm: bytes, rate: int, points: list[int]) -> list[Speech]:
    bounds = [0, *sorted(points), len(pcm) // 2]
    return [Speech(pcm[2 * a : 2 * b], rate, source="audio") for a, b in pairwise(bounds)]


def drawn(speech: list[Speech], style: FaceStyle | None = None) -> bytes:
    return b"".join(item.weights for item in perform(speech, style) if isinstance(item, FaceBlock))


def scored(shown: list[Shown]) -> Scores:
    return score(takes(), shown, 60)


def test_the_weights_are_small() -> None:
    assert Path(lips_audio.__file__).with_name("lips_audio.npz").stat().st_size < 200_000


def test_closures_are_heard_and_the_jaw_follows_the_vowels() -> None:
    scores = scored(audio(takes()))
    assert scores.closures.f1 >= 0.85
    assert scores.teeth.recall >= 0.6
    assert scores.correlation >= 0.75
    assert abs(scores.lag_ms) <= 15.0
    assert scores.sealed_vowels <= 0.02
    assert scores.jerk <= 4.0


def test_the_phones_are_worth_knowing() -> None:
    assert scored(exact(takes())).correlation > scored(audio(takes())).correlation


@pytest.mark.skipif(not flite_voice.available(), reason="flite is not installed (Debian: libflite1)")
def test_closures_are_heard_in_a_voice_of_another_synthesizer() -> None:
    texts = (*TEXTS, "Peter Piper picked a peck of pickled peppers.", "Put the paper cup behind the lamp, please.")
    unheard = [flite_voice.say("awb", text) for text in texts]
    scores = score(unheard, audio(unheard), 60)
    assert scores.closures.f1 >= 0.6
    assert scores.jerk <= 4.0


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 30_000), max_size=12))
def test_what_is_told_does_not_depend_on_how_the_sound_is_cut(points: list[int]) -> None:
    pcm = takes()[0].speech.pcm[:60_000]
    whole, parted = LipsFromSound(22_050), LipsFromSound(22_050)
    whole.push(pcm)
    for part in pieces(pcm, 22_050, points):
        parted.push(part.pcm)
    times = np.arange(0.0, 1.25, 1 / 60)
    assert whole.known == parted.known
    assert (whole.at(times) == parted.at(times)).all()
    assert (whole.shown(times[1:]) == parted.shown(times[1:])).all()


def test_streamed_pieces_draw_the_same_frames_whatever_their_size() -> None:
    speech = takes()[0].speech
    cut = [pieces(speech.pcm, speech.rate, list(range(size, speech.samples, size))) for size in (441, 882, 2205, 4410)]
    frames = [drawn(some) for some in cut]
    assert frames[0] == frames[1] == frames[2] == frames[3]


def test_it_hears_no_further_ahead_than_it_says() -> None:
    rng = np.random.default_rng(1)
    speech = takes()[0].speech
    same = round((1.0 + LOOK_S) * speech.rate) + 1
    other = speech.pcm[: 2 * same] + (rng.standard_normal(8000) * 9000).astype("<i2").tobytes()
    first, second = LipsFromSound(speech.rate), LipsFromSound(speech.rate)
    first.push(speech.pcm)
    second.push(other)
    times = np.arange(0.05, 1.0, 1 / 60)
    assert LOOK_S <= 0.060
    assert (first.shown(times) == second.shown(times)).all()


def test_a_short_piece_waits_for_what_follows_and_a_long_one_does_not() -> None:
    speech = takes()[0].speech
    short, long = round(0.04 * speech.rate), round((LONG_S + 0.01) * speech.rate)

    async def yielded_before(sizes: list[int]) -> list[int]:
        """How many pieces the face had been given when it passed each one on."""
        given = 0

        async def stream() -> Stream[Speech]:
            nonlocal given
            at = 0
            for size in sizes:
                given += 1
                yield Speech(speech.pcm[2 * at : 2 * (at + size)], speech.rate, source="audio")
                at += size

        async with aclosing(ArticulationFace().animate(stream(), FaceStyle())) as items:
            return [given async for item in items if isinstance(item, Speech)]

    assert asyncio.run(yielded_before([short] * 5)) == [3, 4, 5, 5, 5]
    assert asyncio.run(yielded_before([long, long])) == [1, 2]


def test_sound_without_phones_is_labelled_and_ends_at_rest() -> None:
    speech = takes()[1].speech
    piece = Speech(speech.pcm + bytes(2 * speech.rate // 2), speech.rate, source="audio")
    blocks = [item for item in perform([piece]) if isinstance(item, FaceBlock)]
    assert {block.source for block in blocks} == {"audio"}
    shown = show(piece)
    assert shown["jawOpen"].max() > 0.25
    assert shown["jawOpen"][-6:].max() < 0.04
    assert metrics.lips(shown.frames, shown.names).closed[-6:].mean() > 0.5


def test_exact_pieces_after_heard_ones_draw_every_frame() -> None:
    speech = takes()[0].speech
    talk = say(("", 0.1), ("m", 0.1), ("a", 0.2), ("", 0.3))
    heard = pieces(speech.pcm[:40_000], speech.rate, [500, 1500, 9000])
    items = perform([*heard, talk, *heard, talk])
    total = sum(item.samples for item in items if isinstance(item, Speech))
    frames = sum(len(item.weights) for item in items if isinstance(item, FaceBlock)) // 55
    assert frames == -(-total * 60 // speech.rate)
    assert {item.source for item in items if isinstance(item, FaceBlock)} == {"audio", "exact"}


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_every_rate_is_heard_alike(rate: int) -> None:
    take = takes()[0]
    ear = LipsFromSound(rate)
    ear.push(take.pcm(rate).tobytes())
    reference = LipsFromSound(take.speech.rate)
    reference.push(take.speech.pcm)
    times = np.arange(0.1, 2.0, 0.01)
    assert np.abs(ear.at(times) - reference.at(times))[[0, SEAL, TEETH]].mean() < 0.05


@pytest.mark.parametrize("level", [0.0, 1.0, 40.0])
def test_noise_and_silence_are_borne(level: float) -> None:
    noise = np.clip(np.random.default_rng(2).standard_normal(9000) * 3000 * level, -32768, 32767)
    ear = LipsFromSound(16_000)
    assert ear.at(np.array([0.0, 0.1])).shape == (ROWS, 2)
    ear.push(noise.astype("<i2").tobytes())
    told = ear.shown(np.arange(0.0, 0.9, 1 / 60))
    assert np.isfinite(told).all()
    assert told.min() >= 0.0
    assert told.max() <= 1.0 + 1e-5
    if level == 0.0:
        assert told[0].max() < 0.15
        assert told[0, 6:].max() < 0.03


def test_what_is_forgotten_is_not_needed() -> None:
    speech = takes()[0].speech
    kept, freed = LipsFromSound(speech.rate), LipsFromSound(speech.rate)
    times = np.arange(1.0, 1.3, 1 / 60)
    for part in pieces(speech.pcm[:70_000], speech.rate, list(range(1000, 35_000, 1000))):
        kept.push(part.pcm)
        freed.push(part.pcm)
        freed.forget(min(freed.known, 0.9))
    assert (kept.shown(times) == freed.shown(times)).all()
