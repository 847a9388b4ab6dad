"""Speech probabilities become utterances, however finely they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.segmenter import Hysteresis, Segmenter
from tests.bridge.core.cuts import STEADY

RATE = 16_000
WINDOW = 480  # 30 ms
SETTINGS = Hysteresis(enter=0.5, leave=0.35, start_after=0.06, stop_after=0.3)


def segments(probabilities: list[float], *, parts: int = 1) -> list[tuple[int, bool]]:
    """Every change, with the window in which it came; each window is fed in `parts` equal pieces."""
    segmenter, changes = Segmenter(SETTINGS, RATE), []
    for window, probability in enumerate(probabilities):
        for _ in range(parts):
            change = segmenter.push(probability, WINDOW // parts)
            if change is not None:
                changes.append((window, change))
                assert segmenter.speaking is change
    return changes


def test_speech_begins_after_a_moment_and_ends_after_a_pause() -> None:
    assert segments([0.0] * 5 + [0.9] * 10 + [0.0] * 15) == [(6, True), (24, False)]


def test_a_click_is_no_speech() -> None:
    assert segments(([0.9] + [0.0] * 12) * 5) == []


def test_two_sounds_close_together_are_speech() -> None:
    assert segments([0.9, 0.0, 0.0, 0.9, 0.9]) == [(3, True)]


def test_a_dip_does_not_end_it_and_a_murmur_keeps_it_up() -> None:
    assert segments([0.9] * 5 + [0.0] * 9 + [0.4] + [0.0] * 9 + [0.9]) == [(1, True)]


def test_a_murmur_does_not_begin_it() -> None:
    assert segments([0.45] * 100) == []


def test_it_says_when_speech_pauses() -> None:
    segmenter = Segmenter(SETTINGS, RATE)

    def pausing(probability: float, samples: int = WINDOW) -> bool:
        segmenter.push(probability, samples)
        return segmenter.pausing

    assert not segmenter.pausing
    assert [pausing(p) for p in (0.9, 0.9, 0.9, 0.1, 0.9)] == [False, False, False, True, False]
    assert not pausing(0.1, RATE)


def test_reset_is_silence() -> None:
    segmenter = Segmenter(SETTINGS, RATE)
    assert [segmenter.push(0.9, WINDOW) for _ in range(3)].count(True) == 1
    segmenter.reset()
    assert not segmenter.speaking
    assert segmenter.push(0.9, WINDOW) is None


PROBABILITIES = st.lists(st.sampled_from([0.0, 0.2, 0.34, 0.36, 0.49, 0.5, 0.9, 1.0]), max_size=120)


@STEADY
@given(PROBABILITIES, st.sampled_from([2, 3, 4, 6, 10]))
def test_finer_windows_give_the_same_utterances(probabilities: list[float], parts: int) -> None:
    assert segments(probabilities, parts=parts) == segments(probabilities)


@STEADY
@given(PROBABILITIES)
def test_beginnings_and_ends_alternate(probabilities: list[float]) -> None:
    changes = [change for _, change in segments(probabilities)]
    assert changes == [i % 2 == 0 for i in range(len(changes))]
