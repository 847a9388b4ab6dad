"""Words and voice weighed together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.opinion import Opinion

LIKELY = st.floats(0.0, 1.0)


def test_one_alone_is_what_it_says() -> None:
    assert Opinion().likelihood is None
    assert Opinion(by_words=0.7).likelihood == 0.7
    assert Opinion(by_voice=0.2).likelihood == pytest.approx(0.2)


@given(LIKELY, LIKELY)
def test_both_together_are_even_handed_bounded_and_stronger_than_the_weaker(one: float, other: float) -> None:
    both = Opinion(one, other).likelihood
    assert both is not None
    assert both == pytest.approx(Opinion(other, one).likelihood)
    assert 0.0 < both < 1.0
    assert Opinion(1 - one, 1 - other).likelihood == pytest.approx(1 - both)


@given(LIKELY)
def test_who_has_no_idea_changes_nothing(likely: float) -> None:
    assert Opinion(0.5, likely).likelihood == pytest.approx(min(0.99, max(0.01, likely)))


def test_two_that_agree_are_surer_than_each() -> None:
    assert (Opinion(0.8, 0.8).likelihood or 0) > 0.9
    assert Opinion(0.9, 0.1).likelihood == pytest.approx(0.5)
    assert Opinion(0.6, 0.8).voice_is_sure
    assert not Opinion(0.9).voice_is_sure
    assert not Opinion(0.05, 0.9).voice_is_sure


@given(LIKELY, LIKELY)
def test_a_voice_that_is_not_trusted_changes_nothing(words: float, voice: float) -> None:
    assert Opinion(words, voice, trust=0.0).likelihood == pytest.approx(min(0.99, max(0.01, words)))
    assert Opinion(by_voice=voice, trust=0.0).likelihood == pytest.approx(0.5)


def test_lagging_words_say_nothing_against_a_voice() -> None:
    assert Opinion(0.05, 0.9, lagging=True).likelihood == pytest.approx(0.9)
    assert (Opinion(0.9, 0.9, lagging=True).likelihood or 0) > 0.95
    assert Opinion(0.05, lagging=True).likelihood == 0.05
    assert (Opinion(0.1, 0.2, lagging=True).likelihood or 1) < 0.05
