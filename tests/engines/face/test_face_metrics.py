"""The metrics must tell good lips from bad ones."""

import numpy as np
import pytest

from training.lips import metrics
from training.lips.metrics import Lips, Phone

FPS = 60
PHONES = (
    Phone("", 0.0, 0.2), Phone("a", 0.2, 0.4), Phone("p", 0.4, 0.5, 0.46), Phone("i", 0.5, 0.65),
    Phone("f", 0.65, 0.75), Phone("aɪ", 0.75, 1.0), Phone("m", 1.0, 1.08), Phone("u", 1.08, 1.25), Phone("", 1.25, 1.6),
)  # fmt: skip
FRAMES = 96


def perfect() -> Lips:
    times = np.arange(FRAMES) / FPS
    closed = np.zeros(FRAMES, bool)
    for low, high in ((0.4, 0.46), (1.0, 1.08), (1.26, 1.6), (0.0, 0.19)):
        closed |= (times >= low) & (times <= high)
    return Lips(metrics.openness(PHONES, FPS, FRAMES), closed, (times >= 0.66) & (times <= 0.74))


def late(lips: Lips, frames: int) -> Lips:
    return Lips(
        *(
            np.concatenate([np.repeat(row[:1], frames), row[:-frames]])
            for row in (lips.aperture, lips.closed, lips.teeth)
        )
    )


def test_perfect_lips_score_perfectly() -> None:
    lips = perfect()
    closures, teeth = metrics.closures(lips, PHONES, FPS), metrics.labiodentals(lips, PHONES, FPS)
    assert (closures.true, closures.shown, closures.f1) == (2, 2, 1.0)
    assert (teeth.true, teeth.shown, teeth.f1) == (1, 1, 1.0)
    assert metrics.sealed_vowels(lips, PHONES, FPS)[0] == 0
    truth = metrics.openness(PHONES, FPS, FRAMES)
    assert metrics.correlation(lips.aperture, truth) == pytest.approx(1.0)
    assert metrics.lag_ms(lips.aperture, truth, FPS) == pytest.approx(0.0, abs=0.5)
    assert metrics.jerk_ratio(lips.aperture, truth) == pytest.approx(1.0)


def test_lips_that_never_close_have_no_recall_and_lips_that_never_open_no_precision() -> None:
    lips = perfect()
    never = metrics.closures(Lips(lips.aperture, np.zeros(FRAMES, bool), lips.teeth), PHONES, FPS)
    assert (never.recall, never.f1) == (0.0, 0.0)
    shut = Lips(lips.aperture, np.ones(FRAMES, bool), lips.teeth)
    assert metrics.sealed_vowels(shut, PHONES, FPS)[0] == metrics.sealed_vowels(shut, PHONES, FPS)[1] > 5


def test_a_false_closure_costs_precision() -> None:
    lips = perfect()
    lips.closed[36:38] = True
    found = metrics.closures(lips, PHONES, FPS)
    assert (found.shown, found.precision) == (3, pytest.approx(2 / 3))


def test_lag_is_measured_to_the_millisecond() -> None:
    truth = metrics.openness(PHONES, FPS, FRAMES)
    for frames in (1, 3, 5):
        assert metrics.lag_ms(late(perfect(), frames).aperture, truth, FPS) == pytest.approx(
            frames * 1000 / FPS, abs=1.5
        )
    assert metrics.closures(late(perfect(), 8), PHONES, FPS).recall == 0.0


def test_a_jumpy_mouth_has_more_jerk() -> None:
    truth = metrics.openness(PHONES, FPS, FRAMES)
    assert metrics.jerk_ratio(np.round(truth * 3) / 3, truth) > 3.0


def test_flat_curves_correlate_with_nothing() -> None:
    assert metrics.correlation(np.ones(9), np.arange(9.0)) == 0.0


def test_scores_add_up() -> None:
    total = metrics.Score(1, 2, 3, 3) + metrics.Score(2, 2, 0, 1)
    assert (total.recall, total.precision) == (0.75, 0.75)


def test_arkit_frames_are_read_as_lips() -> None:
    names = [
        "jawOpen",
        "mouthClose",
        "mouthPressLeft",
        "mouthPressRight",
        "mouthRollLower",
        "mouthRollUpper",
        "mouthFunnel",
    ]
    frames = np.array([[0.3, 0.0, 0, 0, 0, 0, 0], [0.3, 0.3, 0.45, 0.45, 0.2, 0.2, 0], [0.12, 0.05, 0, 0, 0.6, 0, 0]])
    lips = metrics.lips(frames, names)
    assert list(lips.closed) == [False, True, False]
    assert list(lips.teeth) == [False, False, True]
    assert lips.aperture == pytest.approx([0.3, 0.0, 0.0])


def test_tokens_open_as_their_vowels_do() -> None:
    assert metrics.vowels("aɪ") == [1.0, 0.35]
    assert metrics.vowels("ɔ̃") == [0.7]
    assert metrics.vowels("ʃ") == []
    truth = metrics.openness((Phone("aɪ", 0.1, 0.5),), FPS, 40)
    assert truth[15] > 0.9
    assert truth[27] < 0.45
