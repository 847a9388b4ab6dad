"""The statistics: against values that are known, and against chance."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.evaluate.numbers.information import shared
from studio.evaluate.numbers.similarity import HASHES, likeness, sketches
from studio.evaluate.numbers.spread import chi_square_tail, entropy, quantile, spread
from studio.evaluate.numbers.words import density, distinct, variety

# What scipy.stats.chi2.sf gives.
TAILS = ((3.841, 1, 0.05), (30.0, 20, 0.069854), (100.0, 60, 0.000917), (12.0, 2, 0.002479), (700.0, 610, 0.006592))


@pytest.mark.parametrize(("statistic", "freedom", "p"), TAILS)
def test_the_tail_of_chi_square_is_near_the_exact_one(statistic: float, freedom: int, p: float) -> None:
    assert chi_square_tail(statistic, freedom) == pytest.approx(p, rel=0.12)


def test_an_even_spread_has_all_the_entropy_and_an_uneven_one_is_told() -> None:
    even = spread(["a", "b", "c", "d"] * 50, ("a", "b", "c", "d"))
    assert (even.evenness, even.chi_square, even.coverage, even.p) == (1.0, 0.0, 1.0, 1.0)
    skewed = spread(["a"] * 90 + ["b"] * 10, ("a", "b", "c", "d"))
    assert (skewed.coverage, skewed.top, skewed.top_share) == (0.5, "a", 0.9)
    assert skewed.evenness == pytest.approx(entropy([90, 10]) / 2)
    assert skewed.p < 1e-6
    assert spread([]).evenness == 1.0
    assert spread(["x", "y"]).coverage == 1.0


def test_quantiles_are_by_nearest_rank() -> None:
    assert [quantile([3, 1, 2], q) for q in (0.0, 0.34, 0.5, 1.0)] == [1, 2, 2, 3]
    assert quantile([], 0.5) == 0


def test_information_is_near_its_floor_where_there_is_none_and_above_it_where_there_is() -> None:
    chance = Random(1)
    trades = [chance.randrange(60) for _ in range(1000)]
    apart = shared(trades, [chance.randrange(3) for _ in range(1000)], seed=2)
    assert apart.excess < 0.02
    assert apart.p > 0.01
    leaning = shared(trades, [trade % 3 if chance.random() < 0.3 else chance.randrange(3) for trade in trades], seed=2)
    assert leaning.excess > 0.05
    assert leaning.p == pytest.approx(1 / 401)
    whole = shared("abab" * 50, "xyxy" * 50, seed=0)
    assert whole.bits == pytest.approx(1.0)
    assert shared([], [], seed=0).p == 1.0
    with pytest.raises(ValueError, match="as long"):
        shared("ab", "a", seed=0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60))
def test_information_is_symmetric_and_no_more_than_either_entropy(pairs: list[tuple[int, int]]) -> None:
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    bits = shared(a, b, seed=0, shuffles=0).bits
    assert bits == pytest.approx(shared(b, a, seed=0, shuffles=0).bits)
    most = min(entropy([a.count(x) for x in set(a)]), entropy([b.count(y) for y in set(b)]))
    assert -1e-9 <= bits <= most + 1e-9


def test_distinct_runs_and_variety() -> None:
    assert distinct([("a", "b", "a", "b")], 2) == pytest.approx(2 / 3)
    assert distinct([], 2) == distinct([("a",)], 2) == 0.0
    assert variety(("a", "b", "a"), 50) == pytest.approx(2 / 3)
    assert variety(()) == 0.0
    words = [str(i % 7) for i in range(40)]
    slow = [len(set(words[i : i + 5])) / 5 for i in range(36)]
    assert variety(words, 5) == pytest.approx(sum(slow) / 36)


def test_what_repeats_itself_is_compressed_more() -> None:
    assert density("ha " * 300) < 0.1 < density("Sphinx of black quartz, judge my vow.")
    assert density("") == 0.0


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_minhash_estimates_jaccard(share: float) -> None:
    chance = Random(7)
    text = [f"w{chance.randrange(10**6)}" for _ in range(900)]
    other = text[: int(900 * share)] + [f"v{i}" for i in range(900 - int(900 * share))]
    first, second = ({tuple(words[i : i + 4]) for i in range(897)} for words in (text, other))
    true = len(first & second) / len(first | second)
    found = likeness(sketches([text, other]))
    assert (found.pairs, found.closest) == (1, (0, 1) if share else (0, 0))
    assert found.most == pytest.approx(true, abs=3 / (2 * math.sqrt(HASHES)))


def test_likeness_counts_every_pair_once() -> None:
    texts = [("same", "words", "here", "now")] * 2 + [tuple("abcdefgh"), ()]
    found = likeness(sketches(texts))
    assert (found.pairs, found.most, found.closest, found.near) == (6, 1.0, (0, 1), 1)
    assert sum(found.histogram) == 6
    assert likeness(sketches([])).pairs == 0
