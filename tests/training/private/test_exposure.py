"""Measures of what was given away, on losses that are known."""

from __future__ import annotations

import numpy as np
import pytest

from training.private.exposure import exposure, membership, secrets, strangers


def test_a_secret_that_comes_first_is_exposed_as_far_as_can_be_seen() -> None:
    found = exposure([0.1, 5.0], [[1.0] * 255, [1.0] * 255])
    assert found.bits == (8.0, 0.0)
    assert found.most == 8.0
    assert found.given_away == 1


def test_by_chance_exposure_is_about_one_and_a_half_bits() -> None:
    chance = np.random.default_rng(3)
    found = exposure(list(chance.random(4000)), list(chance.random((4000, 255))))
    assert abs(found.mean - 1.44) < 0.1


def test_secrets_differ_and_so_do_their_strangers() -> None:
    made = secrets(20, 1)
    assert len({secret.answer for secret in made}) == 20
    assert len({secret.person for secret in made}) == 20
    assert made == secrets(20, 1) != secrets(20, 2)
    others = strangers(made[0], 100, 1)
    assert {other.question for other in others} == {made[0].question}
    assert made[0].answer not in {other.answer for other in others}
    assert all(len(other.answer) == len(made[0].answer) for other in others)


def test_membership_is_chance_for_equals_and_certain_for_what_was_learnt() -> None:
    chance = np.random.default_rng(5)
    same = membership(list(chance.normal(0, 1, 400)), list(chance.normal(0, 1, 400)))
    assert abs(same.auc - 0.5) < 3 * same.error
    assert 0.015 < same.error < 0.025
    assert same.caught < 0.05
    sure = membership([0.0, 0.1], [1.0, 2.0])
    assert (sure.auc, sure.caught, sure.error) == (1.0, 1.0, 0.0)
    assert membership([1.0], [1.0]).auc == 0.5
    with pytest.raises(ValueError, match="not empty"):
        membership([], [1.0])
