"""Contacts from probabilities: whole, without flicker, and without a jerk."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.face.touch import FAINT, FULL, HELD, STEPS, SURE, Touch, met


def followed(probabilities: list[float]) -> list[float]:
    touch = Touch()
    return [touch.follow(probability) for probability in probabilities]


def dip(peak: float) -> list[float]:
    """A contact as the net tells one: there for 70 ms, with slopes of 30."""
    rise = [peak * n / 4 for n in range(1, 4)]
    return [0.0] * 12 + rise + [peak] * 7 + rise[::-1] + [0.0] * 20


def test_a_likely_contact_touches_and_lets_go_within_a_tenth_of_a_second() -> None:
    shown = met(np.array(followed(dip(0.9)), np.float32))
    touching = np.flatnonzero(shown == 1.0)
    assert len(touching) >= 4
    assert (np.diff(touching) == 1).all()
    assert shown[:12].max() == 0.0
    assert shown[22 + STEPS :].max() == 0.0


def test_an_unlikely_one_shows_in_part_and_a_faint_one_not_at_all() -> None:
    assert 0.2 < max(followed(dip(0.5 * SURE))) < FULL
    assert max(followed(dip(0.9 * FAINT))) == 0.0


def test_a_flicker_of_the_probability_is_none_of_the_lips() -> None:
    steady, flickering = [0.9] * 30, [0.9, 0.9 * HELD + 0.01] * 15
    assert followed(flickering) == followed(steady)


def test_two_contacts_with_a_gap_between_them_are_two() -> None:
    shown = met(np.array(followed([*dip(0.9)[:26], *dip(0.9)[6:]]), np.float32))
    edges = np.diff((shown == 1.0).astype(int))
    assert (edges == 1).sum() == 2


@given(st.lists(st.floats(0.0, 1.0), max_size=80))
def test_lips_never_jump(probabilities: list[float]) -> None:
    told = np.array([0.0, *followed(probabilities)])
    assert told.min() >= 0.0
    assert told.max() <= 1.0 + 1e-9
    assert np.abs(np.diff(told)).max(initial=0.0) < 0.25


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40), st.integers(0, 40))
def test_a_copy_goes_on_alone(probabilities: list[float], at: int) -> None:
    touch = Touch()
    for probability in probabilities[:at]:
        touch.follow(probability)
    other = touch.copy()
    for _ in range(5):
        other.follow(0.9)
    assert [touch.follow(one) for one in probabilities[at:]] == followed(probabilities)[at:]
