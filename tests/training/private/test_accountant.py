"""Budgets: against a formula that is exact, between the accountants, and what cannot be promised."""

from __future__ import annotations

import math
import random

import pytest

from training.private.accountant import LOUDEST, PrivacyError, promise, spent
from training.private.people import drawn, grouped

pytest.importorskip("opacus")


def phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def exact_delta(epsilon: float, sigma: float) -> float:
    """Return delta of one Gaussian release of sensitivity 1 (Balle and Wang 2018, theorem 8)."""
    return phi(0.5 / sigma - epsilon * sigma) - math.exp(epsilon) * phi(-0.5 / sigma - epsilon * sigma)


@pytest.mark.parametrize(("sigma", "steps"), [(2.0, 1), (4.0, 10), (20.0, 100)])
def test_without_sampling_it_is_the_exact_gaussian(sigma: float, steps: int) -> None:
    """Steps with everybody in are one release whose noise is smaller by the root of how many they are."""
    delta = 1e-5
    close, rough = (spent(sigma, 1.0, steps, delta, kind) for kind in ("prv", "rdp"))
    assert exact_delta(close - 0.03, sigma / math.sqrt(steps)) > delta
    assert exact_delta(close + 0.001, sigma / math.sqrt(steps)) <= delta
    assert close <= rough < 1.3 * close


def test_more_noise_fewer_steps_and_rarer_persons_tell_less() -> None:
    base = spent(1.0, 0.1, 100, 1e-5, "rdp")
    assert spent(2.0, 0.1, 100, 1e-5, "rdp") < base
    assert spent(1.0, 0.1, 50, 1e-5, "rdp") < base
    assert spent(1.0, 0.05, 100, 1e-5, "rdp") < base
    assert spent(1.0, 0.1, 0, 1e-5) == 0.0
    assert spent(0.0, 0.1, 1, 1e-5) == math.inf


@pytest.mark.parametrize(("accountant", "epsilon"), [("prv", 2.0), ("rdp", 8.0)])
def test_what_is_promised_is_kept_and_not_by_far_too_much_noise(accountant: str, epsilon: float) -> None:
    made = promise(epsilon, 1e-3, persons=100, crowd=20, steps=60, clip=1.0, accountant=accountant)  # type: ignore[arg-type]
    assert 0.94 * epsilon < made.epsilon <= epsilon
    assert spent(made.sigma, made.q, made.steps, made.delta, made.accountant) == pytest.approx(made.epsilon)
    assert made.facts() == {
        "epsilon": round(made.epsilon, 4), "delta": 1e-3, "unit": "person", "sigma": round(made.sigma, 4), "q": 0.2,
        "steps": 60, "accountant": accountant, "clip": 1.0, "persons": 100, "seeded": False,
    }  # fmt: skip
    assert made.crowd == 20


def test_the_closer_accountant_needs_less_noise() -> None:
    assert spent(1.5, 0.2, 60, 1e-3, "prv") < 0.95 * spent(1.5, 0.2, 60, 1e-3, "rdp")


def test_an_epsilon_that_cannot_be_kept_says_what_could_be() -> None:
    with pytest.raises(PrivacyError) as wrong:
        promise(0.1, 1e-3, persons=12, crowd=4, steps=300, clip=1.0)
    assert wrong.value.code == "epsilon_too_small"
    said = wrong.value.message
    assert "epsilon 0.1 cannot be kept with 12 persons, 4 in a step, over 300 steps" in said
    epsilon = float(said.split("What could be: epsilon ")[1].split(" ")[0])
    persons = int(said.split("about ")[1].split(" ")[0])
    assert promise(epsilon + 0.01, 1e-3, persons=12, crowd=4, steps=300, clip=1.0).sigma <= LOUDEST * 4
    assert promise(0.1, min(1e-3, 0.1 / persons), persons=persons * 2, crowd=4, steps=300, clip=1.0).epsilon <= 0.1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"epsilon": 0.0}, "more than nothing"), ({"epsilon": math.nan}, "more than nothing"),
        ({"steps": 0}, "more than nothing"), ({"persons": 1}, "one person cannot hide"),
        ({"crowd": 200.0}, "cannot have 200 of 100"), ({"delta": 0.01}, "given away whole; take 0.001"),
    ],
)  # fmt: skip
def test_what_is_no_budget(change: dict[str, float], why: str) -> None:
    given = {"epsilon": 8.0, "delta": 1e-4, "persons": 100, "crowd": 10.0, "steps": 10, "clip": 1.0, **change}
    with pytest.raises(PrivacyError, match=why) as wrong:
        promise(given.pop("epsilon"), given.pop("delta"), **given)  # type: ignore[arg-type]
    assert wrong.value.code == "bad_privacy"


def test_lines_are_grouped_by_person() -> None:
    lines = [("b", 1), ("a", 2), (" b ", 3), ("b", 4)]
    assert grouped(lines, chance=random.Random(1)) == [[2], [1, 3, 4]]
    [first, second] = grouped(lines, most=2, chance=random.Random(1))
    assert first == [2]
    assert len(second) == 2
    with pytest.raises(PrivacyError, match="line 2 does not say whose it is"):
        grouped([("a", 1), (" ", 2)], chance=random.Random(1))


def test_persons_are_drawn_one_by_one() -> None:
    chance = random.Random(4)
    sizes = [len(drawn(range(100), 0.1, chance)) for _ in range(2000)]
    mean = sum(sizes) / len(sizes)
    assert abs(mean - 10) < 0.3
    assert abs(sum((size - mean) ** 2 for size in sizes) / len(sizes) - 9) < 1  # binomial, not a fixed size
