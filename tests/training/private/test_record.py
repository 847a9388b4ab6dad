"""What stands in identity.json about privacy."""

from __future__ import annotations

from training.private.record import with_privacy


def test_a_promise_is_added_and_all_else_stays() -> None:
    facts = {"language": "de", "privacy": {"anonymiser": "x"}}
    assert with_privacy(facts, "dp", {"epsilon": 8.0}) == {
        "language": "de",
        "privacy": {"anonymiser": "x", "dp": {"epsilon": 8.0}},
    }
    assert facts == {"language": "de", "privacy": {"anonymiser": "x"}}
    assert with_privacy({}, "federated", {"sites": 3}) == {"privacy": {"federated": {"sites": 3}}}


def test_an_earlier_promise_is_not_forgotten() -> None:
    once = with_privacy({}, "dp", {"epsilon": 8.0})
    assert with_privacy(once, "dp", {"epsilon": 8.0}) == once
    twice = with_privacy(once, "dp", {"epsilon": 2.0})
    thrice = with_privacy(twice, "dp", {"epsilon": 1.0})
    assert thrice["privacy"]["dp"] == {"epsilon": 1.0, "before": [{"epsilon": 2.0}, {"epsilon": 8.0}]}
